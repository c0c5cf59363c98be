import ArgumentParser
import Foundation
import Vane

struct EvaluateDictionary: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Measure a sparse autoencoder beside its controls.",
        discussion: """
              vane sae eval dictionary --texts other.txt --model MODEL

            Explained variance, active and dead directions, and how much of the next-token loss is recovered when each
            activation is replaced by its reconstruction, of what ablation by zero or by the mean loses. The controls: as
            many random directions, and a dictionary trained in the same way on the same model with weights drawn at
            random. The second is trained on the very texts it is measured on, which favours it.
            """)

    @Argument(help: "The folder of the dictionary.", completion: .directory)
    var folder: String

    @OptionGroup var sentences: DictionaryTexts
    @OptionGroup var model: ModelOptions

    @Flag(inversion: .prefixedNo, help: "Train the control on the model with random weights.")
    var control = true

    @Option(
        help: ArgumentHelp(
            "Activations that the control is trained on; as many as the dictionary, at most 1000000, if not given.",
            valueName: "count"))
    var controlTokens: Int?

    @Option(help: ArgumentHelp("Seeds the controls.", valueName: "number"))
    var seed: UInt64 = 0

    @OptionGroup var display: OutputOptions

    struct Row: Encodable {
        let name: String
        let explained: Double
        let active: Double
        let dead: Double
        let loss: LossRecovered
        let recoveredOfZero: Double
        let recoveredOfMean: Double
    }

    private struct Report: Encodable {
        let folder: String
        let site: Site
        let latents: Int
        let tokens: Int
        let rows: [Row]
        let notes: [String]
    }

    func validate() throws {
        guard controlTokens ?? 1 > 0 else { throw ValidationError("--control-tokens must be positive") }
    }

    func run() async throws {
        let dictionary = try SparseDictionary(folder: folder)
        let model = try model.load()
        let site = try dictionary.requireSite(in: model.network.layout)
        let texts = try sentences.read(for: model)
        let random = try dictionary.withRandomDirections(seed: seed)
        let bar = ProgressBar()
        Interruption.watch()
        var notes: [String] = []
        let record = TrainingRecord(folder: folder)
        if control && record == nil {
            notes.append(
                "no training.json says how the dictionary was trained, so there is no control on random weights"
            )
        }
        let repeated = control ? record : nil
        let (folder, seed, limit) = (self.model.model, seed, controlTokens)
        let rows = try await Engine(model).perform { model in
            var rows = [
                try EvaluateDictionary.row("dictionary", dictionary, texts, model.network, bar),
                try EvaluateDictionary.row("random directions", random, texts, model.network, bar),
            ]
            if let repeated {
                let network = try EvaluateDictionary.randomised(folder, seed: seed)
                var options = repeated.options
                let tokens = limit ?? min(options.rate.steps * options.batch, 1_000_000)
                options = SparseTrainer.Options(
                    kind: options.kind, latents: options.latents, k: options.k,
                    steps: max(1, (tokens + options.batch - 1) / options.batch), batch: options.batch,
                    peak: options.rate.peak, seed: options.seed)
                let source = try MemoryActivations(texts, at: site, in: network)
                let control = try SparseTrainer(options).train(on: source, site: site) { step in
                    bar.update(
                        Double(step.step) / Double(step.steps), "control: step \(step.step) of \(step.steps)")
                    try Interruption.check()
                }
                rows.append(try EvaluateDictionary.row("random weights", control, texts, network, bar))
            }
            return rows
        }
        bar.finish()
        let report = Report(
            folder: self.folder, site: site, latents: dictionary.latents,
            tokens: texts.reduce(0) { $0 + $1.count }, rows: rows, notes: notes)
        if display.json { return try printJSON(report) }
        var table = TextTable([
            "", "explained", "active", "dead", "loss", "replaced", "zero", "mean", "of zero", "of mean",
        ])
        for row in rows {
            table.add([
                row.name, "\((100 * row.explained).text(1))%", row.active.text(1),
                "\((100 * row.dead).text(1))%", row.loss.clean.text(3), row.loss.replaced.text(3),
                row.loss.zero.text(3), row.loss.mean.text(3), row.recoveredOfZero.text(3),
                row.recoveredOfMean.text(3),
            ])
        }
        print(
            "\(report.latents) directions of \(site), \(report.tokens) tokens; loss in nats a token, then the part of it "
                + "recovered\n")
        print(table.lines.joined(separator: "\n"))
        for note in notes { print("note: \(note)") }
    }

    private static func row(
        _ name: String, _ dictionary: SparseDictionary, _ texts: [[Int]], _ network: any SteerableNetwork,
        _ bar: ProgressBar
    ) throws -> Row {
        let activity = try DictionaryActivity(of: dictionary, on: texts, in: network, places: 0) {
            bar.update($0, "\(name): activations")
            try Interruption.check()
        }
        let loss = try LossRecovered(of: dictionary, mean: activity.mean, on: texts, in: network) {
            bar.update($0, "\(name): loss")
            try Interruption.check()
        }
        return Row(
            name: name, explained: activity.explained, active: activity.active, dead: activity.dead,
            loss: loss,
            recoveredOfZero: loss.ofZero, recoveredOfMean: loss.ofMean)
    }

    /// The network of a folder, or the built-in one, with random weights.
    private static func randomised(_ folder: String?, seed: UInt64) throws -> any SteerableNetwork {
        func load(_ folder: String) throws -> any SteerableNetwork {
            try Registry.load(
                configuration: ModelConfiguration(folder: folder),
                checkpoint: RandomisedCheckpoint(FolderCheckpoint(folder: folder), seed: seed))
        }
        if let folder { return try load(folder) }
        let place = FileManager.default.temporaryDirectory.appendingPathComponent(
            "vane-\(ProcessInfo.processInfo.globallyUniqueString)"
        ).path
        defer { try? FileManager.default.removeItem(atPath: place) }
        try DefaultModel.write(to: place)
        return try load(place)
    }
}
