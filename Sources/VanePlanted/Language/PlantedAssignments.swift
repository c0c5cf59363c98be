#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Every choice of values for the attributes and the gender of the main character, and what tags weigh in each.
struct PlantedAssignments: Sendable {
    /// The values of each assignment.
    let values: [Tags]
    /// The natural logarithm of the probability of each assignment before anything is read.
    let logPriors: [Double]
    /// For each set of attributes in use, the cell of a table that each assignment falls into.
    private(set) var cells: [[Int32]] = []
    private var projections: [UInt8: Int] = [:]

    /// Each attribute has its values, and neutral where it can be; all are equally likely. The main character
    /// has a gender, evenly, where the person is the third.
    init() {
        var all: [(Tags, Double)] = [(Tags(), 0)]
        for attribute in PlantedAttribute.allCases {
            let choices =
                (attribute.canBeNeutral ? [Tags.neutral] : []) + attribute.values.indices.map { Int8($0) }
            all = all.flatMap { tags, prior in
                choices.map { choice in
                    var tags = tags
                    tags[attribute.index] = choice
                    return (tags, prior - log(Double(choices.count)))
                }
            }
        }
        let third = PlantedAttribute.person.values.firstIndex(of: "third").map { Int8($0) }
        all = all.flatMap { tags, prior in
            let choices = tags[PlantedAttribute.person.index] == third ? [Int8(0), 1] : [Tags.neutral]
            return choices.map { choice in
                var tags = tags
                tags[Tags.gender] = choice
                return (tags, prior - log(Double(choices.count)))
            }
        }
        values = all.map(\.0)
        logPriors = all.map(\.1)
    }

    /// The values of an attribute (or of the gender) as digits from 0, neutral first.
    private static let digits: [Int] = {
        var digits = [Int](repeating: 3, count: 8)
        for attribute in PlantedAttribute.allCases { digits[attribute.index] = attribute.values.count + 1 }
        return digits
    }()

    /// The attributes in use: one bit each.
    private static func mask(_ tags: [Tags]) -> UInt8 {
        (0..<8).reduce(0) { mask, index in
            tags.contains { $0[index] != Tags.any } ? mask | 1 << UInt8(index) : mask
        }
    }

    private mutating func projection(_ mask: UInt8) -> Int {
        if let known = projections[mask] { return known }
        cells.append(
            values.map { tags in
                var cell = 0
                for index in 0..<8 where mask >> UInt8(index) & 1 == 1 {
                    cell = cell * Self.digits[index] + Int(tags[index]) + 1
                }
                return Int32(cell)
            })
        projections[mask] = cells.count - 1
        return cells.count - 1
    }

    /// What each of some items weighs in each assignment:
    /// `(1 - noise) [the item fits] / (items that fit) + noise / (all items)`.
    mutating func table(of items: [Tags], noise: Double) -> PlantedTable {
        let mask = Self.mask(items)
        let projection = projection(mask)
        var patterns: [Tags] = []
        var counts: [Int] = []
        var pattern: [Int] = []
        for tags in items {
            let known = patterns.firstIndex(of: tags)
            pattern.append(known ?? patterns.count)
            if let known {
                counts[known] += 1
            } else {
                patterns.append(tags)
                counts.append(1)
            }
        }
        let indices = (0..<8).filter { mask >> UInt8($0) & 1 == 1 }
        let size = indices.reduce(1) { $0 * Self.digits[$1] }
        var weights = [Double](repeating: noise / Double(max(items.count, 1)), count: patterns.count * size)
        for cell in 0..<size {
            var values = Tags()
            var rest = cell
            for index in indices.reversed() {
                values[index] = Int8(rest % Self.digits[index] - 1)
                rest /= Self.digits[index]
            }
            let fitting = patterns.indices.filter { patterns[$0].fits(values) }
            let number = fitting.reduce(0) { $0 + counts[$1] }
            for i in fitting { weights[i * size + cell] += (1 - noise) / Double(number) }
        }
        return PlantedTable(projection: projection, size: size, pattern: pattern, weights: weights)
    }
}

/// What each item of a list weighs in each cell of a projection of the assignments.
struct PlantedTable: Sendable {
    let projection: Int
    fileprivate let size: Int
    fileprivate let pattern: [Int]
    fileprivate let weights: [Double]

    /// The sum of what some items weigh, `[cells]`.
    func row(_ items: [Int]) -> [Double] {
        var row = Array(weights[pattern[items[0]] * size..<(pattern[items[0]] + 1) * size])
        for item in items.dropFirst() {
            let start = pattern[item] * size
            for i in row.indices { row[i] += weights[start + i] }
        }
        return row
    }
}
