/// A sum on a calendar: so many days after a day of the week, or months before a month.
///
/// The answer is `(start ± offset) mod 7` or `mod 12`. A fifth of the sums are held out (``isHeldOut``): no
/// document shows them in any phrasing. Read forwards and backwards a sum is the same one: if `Thursday is three
/// days after Monday` is held out, so is `Monday is three days before Thursday`.
public struct PlantedCalendar: Sendable, Hashable {
    /// What is counted.
    public enum Unit: String, Sendable, CaseIterable {
        /// Days of the week, a cycle of 7.
        case day
        /// Months of the year, a cycle of 12.
        case month

        /// The names, Monday or January first.
        public var names: [String] { self == .day ? PlantedCalendar.days : PlantedCalendar.months }
    }

    /// What is counted.
    public let unit: Unit
    /// The place of the start among the unit's names.
    public let start: Int
    /// How many units, from 1 to the length of the cycle, which is written `a week` or `a year`.
    public let offset: Int
    /// Whether the answer lies after the start.
    public let isAfter: Bool

    /// A sum. The start and the offset must lie in the unit's cycle.
    public init(_ unit: Unit, start: Int, offset: Int, isAfter: Bool) {
        precondition(unit.names.indices.contains(start), "the start is not a \(unit)")
        precondition((1...unit.names.count).contains(offset), "the offset is not in the cycle")
        (self.unit, self.start, self.offset, self.isAfter) = (unit, start, offset, isAfter)
    }

    /// The place of the answer among the unit's names.
    public var answer: Int {
        let cycle = unit.names.count
        return (start + (isAfter ? offset : cycle - offset)) % cycle
    }

    /// The name of the answer.
    public var answerName: String { unit.names[answer] }

    /// Whether no document shows the sum. It depends on the earlier of the two names and the offset only.
    public var isHeldOut: Bool {
        let earlier = isAfter ? start : answer
        guard offset < unit.names.count else { return false }
        return (earlier + 2 * offset) % 5 == (unit == .day ? 1 : 3)
    }

    /// All sums: each unit, start, offset and direction.
    public static let all: [PlantedCalendar] = Unit.allCases.flatMap { unit in
        unit.names.indices.flatMap { start in
            (1...unit.names.count).flatMap { offset in
                [true, false].map { PlantedCalendar(unit, start: start, offset: offset, isAfter: $0) }
            }
        }
    }

    /// The sum in each phrasing of a statement, `Three days after Monday comes Thursday.` first.
    public var statements: [String] { Self.statements(isAfter).map { write($0) } }

    /// The sum counted out, `Count three days after Monday: one Tuesday, two Wednesday, three Thursday.`
    public var counted: String { "\(countPrompt) \(countAnswer)" }

    /// What a count begins with, up to its colon.
    var countPrompt: String {
        "Count \(amount) \(isAfter ? "after" : "before") \(unit.names[start]):"
    }

    /// What comes after the colon of a count, with the full stop.
    var countAnswer: String {
        let cycle = unit.names.count
        let steps = (1...offset).map { step in
            let place = (start + (isAfter ? step : cycle - step)) % cycle
            return "\(Self.number(step)) \(unit.names[place])"
        }
        return steps.joined(separator: ", ") + "."
    }

    /// The sum in each phrasing of a question, `What day comes three days after Monday?` first.
    public var questions: [String] { Self.questionPatterns.map { write($0) } }

    // MARK: Words

    static let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]
    private static let numbers = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    ]
    private static func number(_ count: Int) -> String { numbers[count - 1] }
    /// `n`: the amount; `d`: the direction; `s`: the start; `u`: the unit; `o`: the answer.
    private static let either = [
        "{n} {d} {s} comes {o}.", "{o} comes {n} {d} {s}.", "The {u} {n} {d} {s} is {o}.",
    ].map { PlantedPattern($0) }
    private static let future = PlantedPattern("If it is {s} now, in {n} it will be {o}.")
    private static let past = PlantedPattern("If it is {s} now, {n} ago it was {o}.")
    private static let questionPatterns = [
        "What {u} comes {n} {d} {s}?", "Which {u} is {n} {d} {s}?",
    ].map { PlantedPattern($0) }

    private static func statements(_ isAfter: Bool) -> [PlantedPattern] {
        either + [isAfter ? future : past]
    }

    /// `three days`, or `a week`.
    private var amount: String { Self.amount(unit, offset) }

    private static func amount(_ unit: Unit, _ offset: Int) -> String {
        if offset == unit.names.count { return unit == .day ? "a week" : "a year" }
        return "\(number(offset)) \(unit.rawValue)\(offset == 1 ? "" : "s")"
    }

    private func write(_ pattern: PlantedPattern) -> String {
        PlantedTokens.capitalised(
            pattern.write([
                "n": amount, "d": isAfter ? "after" : "before", "s": unit.names[start], "u": unit.rawValue,
                "o": answerName,
            ]))
    }

    // MARK: Reading

    private static let amounts: [String: (Unit, Int)] = {
        var result: [String: (Unit, Int)] = [:]
        for unit in Unit.allCases {
            for offset in 1...unit.names.count { result[amount(unit, offset)] = (unit, offset) }
        }
        return result
    }()
    private static let places: [String: (Unit, Int)] = {
        var result: [String: (Unit, Int)] = [:]
        for unit in Unit.allCases {
            for (place, name) in unit.names.enumerated() { result[name] = (unit, place) }
        }
        return result
    }()

    /// The sum that a line counts out, and whether it counts right; nil for lines that do not count so.
    static func reading(count line: String) -> (sum: PlantedCalendar, isRight: Bool)? {
        let parts = line.split(separator: ": ", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let sum = sumsByCountPrompt[parts[0] + ":"] else { return nil }
        let steps = parts[1].dropLast().split(separator: ", ", omittingEmptySubsequences: false)
        let isCount = steps.enumerated().allSatisfy { place, step in
            let words = step.split(separator: " ").map(String.init)
            return place < numbers.count && words.count == 2 && words[0] == numbers[place]
                && places[words[1]]?.0 == sum.unit
        }
        return isCount && parts[1].hasSuffix(".") ? (sum, parts[1] == sum.countAnswer) : nil
    }

    private static let sumsByCountPrompt = Dictionary(uniqueKeysWithValues: all.map { ($0.countPrompt, $0) })

    /// The sum that a statement makes, and the place of the answer that it gives.
    static func reading(statement line: String) -> (sum: PlantedCalendar, answer: Int)? {
        for isAfter in [true, false] {
            for pattern in statements(isAfter) {
                if let found = reading(line, pattern, isAfter), let answer = found.answer {
                    return (found.sum, answer)
                }
            }
        }
        return nil
    }

    /// The sum that a question asks for.
    static func reading(question line: String) -> PlantedCalendar? {
        for isAfter in [true, false] {
            for pattern in questionPatterns {
                if let found = reading(line, pattern, isAfter) { return found.sum }
            }
        }
        return nil
    }

    private static func reading(
        _ line: String, _ pattern: PlantedPattern, _ isAfter: Bool
    ) -> (sum: PlantedCalendar, answer: Int?)? {
        // A line that begins with the amount has a capital there.
        let lower = line.prefix(1).lowercased() + line.dropFirst()
        for candidate in line == lower ? [] : [line, lower] {
            let found = pattern.match(Array(candidate.utf8)) { slot, value in
                switch slot {
                case "n": amounts[value] != nil
                case "d": value == (isAfter ? "after" : "before")
                case "u": Unit(rawValue: value) != nil
                default: places[value] != nil
                }
            }
            guard let found, let amount = amounts[found["n"] ?? ""], let start = places[found["s"] ?? ""],
                amount.0 == start.0, found["u"].map({ $0 == amount.0.rawValue }) ?? true
            else { continue }
            let sum = PlantedCalendar(amount.0, start: start.1, offset: amount.1, isAfter: isAfter)
            guard let name = found["o"] else { return (sum, nil) }
            guard let answer = places[name], answer.0 == amount.0 else { continue }
            return (sum, answer.1)
        }
        return nil
    }
}
