import Foundation
import Vane

/// A token with its text and a score.
struct NamedToken: Encodable, Sendable {
    let token: Int
    let text: String
    let score: Double

    init(_ scored: ScoredToken, _ model: LanguageModel) {
        token = scored.token
        text = model.text(ofToken: scored.token)
        score = scored.score
    }
}

/// The texts that an explanation works on.
struct ExplainTexts: Sendable {
    /// Where they come from, in words.
    let source: String
    /// Their tokens, as many as the model takes.
    let tokens: [[Int]]

    /// Those given, or some that the model writes.
    ///
    /// - Throws: `GenerationError`; `EvidenceError` `unusableInputs` when none has two tokens.
    init(_ given: [String]?, _ engine: Engine) async throws {
        let limit = engine.model.network.layout.maximumPositions
        let texts: [[Int]]
        if let given {
            texts = given.map { engine.model.tokenizer.encode($0) }
        } else {
            let requests = (0..<24).map { number in
                GenerationRequest(
                    prompt: engine.model.tokenizer.encode(Self.openings[number % Self.openings.count]),
                    maximumTokens: 24, sampling: SamplingOptions(temperature: 1, seed: UInt64(number)))
            }
            let generations = try await engine.generate(requests)
            texts = zip(requests, generations).map { $0.prompt + $1.tokens }
        }
        tokens = texts.map { Array($0.prefix(limit)) }.filter { $0.count >= 2 }
        guard !tokens.isEmpty else {
            throw EvidenceError(.unusableInputs, "no text has two tokens or more; give some with --texts")
        }
        source = given == nil ? "\(tokens.count) texts that the model wrote" : "\(tokens.count) given texts"
    }

    private static let openings = ["The", "One day,", "I", "In the morning,", "She", "We"]
}

/// A text with the token that a direction responds to most.
struct NamedExample: Encodable, Sendable {
    let before: String
    let token: String
    let after: String
    let value: Double

    init(_ example: ActivatingExamples.Example, _ texts: [[Int]], _ model: LanguageModel) {
        let text = texts[example.text]
        let decode = { (part: ArraySlice<Int>) in model.tokenizer.decode(part, skippingSpecialTokens: false) }
        before = decode(text[max(0, example.position - 12)..<example.position])
        token = model.text(ofToken: text[example.position])
        after = decode(text[(example.position + 1)..<min(text.count, example.position + 7)])
        value = example.value
    }

    func line(_ terminal: Terminal) -> String {
        // A line break is a token like any other; the list has one line an example.
        let flat = { (text: String) in
            terminal.safe(String(text.flatMap { $0.isNewline ? "⏎" : String($0) }))
        }
        return "\(value.text(2))  \(flat(before))\(terminal.bold("[" + flat(token) + "]"))\(flat(after))"
    }
}

extension LanguageModel {
    /// The text of one token.
    func text(ofToken token: Int) -> String { tokenizer.decode([token], skippingSpecialTokens: false) }

    /// The network with what explanations need.
    ///
    /// - Throws: `EvidenceError` `unsupportedNetwork`.
    var inspectable: any DifferentiableNetwork & InspectableNetwork {
        get throws {
            guard let network = network as? any DifferentiableNetwork & InspectableNetwork else {
                throw EvidenceError(
                    .unsupportedNetwork,
                    "\(identity.name) shows neither weights nor gradients to explain with")
            }
            return network
        }
    }
}

extension Terminal {
    /// Tokens in quotes, with nothing that could command the terminal.
    func quoted(_ text: String) -> String { safe(text).debugDescription }

    /// A list of tokens in one line.
    func list(_ tokens: [NamedToken]) -> String { tokens.map { quoted($0.text) }.joined(separator: " ") }
}

extension Double {
    /// A probability: four digits after the point, or two that count where those would be zeros.
    var chance: String { self > 0 && self < 0.001 ? String(format: "%.1e", self) : text(4) }
}
