/// Which of a list of tagged things fit a text, looked up instead of filtered.
///
/// Only the attributes that some tag names matter; there is one row for every combination of their values.
struct FittingTable: Sendable {
    /// The attributes that matter, with the number of their values and the step between their rows.
    private var digits: [(index: Int, step: Int)] = []
    private var rows: [[Int]] = []

    init(_ tags: [Tags]) {
        // The values of each attribute and of gender, and one more for neutral.
        let counts = PlantedAttribute.allCases.map { $0.values.count + 1 } + [3]
        var combinations = [Tags()]
        for index in counts.indices where tags.contains(where: { $0[index] != Tags.any }) {
            digits.append((index, combinations.count))
            combinations = (0..<counts[index]).flatMap { value in
                combinations.map { tags in
                    var result = tags
                    result[index] = Int8(value - 1)
                    return result
                }
            }
        }
        rows = combinations.map { values in tags.indices.filter { tags[$0].fits(values) } }
    }

    /// The places in the list, in order, of what goes into a text with the given values.
    func callAsFunction(_ values: Tags) -> [Int] {
        rows[digits.reduce(0) { $0 + $1.step * (Int(values[$1.index]) + 1) }]
    }
}
