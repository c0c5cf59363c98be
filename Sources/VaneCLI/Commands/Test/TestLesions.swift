import ArgumentParser
import Vane
import VaneEvaluation

struct TestLesions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lesions",
        abstract: "Take out each concept's neurons and see whose task suffers: a matrix of concepts.",
        discussion: """
            The neurons that tell a concept best are put at their mean, and every concept's task is measured: how much likelier words of \
            its texts are than words of the others after the first halves of its texts. If concepts have neurons of their own, the \
            diagonal stands out, and as many random neurons do nothing.

              vane test lesions
              vane test lesions sentiment formality --html lesions.html
              vane test lesions --concept joy=happy.txt,sad.txt --concept heat=hot.txt,cold.txt --model MODEL

            Without names the built-in concepts with two sides are taken. Half of the texts choose the neurons, the other half measures.
            """)

    @Argument(help: "Names of concepts of the built-in model.")
    var names: [String] = []

    @Option(
        help: ArgumentHelp(
            "A concept by texts that show it and texts that do not; can be repeated.",
            valueName: "name=file,file"))
    var concept: [ContrastArgument] = []

    @OptionGroup var model: ModelOptions

    @Option(help: ArgumentHelp("Sites of the units; the neurons of all MLPs if not given."))
    var sites: String?

    @Option(
        help: ArgumentHelp("Units to take out for a concept; 1% of all if not given.", valueName: "count"))
    var units: Int?

    @Option(help: "Texts a side of each concept.")
    var count = 120

    @Option(help: "Random lesions.")
    var random = 19

    @Option(help: ArgumentHelp("Seeds all draws.", valueName: "number"))
    var seed: UInt64 = 0

    @OptionGroup var pictures: PictureOptions
    @OptionGroup var display: OutputOptions

    func validate() throws {
        guard names.isEmpty || model.model == nil else {
            throw ValidationError("built-in concepts belong to the built-in model; give texts with --concept")
        }
        guard !concept.isEmpty || model.model == nil else {
            throw ValidationError("give concepts by their texts with --concept NAME=FILE,FILE")
        }
        guard Set(names + concept.map(\.name)).count == names.count + concept.count else {
            throw ValidationError("name each concept once")
        }
        guard (8...10_000).contains(count), (1...1000).contains(random), units.map({ $0 > 0 }) ?? true else {
            throw ValidationError(
                "--count is a number from 8 to 10000, --random one from 1 to 1000, --units one above 0")
        }
    }

    func run() async throws {
        var contrasts: [LesionReport.Contrast] = try concept.map { argument in
            LesionReport.Contrast(
                name: argument.name,
                positive: SelectionWriting.spread(try ExampleFile.texts(path: argument.positive), to: count),
                negative: SelectionWriting.spread(try ExampleFile.texts(path: argument.negative), to: count))
        }
        let known = StarterConcept.all
        let wanted =
            names.isEmpty && concept.isEmpty
            ? known.filter { $0.attribute.values.count == 2 }.map(\.name) : names
        for name in wanted {
            guard let starter = known.first(where: { $0.name == name }) else {
                throw ValidationError(
                    "'\(name)' is no built-in concept; they are \(known.map(\.name).joined(separator: ", "))")
            }
            let examples = try starter.examples(count, seed: 17)
            contrasts.append(
                LesionReport.Contrast(
                    name: name, positive: examples.positive, negative: examples.negative))
        }
        let engine = Engine(try model.load())
        var request = LesionReport.Request(contrasts: contrasts)
        (request.sites, request.units, request.random, request.seed) = (sites, units, random, seed)
        let asked = request
        let bar = ProgressBar()
        defer { bar.finish() }
        let report = try await engine.perform { model in
            try LesionReport(asked, in: model) { bar.update($0, "taking neurons out") }
        }
        bar.finish()
        try pictures.write(page: report.page, chart: { report.map.svg })
        try display.json ? printJSON(report) : print(report.text(Terminal(display.color)))
    }
}

/// `NAME=POSITIVE,NEGATIVE`: a concept by two files.
struct ContrastArgument: ExpressibleByArgument {
    let name: String
    let positive: String
    let negative: String

    init?(argument: String) {
        guard let separator = argument.firstIndex(of: "=") else { return nil }
        let files = argument[argument.index(after: separator)...].split(separator: ",").map(String.init)
        name = String(argument[..<separator])
        guard files.count == 2, !name.isEmpty else { return nil }
        (positive, negative) = (files[0], files[1])
    }
}
