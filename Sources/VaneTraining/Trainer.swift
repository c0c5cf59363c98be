import Foundation
public import VaneTensors

/// Runs a training: steps, clipping, schedule, held-out losses, checkpoints, early stop.
///
/// A run that is killed at any moment and started again with the same checkpoint path goes on from the last
/// checkpoint and ends with the same bytes, because everything a step depends on is its number and the stored
/// state: draw each step's batch from a generator seeded by the step.
public struct Trainer: Sendable {
    /// How to train.
    public struct Options: Sendable {
        /// The rate of each step; its `steps` is the length of the run.
        public var rate: LearningRate
        /// The last step, where the run ends before its schedule does.
        public var lastStep: Int
        /// The optimiser's rule.
        public var rule: Optimiser.Rule
        /// The largest joint norm of the gradients; nil leaves them.
        public var clip: Double?
        /// Where the state is kept; nil keeps none.
        public var checkpoint: String?
        /// Steps between checkpoints.
        public var checkpointEvery: Int
        /// Steps between held-out losses.
        public var evaluateEvery: Int
        /// Ends the run after this many held-out losses without a new best; nil never does.
        public var patience: Int?
        /// Identifies the run in its checkpoints: data, model and options in words of the caller.
        public var run: String

        /// Default options.
        public init(
            rate: LearningRate, lastStep: Int? = nil, rule: Optimiser.Rule = .adamW(), clip: Double? = 1,
            checkpoint: String? = nil,
            checkpointEvery: Int = 100, evaluateEvery: Int = 100, patience: Int? = nil, run: String = ""
        ) {
            self.rate = rate
            self.lastStep = min(lastStep ?? rate.steps, rate.steps)
            self.rule = rule
            self.clip = clip
            self.checkpoint = checkpoint
            self.checkpointEvery = max(1, checkpointEvery)
            self.evaluateEvery = max(1, evaluateEvery)
            self.patience = patience
            self.run = run
        }
    }

    /// What is known after a step.
    public struct Progress: Sendable {
        /// Steps taken, counted from the beginning of the run.
        public let step: Int
        /// Steps of the run.
        public let steps: Int
        /// The step's training loss.
        public let loss: Double
        /// The joint norm of the gradients before clipping.
        public let gradientNorm: Double
        /// The rate of the step.
        public let rate: Double
        /// The last held-out loss, if any.
        public let heldOut: Double?
        /// The most bytes of tensors in use at once during the step: parameters, the optimiser's state,
        /// recorded activations and gradients, and whatever else the process holds.
        public let peakBytes: Int
    }

    /// The options.
    public let options: Options

    /// A trainer.
    public init(_ options: Options) { self.options = options }

    /// Trains from `parameters`, or from the checkpoint if there is one.
    ///
    /// - Parameters:
    ///   - parameters: the parameters to begin with.
    ///   - loss: the loss of a step, a recorded scalar, from the parameters as variables.
    ///   - heldOut: the loss on held-out data.
    ///   - progress: called after each step; an error it throws stops the run.
    /// - Returns: the state at the end.
    /// - Throws: ``TrainingError`` `diverged` or `unusableCheckpoint`; whatever the closures throw. The last
    ///   checkpoint stays.
    public func run(
        _ parameters: [String: Tensor], loss: (_ variables: [String: Tensor], _ step: Int) throws -> Tensor,
        heldOut: (([String: Tensor]) throws -> Double)? = nil, progress: ((Progress) throws -> Void)? = nil
    ) throws -> TrainingState {
        var state = TrainingState(parameters: parameters, rule: options.rule)
        if let path = options.checkpoint, FileManager.default.fileExists(atPath: path) {
            state = try TrainingState(contentsOf: path, run: options.run)
            guard state.parameters.mapValues(\.shape) == parameters.mapValues(\.shape),
                state.optimiser.rule == options.rule,
                [state.optimiser.first, state.optimiser.second].joined().allSatisfy({
                    state.parameters[$0.key]?.shape == $0.value.shape
                })
            else {
                throw TrainingError(
                    .unusableCheckpoint, "\(path) holds other parameters, moments or another rule")
            }
        }
        while state.optimiser.steps < options.lastStep && !isExhausted(state) {
            let step = state.optimiser.steps + 1
            let rate = options.rate.rate(at: step)
            Storage.resetPeak()
            let (value, norm) = try take(step, rate, &state, loss)
            let peakBytes = Storage.peakBytes
            if let heldOut, step % options.evaluateEvery == 0 || step == options.lastStep {
                let loss = try heldOut(state.parameters)
                guard loss.isFinite else {
                    throw TrainingError(
                        .diverged, "step \(step): the held-out loss is \(loss); try a lower rate")
                }
                state.evaluations.append(.init(step: step, loss: loss))
            }
            if let path = options.checkpoint,
                step % options.checkpointEvery == 0 || step == options.lastStep
            {
                try state.write(to: path, run: options.run)
            }
            try progress?(
                Progress(
                    step: step, steps: options.lastStep, loss: value, gradientNorm: norm, rate: rate,
                    heldOut: state.evaluations.last?.loss, peakBytes: peakBytes))
        }
        return state
    }

    private func take(
        _ step: Int, _ rate: Double, _ state: inout TrainingState,
        _ loss: ([String: Tensor], Int) throws -> Tensor
    ) throws -> (loss: Double, norm: Double) {
        let tape = Tape()
        let names = state.parameters.keys.sorted()
        let variables = state.parameters.mapValues { tape.watch($0) }
        let value = try loss(variables, step)
        let slopes = try tape.gradients(of: value, at: names.compactMap { variables[$0] })
        var gradients = Dictionary(uniqueKeysWithValues: zip(names, slopes))
        let norm = Gradients.norm(gradients)
        let number = Double(value.elements[0])
        guard number.isFinite && norm.isFinite else {
            throw TrainingError(
                .diverged,
                "step \(step): the loss is \(number), the gradient's norm \(norm); try a lower rate")
        }
        if let clip = options.clip { gradients = Gradients.clipped(gradients, to: clip, norm: norm) }
        state.parameters = try state.optimiser.step(state.parameters, gradients, rate: rate)
        state.losses.append(number)
        return (number, norm)
    }

    /// Whether the held-out loss has not improved for too long.
    private func isExhausted(_ state: TrainingState) -> Bool {
        guard let patience = options.patience else { return false }
        let losses = state.evaluations.map(\.loss)
        guard let best = losses.indices.min(by: { losses[$0] < losses[$1] }) else { return false }
        return losses.count - 1 - best >= patience
    }
}
