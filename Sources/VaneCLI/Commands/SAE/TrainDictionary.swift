public import ArgumentParser
import Foundation
public import Vane

struct TrainDictionary: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train a sparse autoencoder on the activations at a site.",
        discussion: """
              vane sae train --texts corpus.txt --at 'blocks[4].residual' --latents 3072 --k 32 --output dictionary

            Activations are read once into the folder, then trained on in shuffled order. Ctrl-C leaves a checkpoint: the
            same command goes on from there, to the same bytes.
            """)

    @OptionGroup var sentences: DictionaryTexts
    @OptionGroup var model: ModelOptions

    @Option(
        name: .customLong("at"), help: ArgumentHelp("Where, such as 'blocks[4].residual'.", valueName: "site")
    )
    var place: String

    @Option(help: ArgumentHelp("Directions; four times the width if not given.", valueName: "count"))
    var latents: Int?

    @Option(help: ArgumentHelp("Directions that an activation uses.", valueName: "count"))
    var k = 32

    @Option(help: ArgumentHelp("How they are chosen: topk, batchtopk or jumprelu.", valueName: "kind"))
    var kind: SparseTrainer.Kind = .topK

    @Option(help: ArgumentHelp("Activations to train on, repeats included.", valueName: "count"))
    var tokens = 1_000_000

    @Option(help: ArgumentHelp("Activations a step.", valueName: "count"))
    var batch = 2048

    @Option(help: ArgumentHelp("The highest rate.", valueName: "number"))
    var rate = 1e-3

    @Option(
        help: ArgumentHelp("How activations are kept: float32, bfloat16 or float16.", valueName: "type"))
    var store: DType = .bfloat16

    @Option(help: ArgumentHelp("Steps between checkpoints.", valueName: "count"))
    var checkpointEvery = 200

    @Option(help: ArgumentHelp("Seeds directions and order.", valueName: "number"))
    var seed: UInt64 = 0

    @Option(name: .shortAndLong, help: ArgumentHelp("The folder to write to.", valueName: "folder"))
    var output: String

    @Flag(help: "Keep the file of activations.")
    var keepActivations = false

    @OptionGroup var display: OutputOptions

    private struct Report: Encodable {
        let folder: String
        let site: Site
        let kind: SparseTrainer.Kind
        let width: Int
        let latents: Int
        let k: Int
        let activations: Int
        let steps: Int
        let unexplained: Double
        let active: Double
        let dead: Int
        let tokensPerSecond: Double?
    }

    func validate() throws {
        guard Site(place) != nil else {
            throw ValidationError("'\(place)' is not a site; write one such as blocks[4].residual")
        }
        guard tokens > 0 && batch > 0 && k > 0 && checkpointEvery > 0 && latents ?? 1 > 0 && rate > 0 else {
            throw ValidationError(
                "--tokens, --batch, --k, --latents, --rate and --checkpoint-every must be positive")
        }
    }

    func run() async throws {
        guard let site = Site(place) else { return }
        try requireWritable(output)
        let model = try model.load()
        let width = try model.network.layout.width(of: site)
        let options = SparseTrainer.Options(
            kind: kind, latents: latents ?? 4 * width, k: k, steps: (tokens + batch - 1) / batch,
            batch: batch,
            peak: rate, seed: seed)
        let trainer = try SparseTrainer(options)
        let texts = try sentences.read(for: model)
        do {
            try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        } catch {
            throw WeightsError(.unwritable, "cannot make the folder \(output): \(error.localizedDescription)")
        }
        let bar = ProgressBar()
        let engine = Engine(model)
        let output = output
        let (store, checkpointEvery) = (store, checkpointEvery)
        Interruption.watch()
        let result: (dictionary: SparseDictionary, rows: Int, last: SparseTrainer.Progress?, speed: Double?)
        do {
            result = try await engine.perform { model in
                try DictionaryWork(
                    folder: output, site: site, store: store, checkpointEvery: checkpointEvery
                ).train(trainer, texts, model) { bar.update($0, $1) }
            }
        } catch is CancellationError {
            bar.finish()
            FileHandle.standardError.write(
                Data("stopped; the same command goes on from the checkpoint in \(output)\n".utf8))
            throw ExitCode(130)
        }
        bar.finish()
        try result.dictionary.write(to: output)
        try TrainingRecord(
            options: options, rows: result.rows, texts: sentences.texts, model: model.identity.name
        ).write(to: output)
        DictionaryWork.clean(output, keepingActivations: keepActivations)
        let report = Report(
            folder: output, site: site, kind: kind, width: width, latents: options.latents, k: k,
            activations: result.rows, steps: options.rate.steps,
            unexplained: result.last?.unexplained ?? .nan,
            active: result.last?.active ?? .nan, dead: result.last?.dead ?? 0, tokensPerSecond: result.speed)
        if display.json { return try printJSON(report) }
        print(
            """
            \(report.latents) directions of \(site), \(kind.rawValue), from \(report.activations) activations in \
            \(report.steps) steps of \(batch)
            unexplained \((100 * report.unexplained).text(1))% of the variance, \(report.active.text(1)) active, \
            \(report.dead) dead\(report.tokensPerSecond.map { ", \($0.text(0)) activations/s" } ?? "")
            wrote \(output)
            """)
    }
}

extension SparseTrainer.Kind: ExpressibleByArgument {}
extension DType: ExpressibleByArgument {}

/// The work of a training in a folder: activations, then steps.
struct DictionaryWork {
    let folder: String
    let site: Site
    var store: DType = .bfloat16
    var checkpointEvery = 200

    private static let activations = "/activations.rows"
    private static let checkpoint = "/checkpoint.safetensors"

    func train(
        _ trainer: SparseTrainer, _ texts: [[Int]], _ model: LanguageModel,
        progress: @escaping (Double, String) -> Void
    ) throws -> (SparseDictionary, Int, SparseTrainer.Progress?, Double?) {
        var hasher = Hasher64()
        for text in texts { hasher.add(text) }
        let run = "\(model.identity.fingerprint) \(site) \(String(hasher.state, radix: 16))"
        let total = texts.reduce(0) { $0 + $1.count }
        let rows = try ActivationStore.harvest(
            texts, at: site, in: model.network, to: folder + DictionaryWork.activations, dtype: store,
            run: run
        ) {
            progress(Double($0) / Double(total), "\($0) of \(total) activations")
            try Interruption.check()
        }
        var last: SparseTrainer.Progress?
        let began = ContinuousClock.now
        var first: Int?
        let dictionary = try trainer.train(
            on: rows, site: site, model: model.identity.name,
            checkpoint: folder + DictionaryWork.checkpoint, checkpointEvery: checkpointEvery, run: run
        ) { step in
            last = step
            first = first ?? step.step
            progress(
                Double(step.step) / Double(step.steps),
                "step \(step.step) of \(step.steps), unexplained \((100 * step.unexplained).text(1))%, "
                    + "\(step.dead) dead")
            try Interruption.check()
        }
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        let speed = last.flatMap { last in
            first.map { Double((last.step - $0 + 1) * trainer.options.batch) / seconds }
        }
        return (dictionary, rows.count, last, speed)
    }

    /// Takes away what only the training needs.
    static func clean(_ folder: String, keepingActivations: Bool) {
        try? FileManager.default.removeItem(atPath: folder + checkpoint)
        if !keepingActivations { try? FileManager.default.removeItem(atPath: folder + activations) }
    }
}

/// FNV-1a over numbers: tells texts apart that a folder is to go on with; no protection against forgery.
private struct Hasher64 {
    private(set) var state: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ numbers: [Int]) {
        for number in [numbers.count] + numbers {
            state = (state ^ UInt64(bitPattern: Int64(number))) &* 0x0000_0100_0000_01B3
        }
    }
}
