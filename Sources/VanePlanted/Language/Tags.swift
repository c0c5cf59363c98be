/// Which attribute values a word needs: one entry per attribute, and one for the gender of the main character.
struct Tags: Equatable, Sendable {
    /// The word goes with every value.
    static let any: Int8 = -2
    /// The word goes only with texts in which the attribute is not planted.
    static let neutral: Int8 = -1
    static let gender = 7

    private var storage: SIMD8<Int8> = .init(repeating: Tags.any)

    subscript(index: Int) -> Int8 {
        get { storage[index] }
        set { storage[index] = newValue }
    }

    /// Reads `name=value` pairs separated by spaces; `-` stands for neutral.
    init(_ text: String = "") {
        for pair in text.split(separator: " " as Character) {
            let parts = pair.split(separator: "=" as Character).map { String($0) }
            precondition(parts.count == 2, "malformed tag \(pair)")
            if parts[0] == "gender" {
                storage[Tags.gender] = parts[1] == "f" ? 0 : 1
                continue
            }
            guard let attribute = PlantedAttribute(rawValue: parts[0]) else {
                preconditionFailure("unknown attribute \(pair)")
            }
            if parts[1] == "-" {
                storage[attribute.index] = Tags.neutral
            } else if let value = attribute.values.firstIndex(of: parts[1]) {
                storage[attribute.index] = Int8(value)
            } else {
                preconditionFailure("unknown value \(pair)")
            }
        }
    }

    /// These tags with `others` on top.
    func adding(_ others: Tags) -> Tags {
        var result = self
        result.storage.replace(with: others.storage, where: others.storage .!= Tags.any)
        return result
    }

    /// Whether a word with these tags goes into a text with the given values.
    func fits(_ values: Tags) -> Bool {
        all((storage .== Tags.any) .| (storage .== values.storage))
    }

    /// The agreement features (tense, person, gender) as sets: three bits, two bits, two bits.
    var agreement: UInt8 {
        func bits(_ index: Int, _ count: UInt8, _ shift: UInt8) -> UInt8 {
            (storage[index] < 0 ? (1 << count) - 1 : 1 << UInt8(storage[index])) << shift
        }
        return bits(PlantedAttribute.tense.index, 3, 0) | bits(PlantedAttribute.person.index, 2, 3)
            | bits(Tags.gender, 2, 5)
    }

    /// Whether each of the three features of an intersection of agreement sets has a value left.
    static func agrees(_ set: UInt8) -> Bool {
        set & 0b111 != 0 && set & 0b11000 != 0 && set & 0b1100000 != 0
    }
}
