/// The classes that GPT-2's pattern tells apart.
enum CharacterClass: UInt8 {
    case letter, number, space, other

    init(_ scalar: UInt32) {
        if scalar < 0x1_0000 {
            self = Self.plane[Int(scalar)]
        } else {
            self.init(property: scalar)
        }
    }

    /// All of the basic plane, so that running text needs no property search.
    private static let plane: [CharacterClass] = (0..<0x1_0000 as Range<UInt32>).map { .init(property: $0) }

    private init(property value: UInt32) {
        guard let properties = Unicode.Scalar(value)?.properties else {
            self = .other
            return
        }
        if properties.isWhitespace {
            self = .space
            return
        }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            self = .letter
        case .decimalNumber, .letterNumber, .otherNumber: self = .number
        default: self = .other
        }
    }
}
