import VaneTensors
import VaneTraining

/// A training run for tests that kill it: `VaneTrainingProbe <checkpoint> <steps>`.
///
/// A planted direction is learnt from batches drawn anew by the step's number. Every parameter, moment and
/// loss is in the checkpoint, so two runs can be compared by its bytes.
let arguments = CommandLine.arguments
guard arguments.count == 3, let steps = Int(arguments[2]) else {
    fatalError("usage: VaneTrainingProbe <checkpoint> <steps>")
}

func random(_ shape: Shape, stream: UInt64) throws -> Tensor {
    var generator = SeededGenerator(seed: 1, stream: stream)
    return try Tensor((0..<shape.count).map { _ in Float(0.2 * generator.normal()) }, shape: shape)
}

let start = ["up": try random([48, 16], stream: 1), "down": try random([2, 48], stream: 2)]
let options = Trainer.Options(
    rate: LearningRate(peak: 0.01, warmup: 5, steps: steps), checkpoint: arguments[1], checkpointEvery: 3,
    evaluateEvery: 10, run: "probe")

func loss(_ variables: [String: Tensor], _ step: Int) throws -> Tensor {
    var draws = SeededGenerator(seed: 2, stream: UInt64(step))
    let x = try Tensor((0..<1600).map { _ in Float(draws.normal()) }, shape: [100, 16])
    let entries = x.elements
    let classes = (0..<100).map { Int32(entries[16 * $0] * entries[16 * $0 + 1] > 0 ? 1 : 0) }
    guard let up = variables["up"], let down = variables["down"] else { fatalError("no parameters") }
    let hidden = try x.linear(PackedMatrix(up)).applying(.gelu)
    return try hidden.linear(PackedMatrix(down)).crossEntropy(classes)
}

_ = try Trainer(options).run(
    start, loss: loss, heldOut: { Double(try loss($0, 1_000_000).elements[0]) })
