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
              vane test importance sentiment formality past --token lovely --against awful
              vane test importance sentiment --relative politeness certainty --token lovely --against awful
              vane test importance joy --positive happy.txt --negative sad.txt --token happy --against sad --texts prompts.txt
              vane test importance joy --positive happy.txt --random other.txt --model MODEL --token happy --runs 500
              vane test importance joy.vane --random other.txt --model MODEL --token happy --texts prompts.txt

            Several concepts are corrected together, over concepts and sites. Without --random the concept's negative examples are what \
            it is told from; with --relative those are the examples of other concepts, which leaves out what they share. Inputs are \
            --prompt or --texts; if none are given, the first halves of negative examples that then take no other part. Of more than \
            300 examples or 2000 others a sample is taken. A concept file holds directions and no examples: they are compared with \
            directions between random texts.
            """)

    @Argument(
        help:
            "The concept's name, one of the built-in model's needs no examples; or a concept file. Several go together.",
        completion: .file(extensions: ["vane"]))
    var names: [String]

    @Option(help: ArgumentHelp("Examples that show the concept.", valueName: "file"), completion: .file())
    var positive: String?

    @Option(help: ArgumentHelp("Examples that do not.", valueName: "file"), completion: .file())
    var negative: String?

    @Option(
        help: ArgumentHelp("Texts of all kinds, to draw random sets from.", valueName: "file"),
        completion: .file())
    var random: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Tell the concept from these others instead: files of their examples, or names of built-in concepts.",
            valueName: "concept"))
    var relative: [String] = []

    @OptionGroup var model: ModelOptions
    @OptionGroup var prediction: PredictionOptions

    @Option(help: ArgumentHelp("Sites such as 'blocks[2..<6].residual'; all residual streams if not given."))
    var sites: String?

    @Option(help: "How vectors are fitted: ridge, logistic or mean-difference.")
    var solver: TCAV.Solver = .ridge

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
        try prediction.objective.require()
        guard runs >= 2, permutations ?? 19 >= 19, level > 0, level < 1 else {
            throw ValidationError(
                "--runs is at least 2, --permutations at least 19 and --level between 0 and 1")
        }
        guard !names.isEmpty, Set(names).count == names.count else {
            throw ValidationError("name each concept once")
        }
        guard positive == nil || names.count == 1 else {
            throw ValidationError("--positive gives the examples of one concept, not of \(names.count)")
        }
        guard negative == nil || positive != nil, random == nil || positive != nil || isFile else {
            throw ValidationError(
                "--negative and --random go with --positive, --random with a concept file too")
        }
        guard isFile || positive != nil || !names.contains(where: Self.isFile) else {
            throw ValidationError("concept files and built-in concepts cannot be tested together")
        }
        guard !isFile || (permutations == nil && relative.isEmpty) else {
            throw ValidationError(
                "--permutations and --relative need examples; a concept file has none, it is compared with --runs random "
                    + "directions")
        }
        guard !isFile || (pictures.html == nil && pictures.svg == nil) else {
            throw ValidationError("--html and --svg draw tests of examples, not of a concept file")
        }
        guard positive == nil || negative != nil || random != nil || !relative.isEmpty else {
            throw ValidationError("--positive needs --negative, --random or --relative to be told from")
        }
    }

    /// Whether the directions of concept files are tested.
    var isFile: Bool { positive == nil && names.allSatisfy(Self.isFile) }

    private static func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }

    func run() async throws {
        if isFile { return try await testDirections() }
        let sets = try names.map { try examples($0) }
        let engine = Engine(try model.load())
        let objective = try prediction.objective.objective(in: engine.model)
        let bar = ProgressBar()
        defer { bar.finish() }
        var tests: [TCAV] = []
        let count = Double(sets.count)
        for (number, set) in sets.enumerated() {
            tests.append(
                try await test(set, objective, engine) { bar.update((Double(number) + $0) / count, $1) })
        }
        bar.finish()
        let reports = zip(names, TCAV.corrected(together: tests)).map { name, test in
            ImportanceReport(
                concept: name, tokens: prediction.objective.token, against: prediction.objective.against,
                relative: relative, test: test)
        }
        let terminal = Terminal(display.color)
        if reports.count == 1, let report = reports.first {
            try pictures.write(page: report.page, chart: { report.chart.svg })
            return try display.json ? printJSON(report) : print(report.text(terminal))
        }
        let all = SeveralImportances(concepts: reports)
        try pictures.write(page: all.page, chart: { all.map.svg })
        try display.json ? printJSON(all) : print(all.text(terminal))
    }

    private func test(
        _ set: Sets, _ objective: Objective, _ engine: Engine,
        progress: @escaping @Sendable (Double, String) -> Void
    ) async throws -> TCAV {
        let selector = sites
        let (seed, runs, permutations, level, solver) = (seed, runs, permutations ?? 1999, level, solver)
        return try await engine.perform { model in
            guard let network = model.network as? any DifferentiableNetwork else {
                throw ValidationError("\(model.identity.name) has no gradients, which this test needs")
            }
            let places =
                try selector.map { try SiteSelector($0).sites(in: network.layout) }
                ?? (0..<network.layout.depth).map(Site.residual)
            progress(0, "taking gradients")
            let inputs = model.tokens(of: set.inputs)
            let gradients = try OutputGradients(
                of: objective, inputs, at: places, in: network, keeping: .sum
            ) { progress(0.2 * Double($0) / Double(max(inputs.count, 1)), "taking gradients") }
            progress(0.2, "reading examples")
            let shown = try Harvest(
                model.tokens(of: set.concept), at: places, in: network, pooling: .mean)
            let hidden = try Harvest(
                model.tokens(of: set.random), at: places, in: network, pooling: .mean)
            // A random set is as large as half of what there is to draw from, at most as the concept.
            let size = min(shown.rows.count, hidden.rows.count / 2)
            return try TCAV(
                gradients: gradients.gradients, concept: shown.activations, random: hidden.activations,
                options: TCAV.Options(
                    runs: runs, permutations: permutations, randomSize: size, solver: solver, level: level,
                    seed: seed)
            ) { progress(0.3 + 0.7 * $0, "\(runs) runs a site") }
        }
    }
}
