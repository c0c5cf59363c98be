import ArgumentParser
import Foundation
import Synchronization
import Vane

struct SAECommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sae", abstract: "Train, measure and look through sparse autoencoders.",
        discussion: """
            A sparse autoencoder is a dictionary of directions, of which each activation uses a few. It is written as a
            SAELens folder; `vane import FOLDER --feature N` makes a concept of a direction.

              vane sae train --texts corpus.txt --at 'blocks[4].residual' --k 16 --output dictionary --model MODEL
              vane sae eval dictionary --texts other.txt --model MODEL
              vane sae show dictionary --texts other.txt --model MODEL
            """,
        subcommands: [TrainDictionary.self, EvaluateDictionary.self, ShowDictionary.self])
}

/// The texts that activations are read of.
struct DictionaryTexts: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Texts, one a line, or .json, .jsonl; long ones are cut in pieces.", valueName: "file"),
        completion: .file())
    var texts: String

    /// The texts as tokens, cut into pieces that the model can take.
    ///
    /// - Throws: `ConceptError` for a file that cannot be read; `EvidenceError` `unusableInputs` for no texts.
    func read(for model: LanguageModel) throws -> [[Int]] {
        let limit = max(1, model.network.layout.maximumPositions)
        let pieces = try ExampleFile.texts(path: texts).flatMap { text in
            let tokens = model.tokenizer.encode(text)
            return stride(from: 0, to: tokens.count, by: limit).map {
                Array(tokens[$0..<min(tokens.count, $0 + limit)])
            }
        }
        guard !pieces.isEmpty else { throw ValidationError("\(texts) holds no text") }
        return pieces
    }
}

/// Stops long work at Ctrl-C where it can go on later; a second Ctrl-C ends the process at once.
enum Interruption {
    /// Watches for Ctrl-C from now on.
    static func watch() {
        isAsked.store(false, ordering: .relaxed)
        signal(SIGINT) { _ in
            Interruption.isAsked.store(true, ordering: .relaxed)
            signal(SIGINT, SIG_DFL)
        }
    }

    /// - Throws: `CancellationError` once Ctrl-C was pressed.
    static func check() throws {
        if isAsked.load(ordering: .relaxed) { throw CancellationError() }
    }

    private static let isAsked = Atomic(false)
}

/// How a dictionary was trained, beside its weights: what the control repeats.
struct TrainingRecord: Codable {
    let options: SparseTrainer.Options
    let rows: Int
    let texts: String
    let model: String
    let vaneVersion: String

    static func path(_ folder: String) -> String { folder + "/training.json" }

    func write(to folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try encoder.encode(self).write(
                to: URL(fileURLWithPath: TrainingRecord.path(folder)), options: .atomic)
        } catch {
            throw WeightsError(
                .unwritable, "cannot write \(TrainingRecord.path(folder)): \(error.localizedDescription)")
        }
    }

    /// The record of a folder; nil where there is none, as in folders of other programs.
    init?(folder: String) {
        guard let data = FileManager.default.contents(atPath: TrainingRecord.path(folder)),
            let record = try? JSONDecoder().decode(TrainingRecord.self, from: data)
        else { return nil }
        self = record
    }

    init(options: SparseTrainer.Options, rows: Int, texts: String, model: String) {
        self.options = options
        self.rows = rows
        self.texts = texts
        self.model = model
        vaneVersion = VaneVersion.current
    }
}
