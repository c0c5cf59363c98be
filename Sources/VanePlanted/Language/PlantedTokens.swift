/// Splits sentences into words and punctuation marks and puts them together again.
enum PlantedTokens {
    /// Words (letters, digits, `'`, `-`) and single marks, in order.
    static func split(_ text: some StringProtocol) -> [String] {
        var tokens: [String] = []
        var word: [UInt8] = []
        func isWord(_ byte: UInt8) -> Bool {
            (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
                || byte == 0x27 || byte == 0x2D || byte >= 0x80
        }
        for byte in text.utf8 {
            if isWord(byte) {
                word.append(byte)
                continue
            }
            if !word.isEmpty { tokens.append(String(decoding: word, as: UTF8.self)) }
            word.removeAll(keepingCapacity: true)
            if byte != 0x20 && byte != 0x0A { tokens.append(String(UnicodeScalar(byte))) }
        }
        if !word.isEmpty { tokens.append(String(decoding: word, as: UTF8.self)) }
        return tokens
    }

    static func isMark(_ token: String) -> Bool {
        guard let byte = token.utf8.first, token.utf8.count == 1 else { return false }
        return [0x2C, 0x2E, 0x3F, 0x21, 0x3A, 0x3B].contains(byte)
    }

    /// The tokens as a sentence: spaces between words, none before marks, a capital in front.
    static func join(_ tokens: [String]) -> String {
        var result = ""
        for (i, token) in tokens.enumerated() {
            if i > 0 && !isMark(token) { result += " " }
            result += i == 0 ? capitalised(token) : token
        }
        return result
    }

    static func capitalised(_ token: String) -> String {
        token.prefix(1).uppercased() + token.dropFirst()
    }
}
