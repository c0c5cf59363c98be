import ArgumentParser
import Foundation
import Vane

/// Words that the choice of each next token is guided to.
struct GuideOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Also guide each next token to words: of the likeliest tokens that --top-p, --top-k and --min-p leave, the one is "
                + "written that is nearest to the words and leads nearest to them. Words with commas between them, or a file with "
                + "one a line. Nothing is drawn at random then.",
            valueName: "words|file"))
    var guideWords: String?

    @Option(help: ArgumentHelp("With --guide-words: words of the opposite.", valueName: "words|file"))
    var guideAgainst: String?

    @Option(
        help: ArgumentHelp(
            "With --guide-words: how many of the likeliest tokens are tried (default: 4); each costs a pass.",
            valueName: "count"))
    var guideCandidates: Int?

    /// Whether there is one.
    var isGiven: Bool { guideWords != nil }

    func validate() throws {
        guard isGiven || (guideAgainst == nil && guideCandidates == nil) else {
            throw ValidationError("--guide-against and --guide-candidates belong to --guide-words")
        }
        guard guideCandidates.map({ (1...256).contains($0) }) ?? true else {
            throw ValidationError("--guide-candidates must lie between 1 and 256")
        }
    }

    /// The guidance with its words; nil if none is asked for.
    ///
    /// - Throws: `ValidationError` for no word; errors of reading a file; as `Engine.frameProbe`.
    func guide(for engine: Engine) async throws -> Guide? {
        guard let guideWords else { return nil }
        let words = try list(guideWords, "--guide-words")
        let others = try guideAgainst.map { try list($0, "--guide-against") } ?? []
        return Guide(
            words: words, against: others, candidates: guideCandidates ?? 4,
            probe: try await engine.frameProbe(ofWords: words, against: others))
    }

    private func list(_ argument: String, _ option: String) throws -> [String] {
        let isFile = !argument.contains(",") && FileManager.default.fileExists(atPath: argument)
        let words = isFile ? try ExampleFile.texts(path: argument) : WordOptions.list(argument)
        guard !words.isEmpty else {
            throw ValidationError("\(option) needs words with commas between them, or a file of them")
        }
        return words
    }

    /// Words with their probe.
    struct Guide {
        let words: [String]
        let against: [String]
        let candidates: Int
        let probe: FrameProbe

        var guidance: Guidance { Guidance(to: probe, candidates: candidates) }

        /// The mean frame correlation of what was written after a prompt of `start` tokens, in the model as
        /// it is; NaN if nothing was.
        func correlation(_ tokens: [Int], after start: [Int], in engine: Engine) async throws -> Double {
            guard !tokens.isEmpty else { return .nan }
            let probe = probe
            let all = try await engine.perform {
                try probe.correlations(of: [start + tokens], in: $0.network)[0]
            }
            return all.suffix(tokens.count).reduce(0, +) / Double(tokens.count)
        }
    }
}
