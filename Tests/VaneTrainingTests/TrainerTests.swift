import Foundation
import Testing
import VaneModels
import VaneTensors
import VaneTestSupport
import VaneTraining
import VaneWeights

@Suite("Training")
struct TrainerTests {
    private struct Killed: Error {}

    /// A task whose answer is known: y = W·x for a planted W, from a new batch each step.
    private func loss(_ variables: [String: Tensor], _ step: Int) throws -> Tensor {
        var generator = SeededGenerator(seed: 4, stream: UInt64(step))
        let x = try Tensor((0..<60).map { _ in Float(generator.normal()) }, shape: [20, 3])
        let classes = (0..<20).map { Int32(x.elements[3 * $0] > x.elements[3 * $0 + 2] ? 1 : 0) }
        let weight = try #require(variables["w"])
        return try x.linear(PackedMatrix(weight), bias: variables["b"]).crossEntropy(classes)
    }

    private func start() throws -> [String: Tensor] {
        ["w": try Tensor([0.1, -0.2, 0.3, 0, 0.2, -0.1], shape: [2, 3]), "b": Tensor(zeros: [2])]
    }

    private func options(_ checkpoint: String? = nil, steps: Int = 60) -> Trainer.Options {
        Trainer.Options(
            rate: LearningRate(peak: 0.05, warmup: 5, steps: steps), checkpoint: checkpoint,
            checkpointEvery: 7,
            evaluateEvery: 10, run: "planted")
    }

    private func bytes(_ state: TrainingState) -> [String: [UInt32]] {
        state.parameters.mapValues { $0.elements.map(\.bitPattern) }
    }

    @Test("finds the planted direction, and the loss falls", .tags(.planted))
    func learns() throws {
        let state = try Trainer(options(steps: 200)).run(start(), loss: loss)
        #expect(state.losses.count == 200 && state.losses[0] > 0.5)
        #expect(state.losses.suffix(20).reduce(0, +) / 20 < 0.3)
        let w = try #require(state.parameters["w"]).elements
        let direction = (0..<3).map { w[3 + $0] - w[$0] }
        let norm = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect((direction[0] - direction[2]) / norm / Float(2).squareRoot() > 0.98, "\(direction)")
    }

    @Test("tells the memory of each step, which holds at least parameters, moments and gradients")
    func memory() throws {
        var peaks: [Int] = []
        let state = try Trainer(options(steps: 5)).run(
            start(), loss: loss, progress: { peaks.append($0.peakBytes) })
        let parameters = state.parameters.values.reduce(0) { $0 + 4 * $1.shape.count }
        #expect(peaks.count == 5 && peaks.allSatisfy { $0 > 4 * parameters }, "\(peaks)")
    }

    @Test(
        "a run killed at any step and started again ends with the same bytes", .tags(.law),
        arguments: [3, 7, 8, 33, 59])
    func resume(step killed: Int) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "vane-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("run.safetensors").path
        let whole = try Trainer(options()).run(start(), loss: loss, heldOut: { try evaluate($0) })
        #expect(throws: Killed.self) {
            try Trainer(options(path)).run(
                start(),
                loss: { variables, step in
                    if step == killed { throw Killed() }
                    return try loss(variables, step)
                }, heldOut: { try evaluate($0) })
        }
        var first: Int?
        let resumed = try Trainer(options(path)).run(
            start(),
            loss: { variables, step in
                first = first ?? step
                return try loss(variables, step)
            }, heldOut: { try evaluate($0) })
        #expect(first == (killed - 1) / 7 * 7 + 1, "it goes on after the last checkpoint")
        #expect(bytes(resumed) == bytes(whole))
        #expect(resumed.losses == whole.losses && resumed.evaluations == whole.evaluations)
    }

    private func evaluate(_ parameters: [String: Tensor]) throws -> Double {
        Double(try loss(parameters, 1_000_000).elements[0])
    }

    @Test("patience ends a run that no longer improves")
    func earlyStop() throws {
        var patient = options()
        patient.patience = 2
        var values = [3.0, 2, 4, 5, 1, 0]
        let state = try Trainer(patient).run(start(), loss: loss, heldOut: { _ in values.removeFirst() })
        #expect(state.optimiser.steps == 40 && state.evaluations.map(\.loss) == [3, 2, 4, 5])
    }

    @Test("a loss that is no number, and another run's checkpoint, are refused")
    func refused() throws {
        let error = #expect(throws: TrainingError.self) {
            try Trainer(options()).run(start()) { variables, step in
                let bad = try Tensor([.nan, 0], shape: [1, 2])
                return try #require(variables["b"]).isRecorded
                    ? bad.adding(try #require(variables["w"]).rows(0..<1).columns(0..<2)).crossEntropy([0])
                    : bad
            }
        }
        #expect(error?.code == .diverged)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("vane-\(UUID().uuidString)")
            .path
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try Trainer(options(path, steps: 8)).run(start(), loss: loss)
        var other = options(path)
        other.run = "another"
        let foreign = #expect(throws: TrainingError.self) { try Trainer(other).run(start(), loss: loss) }
        #expect(foreign?.code == .unusableCheckpoint)
        let shapes = ["w": Tensor(zeros: [2, 2]), "b": Tensor(zeros: [2])]
        #expect(throws: TrainingError.self) { try Trainer(options(path)).run(shapes, loss: loss) }
    }

    @Test(
        "a language model learns a text by heart, through the same code that loads it", .tags(.planted),
        arguments: ["gpt2", "gpt-neo", "llama"])
    func languageModel(name: String) throws {
        let folder = Fixtures.url("models/\(name)").path
        let file = try SafetensorsFile(path: folder + "/model.safetensors")
        var parameters: [String: Tensor] = [:]
        for tensor in file.tensorNames { parameters[tensor] = try file.tensor(named: tensor)?.copied() }
        let objective = LanguageModelLoss(try ModelConfiguration(folder: folder))
        let texts = [[5, 9, 7, 30, 2, 17, 5, 9, 60, 11], [40, 41, 42, 43, 44]]
        let options = Trainer.Options(rate: LearningRate(peak: 0.01, steps: 40, decay: .constant))
        let state = try Trainer(options).run(parameters) { variables, _ in try objective(variables, texts) }
        #expect(state.losses[0] > 3 && state.losses[39] < 0.5, "\(state.losses[0]) to \(state.losses[39])")
    }
}
