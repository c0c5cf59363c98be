import ArgumentParser
import Vane

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Make a concept of another tool's vectors, and test it.",
        discussion: """
            Reads control vectors of llama.cpp, repeng and EasySteer (GGUF), layer projections (GLP), IBM's .svec, the safetensors
            of concept-guidance, ds4's .f32, a feature of a SAELens folder, and tensors of PyTorch (nothing in them is run). The
            examples say how good the directions are and how far a target probability reaches:

              vane import happy.gguf --name happiness --positive happy.txt --negative sad.txt --model MODEL
              vane import sae-folder --feature 1234 --name dogs --positive dogs.txt --negative cats.txt --model MODEL

            To apply a file as it is, without examples: vane steer "My day was" --model MODEL --vector happy.gguf=1.5
            """)

    @Argument(help: "The file, or the folder of an autoencoder.", completion: .file())
    var file: String

    @Option(help: ArgumentHelp("The concept's name; the file's if not given.", valueName: "name"))
    var name: String?

    @OptionGroup var reading: VectorOptions
    @OptionGroup var sentences: ExampleOptions
    @OptionGroup var model: ModelOptions

    @OptionGroup var place: ConceptOutput

    @Option(help: ArgumentHelp("Seeds the split and the controls.", valueName: "number"))
    var seed: UInt64 = 0

    @Option(
        help: ArgumentHelp(
            "What stands for a text: mean, last, tokens, or a token's index.", valueName: "how"))
    var pooling: Pooling = LearningOptions().pooling

    @OptionGroup var display: OutputOptions

    private struct Report: Encodable {
        let concept: ConceptReport
        let format: String?
        let notes: [String]
    }

    func validate() throws { try sentences.require() }

    func run() async throws {
        guard sentences.pairsFrom == nil else {
            throw ValidationError("--pairs-from belongs to learn")
        }
        let vectors = try VectorFile(contentsOf: file, options: reading.options())
        let name = name ?? vectors.name
        let path = try place.path(name)
        let set = try sentences.read()
        let engine = Engine(try model.load())
        try vectors.requireFit(engine.model.network.layout)
        let learner = GivenDirections(vectors.vectors, from: vectors.format?.rawValue ?? "file")
        let options = LearningOptions(pooling: pooling, isPaired: sentences.paired, seed: seed)
        let bar = ProgressBar()
        let concept = try await engine.perform { model in
            try ConceptLearner(learner, options).learn(
                name, positive: set.positive.map { model.tokenizer.encode($0) },
                negative: set.negative.map { model.tokenizer.encode($0) }, digest: set.digest,
                at: vectors.sites, in: model.network, model: model.identity
            ) { bar.update($0, $1) }
        }
        bar.finish()
        try concept.write(to: path)
        let report = ConceptReport(concept, file: path)
        var notes = vectors.notes
        if !vectors.furtherVectors.isEmpty {
            notes.append("of several directions a site only the first became the concept")
        }
        if display.json {
            return try printJSON(Report(concept: report, format: vectors.format?.rawValue, notes: notes))
        }
        print(report.text(Terminal(display.color)))
        for note in notes { print("note: \(Terminal(display.color).safe(note))") }
        print("\nwrote \(path)")
    }
}

/// What another tool's file cannot say of itself.
struct VectorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where a vector belongs whose file does not say (PyTorch), such as 'blocks[3].residual'.",
            valueName: "site"))
    var site: String?

    @Option(help: ArgumentHelp("Which feature of an autoencoder to read.", valueName: "index"))
    var feature: Int?

    @Flag(
        help: """
            The control vector is from llama.cpp's own generator: what it calls layer i + 1 was measured after block i.
            """)
    var generated = false

    func options() throws -> VectorReadingOptions {
        var options = VectorReadingOptions()
        if let site {
            guard let place = Site(site) else {
                throw ValidationError("'\(site)' is not a site; write one such as blocks[3].residual")
            }
            options.site = place
        }
        options.feature = feature
        if generated { options.counting = .asMeasured }
        return options
    }
}
