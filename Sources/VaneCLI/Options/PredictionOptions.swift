import ArgumentParser
import Vane

/// The words that a tested prediction is about.
struct ObjectiveOptions: ParsableArguments {
    @Option(help: "The word that may become likelier; can be repeated.")
    var token: [String] = []

    @Option(help: "A word it is compared with; can be repeated. All others if not given.")
    var against: [String] = []

    func validate() throws {
        guard (token + against).allSatisfy({ $0.contains { !$0.isWhitespace } }),
            against.isEmpty || !token.isEmpty
        else {
            throw ValidationError("give a word with --token, and with --against if at all")
        }
    }

    /// For commands that cannot do without.
    func require() throws {
        guard !token.isEmpty else {
            throw ValidationError("give a word with --token, and with --against if at all")
        }
    }

    /// The score of the words, each by the first of its tokens as the next one, against others or against
    /// all.
    ///
    /// - Throws: `EvidenceError` `invalidOption` for a word without tokens, or words of both sides that begin
    ///   with the same one.
    func objective(in model: LanguageModel) throws -> Objective {
        let own = try token.map { try model.nextToken($0) }
        let others = try against.map { try model.nextToken($0) }
        if let shared = Set(own).intersection(others).min() {
            throw EvidenceError(
                .invalidOption,
                "--token and --against begin with the same token \(model.text(ofToken: shared))")
        }
        return Objective(own, against: others.isEmpty ? .everything : .tokens(others))
    }

    /// The words as people read them.
    var words: String { ObjectiveOptions.words(token, against: against) }

    static func words(_ token: [String], against: [String]) -> String {
        func list(_ words: [String]) -> String { words.map { "'\($0)'" }.joined(separator: ", ") }
        return list(token) + (against.isEmpty ? "" : " against \(list(against))")
    }
}

/// A tested prediction: its words and the texts it is made after.
struct PredictionOptions: ParsableArguments {
    @OptionGroup var objective: ObjectiveOptions

    @Option(help: "A beginning to ask for the next token after; can be repeated.")
    var prompt: [String] = []

    @Option(
        help: ArgumentHelp("A file of such beginnings, one a line.", valueName: "file"), completion: .file())
    var texts: String?

    /// The beginnings that were given; none if there are none.
    func given() throws -> [String] { try prompt + (texts.map { try promptTexts(path: $0) } ?? []) }
}

extension LanguageModel {
    /// The tokens of some texts, as many as the model takes; texts without tokens are left out.
    func tokens(of texts: [String]) -> [[Int]] {
        texts.map { Array(tokenizer.encode($0).prefix(network.layout.maximumPositions)) }
            .filter { !$0.isEmpty }
    }
}
