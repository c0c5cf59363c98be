/// White space and word characters around an added token.
enum WordBoundary {
    /// Whether a word character stands right before `start` or right after `stop`.
    static func touches(_ text: [UInt8], _ start: Int, _ stop: Int) -> Bool {
        if start > 0, isWord(UTF8Scalar.read(text, UTF8Scalar.start(text, before: start)).value) {
            return true
        }
        return stop < text.count && isWord(UTF8Scalar.read(text, stop).value)
    }

    static func skipSpaceBackward(_ text: [UInt8], from start: Int) -> Int {
        var at = start
        while at > 0 {
            let previous = UTF8Scalar.start(text, before: at)
            if CharacterClass(UTF8Scalar.read(text, previous).value) != .space { break }
            at = previous
        }
        return at
    }

    static func skipSpace(_ text: [UInt8], from start: Int) -> Int {
        var at = start
        while at < text.count {
            let (scalar, next) = UTF8Scalar.read(text, at)
            if CharacterClass(scalar) != .space { break }
            at = next
        }
        return at
    }

    /// `\w` of Unicode Technical Standard 18.
    private static func isWord(_ value: UInt32) -> Bool {
        guard let properties = Unicode.Scalar(value)?.properties else { return false }
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
        default: return properties.isAlphabetic || properties.isJoinControl
        }
    }
}
