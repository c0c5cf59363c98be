import ArgumentParser
import Foundation
import Vane

/// Texts with a concept and texts without it, to test it on.
struct TestMaterial: Sendable {
    /// Texts that show the concept; none are known for a concept file alone.
    var positive: [String] = []
    /// Texts that do not.
    var negative: [String] = []
    /// What follows each of them before the prediction is read.
    var ending = ""
    /// Where they come from, in words.
    var source = ""

    /// Texts that show it, with the ending.
    var shown: [String] { positive.map { $0 + ending } }
    /// Texts that do not, with the ending.
    var hidden: [String] { negative.map { $0 + ending } }
    /// Whether there are any.
    var isEmpty: Bool { positive.isEmpty || negative.isEmpty }
}

/// Where the texts with and without a concept come from.
struct MaterialOptions: ParsableArguments {
    /// What follows an example of the built-in model's language, so that there is something to predict.
    static let ending = " The film was"

    @Option(help: ArgumentHelp("Texts that show the concept.", valueName: "file"), completion: .file())
    var positive: String?

    @Option(help: ArgumentHelp("Texts that do not.", valueName: "file"), completion: .file())
    var negative: String?

    @Option(
        help: ArgumentHelp(
            "What follows each example before the next token is asked for; ' The film was' for the built-in model's own examples.",
            valueName: "text"))
    var ending: String?

    func validate() throws {
        guard (positive == nil) == (negative == nil) else {
            throw ValidationError("--positive and --negative go together")
        }
    }

    /// Texts of the files, or new ones of a built-in concept, which it was not learnt from.
    ///
    /// - Parameters:
    ///   - name: the concept's name, nil where there is none.
    ///   - count: texts a side.
    ///   - model: where the model is.
    /// - Returns: empty material where nothing is known.
    func load(_ name: String?, count: Int, _ model: ModelOptions) throws -> TestMaterial {
        if let positive, let negative {
            return TestMaterial(
                positive: SelectionWriting.spread(try ExampleFile.texts(path: positive), to: count),
                negative: SelectionWriting.spread(try ExampleFile.texts(path: negative), to: count),
                ending: ending ?? "", source: "texts of \(positive) and \(negative)")
        }
        guard model.model == nil, let starter = StarterConcept.all.first(where: { $0.name == name }) else {
            return TestMaterial()
        }
        let examples = try starter.examples(count, seed: 17)
        return TestMaterial(
            positive: examples.positive, negative: examples.negative, ending: ending ?? Self.ending,
            source: "new texts of the built-in model's language")
    }
}

/// Which of a concept's directions is meant.
enum ConceptDirection: String, CaseIterable, Sendable, Encodable, ExpressibleByArgument {
    /// What steering moves along.
    case steering
    /// What the probe reads.
    case probe
    /// From the texts without it to those with it.
    case difference

    func direction(_ layer: Concept.Layer) -> [Float] {
        switch self {
        case .steering: layer.steering.direction
        case .probe: layer.probe.direction
        case .difference: layer.meanDifference
        }
    }
}
