import ArgumentParser
import Foundation
import Vane
import VaneEvaluation

struct TestImportance: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "importance",
        abstract: "Test whether what a model writes next depends on a concept (TCAV).",
        discussion: """
            The concept's examples are told from random texts again and again at every block; the score is the part of the inputs in \
            which moving along that direction makes the token likelier. Permuted labels say what chance does.

              vane test importance sentiment --token lovely --against awful
              vane test importance joy --positive happy.txt --negative sad.txt --token happy --against sad --texts prompts.txt
              vane test importance joy --positive happy.txt --random other.txt --model MODEL --token happy --runs 500
              vane test importance joy.vane --random other.txt --model MODEL --token happy --texts prompts.txt

            Without --random the concept's negative examples are what it is told from. Inputs are --prompt or --texts; if none are given, \
            the first halves of negative examples that then take no other part. Of more than 300 examples or 2000 others a sample is taken. A concept file holds directions and no examples: they \
            are compared with directions between random texts.
            """)

    @Argument(
        help: "The concept's name, one of the built-in model's needs no examples; or a concept file.",
        completion: .file(extensions: ["vane"]))
    var name: String

    @Option(help: ArgumentHelp("Examples that show the concept.", valueName: "file"), completion: .file())
    var positive: String?

    @Option(help: ArgumentHelp("Examples that do not.", valueName: "file"), completion: .file())
    var negative: String?

    @Option(
        help: ArgumentHelp("Texts of all kinds, to draw random sets from.", valueName: "file"),
        completion: .file())
    var random: String?

    @OptionGroup var model: ModelOptions

    @Option(help: "The word that may become likelier; can be repeated.")
    var token: [String]

    @Option(help: "A word it is compared with; can be repeated. All others if not given.")
    var against: [String] = []

    @Option(help: "A beginning to ask for the next token after; can be repeated.")
    var prompt: [String] = []

    @Option(
        help: ArgumentHelp("A file of such beginnings, one a line.", valueName: "file"), completion: .file())
    var texts: String?

    @Option(help: ArgumentHelp("Sites such as 'blocks[2..<6].residual'; all residual streams if not given."))
    var sites: String?

    @Option(help: "Runs against random sets.")
    var runs = 500

    @Option(help: "Permutations of the labels; 1999 if not given.")
    var permutations: Int?

    @Option(help: ArgumentHelp("The level of significance.", valueName: "number"))
    var level = 0.05

    @Option(help: ArgumentHelp("Seeds all draws.", valueName: "number"))
    var seed: UInt64 = 0

    @OptionGroup var pictures: PictureOptions
    @OptionGroup var display: OutputOptions

    func validate() throws {
        guard !token.isEmpty, (token + against).allSatisfy({ $0.contains { !$0.isWhitespace } }) else {
            throw ValidationError("give a word with --token, and with --against if at all")
        }
        guard runs >= 2, permutations ?? 19 >= 19, level > 0, level < 1 else {
            throw ValidationError(
                "--runs is at least 2, --permutations at least 19 and --level between 0 and 1")
        }
        guard negative == nil || positive != nil, random == nil || positive != nil || isFile else {
            throw ValidationError(
                "--negative and --random go with --positive, --random with a concept file too")
        }
        guard !isFile || permutations == nil else {
            throw ValidationError(
                "--permutations shuffles the labels of examples; a concept file has none, it is compared with --runs random directions"
            )
        }
        guard !isFile || (pictures.html == nil && pictures.svg == nil) else {
            throw ValidationError("--html and --svg draw tests of examples, not of a concept file")
        }
        guard positive == nil || negative != nil || random != nil else {
            throw ValidationError("--positive needs --negative or --random to be told from")
        }
    }

    /// Whether a concept file's directions are tested.
    var isFile: Bool {
        var isFolder: ObjCBool = false
        return positive == nil && FileManager.default.fileExists(atPath: name, isDirectory: &isFolder)
            && !isFolder.boolValue
    }

    func run() async throws {
        if isFile { return try await testDirections() }
        let set = try examples()
        let engine = Engine(try model.load())
        let bar = ProgressBar()
        let report = try await report(set, engine) { bar.update($0, $1) }
        bar.finish()
        try pictures.write(page: report.page, chart: { report.chart.svg })
        if display.json { return try printJSON(report) }
        print(report.text(Terminal(display.color)))
    }

    /// What is told from what, and what is asked about.
    private struct Sets {
        var concept: [String]
        var random: [String]
        var inputs: [String]
    }

    private func examples() throws -> Sets {
        var inputs = prompt
        if let texts { inputs += try promptTexts(path: texts) }
        var sets: Sets
        if let positive {
            sets = Sets(
                concept: try ExampleFile.texts(path: positive),
                random: try ExampleFile.texts(path: random ?? negative ?? ""), inputs: inputs)
        } else {
            guard model.model == nil, let starter = StarterConcept.all.first(where: { $0.name == name })
            else {
                throw ValidationError(
                    "'\(name)' needs --positive and --negative or --random; built-in concepts are "
                        + StarterConcept.all.map(\.name).joined(separator: ", "))
            }
            let examples = try starter.examples(200)
            sets = Sets(
                concept: Array(examples.positive.prefix(60)), random: examples.negative, inputs: inputs)
        }
        if sets.inputs.isEmpty {
            // The first half of every fourth text, which then takes no other part.
            let chosen = Set(sets.random.indices.filter { $0 % 4 == 0 }.prefix(60))
            sets.inputs = chosen.sorted().map { number in
                let words = sets.random[number].split(separator: " ")
                return words.prefix(max(1, words.count / 2)).joined(separator: " ")
            }
            sets.random = sets.random.indices.filter { !chosen.contains($0) }.map { sets.random[$0] }
        }
        guard sets.concept.count >= 6, sets.random.count >= 12 else {
            throw ConceptError(
                .unusableExamples,
                "the test takes at least 6 examples and 12 others to tell them from, not \(sets.concept.count) from "
                    + "\(positive ?? name) and \(sets.random.count) from \(random ?? negative ?? name)")
        }
        // A run costs the third power of its examples, the cache the second power of all.
        sets.concept = SelectionWriting.spread(sets.concept, to: 300)
        sets.random = SelectionWriting.spread(sets.random, to: 2000)
        return sets
    }

    private func report(
        _ set: Sets, _ engine: Engine, progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> ImportanceReport {
        let (words, others, selector) = (token, against, sites)
        let (name, seed, runs, permutations, level) = (name, seed, runs, permutations, level)
        return try await engine.perform { model in
            guard let network = model.network as? any DifferentiableNetwork else {
                throw ValidationError("\(model.identity.name) has no gradients, which this test needs")
            }
            let layout = network.layout
            func tokens(_ texts: [String]) -> [[Int]] {
                texts.map { Array(model.tokenizer.encode($0).prefix(layout.maximumPositions)) }
                    .filter { !$0.isEmpty }
            }
            let places =
                try selector.map { try SiteSelector($0).sites(in: layout) }
                ?? (0..<layout.depth).map(Site.residual)
            let objective = try Self.objective(words, against: others, in: model)
            progress(0, "taking gradients")
            let inputs = tokens(set.inputs)
            let gradients = try OutputGradients(
                of: objective, inputs, at: places, in: network, keeping: .sum
            ) { progress(0.2 * Double($0) / Double(max(inputs.count, 1)), "taking gradients") }
            progress(0.2, "reading examples")
            let shown = try Harvest(tokens(set.concept), at: places, in: network, pooling: .mean)
            let hidden = try Harvest(tokens(set.random), at: places, in: network, pooling: .mean)
            // A random set is as large as half of what there is to draw from, at most as the concept.
            let size = min(shown.rows.count, hidden.rows.count / 2)
            let test = try TCAV(
                gradients: gradients.gradients, concept: shown.activations, random: hidden.activations,
                options: TCAV.Options(
                    runs: runs, permutations: permutations ?? 1999, randomSize: size, level: level, seed: seed
                )
            ) { progress(0.3 + 0.7 * $0, "\(runs) runs a site") }
            return ImportanceReport(concept: name, tokens: words, against: others, test: test)
        }
    }
}
