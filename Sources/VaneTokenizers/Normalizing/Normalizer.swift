/// Rewrites text before it is split; each stretch between added tokens on its own.
struct Normalizer: Sendable {
    enum Step: Sendable {
        /// Puts bytes before a stretch that is not empty.
        case prepend([UInt8])
        /// Replaces a literal.
        case replace([UInt8], with: [UInt8])
    }

    let steps: [Step]

    func callAsFunction(_ text: [UInt8]) -> [UInt8] {
        var text = text
        for step in steps {
            switch step {
            case .prepend(let prefix): if !text.isEmpty { text = prefix + text }
            case .replace(let wanted, let content):
                text = ByteReplacement.replace(wanted, with: content, in: text)
            }
        }
        return text
    }
}
