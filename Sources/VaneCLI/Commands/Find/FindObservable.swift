import ArgumentParser
import Vane

struct FindObservable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "observable",
        abstract: "The direction that makes one token likelier than another, without examples (row 13).",
        discussion: """
            The network is linearised at the end of each text. The concept is untested: it says what a small move does to the
            two logits, no more.

              vane find observable tense --more " was" --less " is" --text "In the morning, the pie"
              vane steer "The soup" --concept tense.vane=2norm --layers 3..4

            The table holds, a site, the slope (change of the difference of logits for a move of length 1) and what a small
            move measures of it at the first text; then the heads that can move it most by what they copy.
            """)

    @Argument(help: "What to call the concept.")
    var name: String

    @Option(help: ArgumentHelp("The token to raise, with its blank: \" was\".", valueName: "token"))
    var more: String

    @Option(help: ArgumentHelp("The token to lower.", valueName: "token"))
    var less: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Texts at whose ends the network is linearised.", valueName: "text"))
    var text: [String] = []

    @Option(
        help: ArgumentHelp("As --text: texts of a file, one a line.", valueName: "file"),
        completion: .file())
    var texts: String?

    @Option(
        help: ArgumentHelp(
            "Texts that stand for the language, for the scale of the concept; the model writes some if not given.",
            valueName: "file"), completion: .file())
    var background: String?

    @Option(
        help: ArgumentHelp(
            "Sites such as 'blocks[2..<6].residual'; all residual streams but the last if not given."))
    var sites: String?

    @Option(help: ArgumentHelp("Seeds the texts that the model writes.", valueName: "number"))
    var seed: UInt64 = 0

    @OptionGroup var model: ModelOptions
    @OptionGroup var place: ConceptOutput
    @OptionGroup var display: OutputOptions

    private struct Report: Encodable {
        let name: String
        let layers: [FoundObservable.Layer]
        let heads: [FoundObservable.Head]
        let file: String
    }

    func validate() throws {
        guard !text.isEmpty || texts != nil else {
            throw ValidationError("give a text to linearise the network at with --text or --texts")
        }
    }

    func run() async throws {
        let path = try place.path(name)
        let references = try text + (texts.map { try ExampleFile.texts(path: $0) } ?? [])
        let generic = try background.map { try ExampleFile.texts(path: $0) } ?? []
        let selector = try sites.map { try SiteSelector($0) }
        let engine = Engine(try model.load())
        let found = try await engine.observable(
            raising: more, over: less, references: references, at: selector)
        let concept = try await engine.untestedConcept(
            name, directions: found.directions,
            from: "observable: the logit of '\(more)' less that of '\(less)' (row 13)", background: generic,
            caution: ["it says how the logits of two tokens move, not what texts mean"], seed: seed)
        try concept.write(to: path)
        if display.json {
            return try printJSON(
                Report(name: name, layers: found.layers, heads: found.heads, file: path))
        }
        let terminal = Terminal(display.color)
        print("\(terminal.bold(terminal.safe(name))): \(terminal.safe(concept.verdict.sentence))\n")
        var table = TextTable(["site", "slope", "measured"])
        for layer in found.layers {
            table.add([layer.site.description, layer.slope.text(3), layer.agreement.text(2)])
        }
        print(table.lines.joined(separator: "\n"))
        var heads = TextTable(["head", "length of its feature"])
        for head in found.heads.prefix(8) { heads.add([head.site.description, head.length.text(3)]) }
        print("\n" + heads.lines.joined(separator: "\n"))
        print("\nwrote \(path)")
    }
}

struct FindShift: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shift",
        abstract: "What fine-tuning does to the activations of some texts (row 17).",
        discussion: """
            Adding the shift to the model before imitates the tuning. The concept is untested; agreement is 1 where all texts
            move alike, and near the number in the last column where they move at random.

              vane find shift tuning --texts texts.txt --tuned TUNED --model MODEL
              vane steer "My day was" --model MODEL --concept tuning.vane=0.5norm
            """)

    @Argument(help: "What to call the concept.")
    var name: String

    @Option(help: ArgumentHelp("Texts to read, one a line.", valueName: "file"), completion: .file())
    var texts: String

    @Option(
        help: ArgumentHelp("The model after tuning, a Hugging Face folder.", valueName: "folder"),
        completion: .directory)
    var tuned: String

    @Option(help: ArgumentHelp("Sites such as 'blocks[2..<6].residual'; all residual streams if not given."))
    var sites: String?

    @Option(help: "Which activations stand for a text: mean, last, tokens, or the index of one.")
    var pooling: Pooling = .mean

    @OptionGroup var model: ModelOptions
    @OptionGroup var place: ConceptOutput
    @OptionGroup var display: OutputOptions

    private struct Report: Encodable {
        struct Layer: Encodable {
            let site: String
            let length: Double
            let share: Double
            let agreement: Double
            let byChance: Double
        }
        let name: String
        let texts: Int
        let layers: [Layer]
        let file: String
    }

    func run() async throws {
        let path = try place.path(name)
        let texts = try ExampleFile.texts(path: texts)
        let selector = try sites.map { try SiteSelector($0) }
        let engine = Engine(try model.load())
        let other = try LanguageModel(folder: tuned)
        let found = try await engine.shift(to: other, on: texts, pooling: pooling, at: selector)
        let concept = try await engine.untestedConcept(
            name, directions: found.mapValues(\.vector),
            from: "shift to \(other.identity.name) over \(texts.count) texts (row 17)", background: texts,
            caution: ["it is what tuning changed on these texts, whatever else they have in common"])
        try concept.write(to: path)
        let layers = found.sorted { $0.key < $1.key }.map { site, shift in
            let length = shift.vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            let norm = (try? concept.layer(at: site))?.result.typicalNorm ?? .nan
            return Report.Layer(
                site: site.description, length: length, share: length / norm, agreement: shift.agreement,
                byChance: 1 / Double(texts.count).squareRoot())
        }
        if display.json {
            return try printJSON(Report(name: name, texts: texts.count, layers: layers, file: path))
        }
        let terminal = Terminal(display.color)
        print("\(terminal.bold(terminal.safe(name))): \(terminal.safe(concept.verdict.sentence))\n")
        var table = TextTable(["site", "length", "in norms", "agreement", "by chance"])
        for layer in layers {
            table.add([
                layer.site, layer.length.text(3), layer.share.text(3), layer.agreement.text(2),
                layer.byChance.text(2),
            ])
        }
        print(table.lines.joined(separator: "\n"))
        print("\nwrote \(path)")
    }
}
