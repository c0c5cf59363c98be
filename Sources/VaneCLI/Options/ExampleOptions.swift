import ArgumentParser
import Foundation
import Vane

/// Where the example sentences are.
struct ExampleOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Examples that show the concept.", valueName: "file"), completion: .file())
    var positive: String?

    @Option(help: ArgumentHelp("Examples that do not.", valueName: "file"), completion: .file())
    var negative: String?

    @Option(
        help: ArgumentHelp("Labelled examples: .tsv, .csv or .jsonl.", valueName: "file"), completion: .file()
    )
    var examples: String?

    @Flag(
        help: """
            Line i of --positive and line i of --negative belong together: they are held out together, and methods of \
            pairs take their difference.
            """)
    var paired = false

    @Option(help: ArgumentHelp("The column (or JSON key) of the text.", valueName: "name"))
    var textColumn = "text"

    @Option(help: ArgumentHelp("The column (or JSON key) of the label.", valueName: "name"))
    var labelColumn = "label"

    @Option(help: ArgumentHelp("The label that means positive; every other is negative.", valueName: "label"))
    var positiveLabel: String?

    @Option(
        help: ArgumentHelp(
            "Questions with a matching and another answer, JSON lines as in model-written evaluations; read at the answer.",
            valueName: "file"), completion: .file())
    var pairsFrom: String?

    /// Whether the i-th texts of both classes belong together.
    var arePairs: Bool { paired || pairsFrom != nil }

    /// Whether there are any.
    var areGiven: Bool { [positive, negative, examples, pairsFrom].contains { $0 != nil } }

    /// What stands for a text if nothing is said: its end where that is the answer.
    var pooling: Pooling { pairsFrom == nil ? LearningOptions().pooling : .last }

    /// For commands that cannot do without.
    func require() throws {
        guard areGiven else { throw ValidationError("give either --positive and --negative, or --examples") }
    }

    func validate() throws {
        if pairsFrom != nil {
            guard positive == nil, negative == nil, examples == nil, positiveLabel == nil, !paired else {
                throw ValidationError("--pairs-from stands alone: it holds both classes, as pairs")
            }
            return
        }
        let pair = [positive, negative].compactMap { $0 }.count
        guard !areGiven || (examples != nil && pair == 0) || (examples == nil && pair == 2) else {
            throw ValidationError("give either --positive and --negative, or --examples")
        }
        guard positiveLabel == nil || examples != nil else {
            throw ValidationError("--positive-label belongs to --examples; two files need no labels")
        }
        guard !paired || positive != nil else {
            throw ValidationError("--paired belongs to --positive and --negative")
        }
    }

    /// The files' contents, before there is a model.
    func load() throws -> LoadedExamples {
        if let pairsFrom { return .pairs(try AnswerPairs(contentsOf: pairsFrom)) }
        return .sentences(try read())
    }

    /// Reads the sentences.
    func read() throws -> ExampleSet {
        if let examples {
            return try ExampleFile.labelled(
                path: examples,
                columns: ExampleFile.Columns(text: textColumn, label: labelColumn, positive: positiveLabel))
        }
        let positives = try ExampleFile.texts(path: positive ?? "", textKey: textColumn)
        let negatives = try ExampleFile.texts(path: negative ?? "", textKey: textColumn)
        guard paired else { return try ExampleSet(positive: positives, negative: negatives) }
        guard positives.count == negatives.count else {
            throw ConceptError(
                .unusableExamples,
                "\(positive ?? "") has \(positives.count) texts and \(negative ?? "") \(negatives.count); --paired needs as many "
                    + "of both")
        }
        return try ExampleSet(pairs: zip(positives, negatives).map { (positive: $0, negative: $1) })
    }
}

/// Examples that were read, not yet fitted to a model.
enum LoadedExamples {
    case sentences(ExampleSet)
    case pairs(AnswerPairs)

    /// The examples that `model` can take whole where they must be whole, with what should be said about
    /// them.
    func fitted(to model: LanguageModel) throws -> (set: ExampleSet, cautions: [String]) {
        switch self {
        case .sentences(let set): return (set, [])
        case .pairs(let pairs):
            let limit = model.network.layout.maximumPositions
            let kept = try pairs.fitting(limit) { model.tokenizer.encode($0).count }
            let dropped = pairs.pairs.count - kept.pairs.count
            let caution =
                "\(dropped) of \(pairs.pairs.count) pairs are longer than the model's \(limit) tokens and were left out"
            return (try kept.examples(), (dropped > 0 ? [caution] : []) + (kept.imbalance.map { [$0] } ?? []))
        }
    }
}

/// Where a learnt concept goes.
struct ConceptOutput: ParsableArguments {
    @Option(
        name: .shortAndLong, help: ArgumentHelp("Where to write; NAME.vane if not given.", valueName: "file"),
        completion: .file())
    var output: String?

    /// The file for a concept of this name. Refuses a place that cannot be written before the work is done,
    /// not after.
    ///
    /// - Throws: `ValidationError` for a name that is no file name; `WeightsError` `unwritable`.
    func path(_ name: String) throws -> String {
        guard !name.isEmpty, output != nil || !name.contains("/") else {
            throw ValidationError("the name '\(name)' cannot be a file name; give --output")
        }
        let path = output ?? "\(name).vane"
        try requireWritable(path)
        return path
    }
}
