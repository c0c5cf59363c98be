import ArgumentParser
import Foundation
import Vane

struct TrainModel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train the built-in model again: corpus, tokenizer, weights and concepts.",
        discussion: """
              vane models train --output model

            The default recipe is that of the model that is shipped; it takes over an hour on two cores. A run that is stopped
            goes on from its last checkpoint when it is started again with the same recipe and folder.
            """)

    @Option(name: .shortAndLong, help: ArgumentHelp("The folder to write to.", valueName: "folder"))
    var output: String

    @Option(
        help: ArgumentHelp("End each stage after at most so many steps, to try it out.", valueName: "count"))
    var steps: Int?

    @Option(help: ArgumentHelp("Seeds corpus and weights.", valueName: "number"))
    var seed = DefaultModelRecipe().seed

    @Option(help: ArgumentHelp("Steps between checkpoints.", valueName: "count"))
    var checkpointEvery = 200

    @Flag(help: "Print a line every 50 steps instead of a progress bar.")
    var log = false

    func validate() throws {
        guard steps ?? 1 > 0 && checkpointEvery > 0 else {
            throw ValidationError("--steps and --checkpoint-every must be positive")
        }
    }

    func run() async throws {
        do {
            try FileManager.default.createDirectory(
                atPath: output + "/concepts", withIntermediateDirectories: true)
        } catch {
            throw WeightsError(
                .unwritable, "cannot make the folder \(output): \(error.localizedDescription)")
        }
        var recipe = DefaultModelRecipe(seed: seed)
        if let steps {
            for i in recipe.stages.indices {
                recipe.stages[i].lastStep = min(steps, recipe.stages[i].lastStep)
            }
        }
        let bar = ProgressBar()
        let log = log
        let began = ContinuousClock.now
        try recipe.train(into: output, checkpointEvery: checkpointEvery) { stage, progress in
            let losses =
                "loss \(progress.loss.text(3))"
                + (progress.heldOut.map { ", held out \($0.text(3))" } ?? "")
            if log {
                guard progress.step % 50 == 0 || progress.step == progress.steps else { return }
                let seconds = (ContinuousClock.now - began).components.seconds
                print(
                    "stage \(stage), step \(progress.step) of \(progress.steps), \(losses), gradient "
                        + "\(progress.gradientNorm.text(3)), \(progress.peakBytes / 1_000_000) MB, \(seconds) s"
                )
                fflush(nil)
            } else {
                bar.update(
                    Double(progress.step) / Double(progress.steps),
                    "stage \(stage), step \(progress.step) of \(progress.steps), \(losses), "
                        + "\(progress.peakBytes / 1_000_000) MB")
            }
        }
        bar.finish()
        try await LearnStarterConcepts.learn(into: output)
        print("wrote \(output)")
    }
}

struct LearnStarterConcepts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "concepts",
        abstract: "Learn the built-in model's concepts again, for a model folder that `train` wrote.",
        discussion: "  vane models concepts FOLDER")

    @Argument(help: "The folder; the concepts go to concepts/ inside.", completion: .directory)
    var folder: String

    @Option(help: ArgumentHelp("Sentences a side to learn each from.", valueName: "count"))
    var sentences = StarterConcept.sentences

    func validate() throws {
        guard (8...10_000).contains(sentences) else {
            throw ValidationError("--sentences must lie between 8 and 10000")
        }
    }

    func run() async throws { try await Self.learn(into: folder, sentences: sentences) }

    /// Learns every starter concept of the model in `folder`.
    static func learn(into folder: String, sentences: Int = StarterConcept.sentences) async throws {
        let engine = Engine(try DefaultModel.load(folder: folder))
        for starter in StarterConcept.all {
            let concept = try await engine.learn(
                starter.name, from: starter.examples(sentences), steering: StarterConcept.steering
            ).steered(at: StarterConcept.sites)
            try concept.write(to: "\(folder)/concepts/\(starter.name).vane")
            print("\(starter.name): \(concept.verdict.sentence)")
            fflush(nil)
        }
    }
}
