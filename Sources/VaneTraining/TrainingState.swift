import Foundation
public import VaneTensors
import VaneWeights

/// Everything a training run needs to go on: parameters, optimiser and what was measured so far.
public struct TrainingState: Sendable {
    /// The parameters by name.
    public var parameters: [String: Tensor]
    /// The optimiser with its moments.
    public var optimiser: Optimiser
    /// The training loss of each step taken.
    public var losses: [Double] = []
    /// Held-out losses with the step after which they were measured.
    public var evaluations: [Evaluation] = []

    /// A held-out loss.
    public struct Evaluation: Sendable, Hashable, Codable {
        /// The number of steps taken before.
        public let step: Int
        /// The loss.
        public let loss: Double

        /// A held-out loss.
        public init(step: Int, loss: Double) {
            self.step = step
            self.loss = loss
        }
    }

    /// A run that has taken no step.
    public init(parameters: [String: Tensor], rule: Optimiser.Rule) {
        self.parameters = parameters
        optimiser = Optimiser(rule)
    }

    private struct Facts: Codable {
        let run: String
        let rule: Optimiser.Rule
        let steps: Int
        let losses: [Double]
        let evaluations: [Evaluation]
    }

    /// Writes the state to a safetensors file, whole or not at all. `run` identifies what it belongs to.
    ///
    /// - Throws: `WeightsError` `unwritable`.
    public func write(to path: String, run: String) throws {
        var tensors: [String: Tensor] = [:]
        for (prefix, group) in [
            ("parameter.", parameters), ("first.", optimiser.first), ("second.", optimiser.second),
        ] {
            for (name, tensor) in group { tensors[prefix + name] = tensor }
        }
        let facts = Facts(
            run: run, rule: optimiser.rule, steps: optimiser.steps, losses: losses, evaluations: evaluations)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = String(decoding: try encoder.encode(facts), as: UTF8.self)
        try SafetensorsFile.write(tensors, metadata: ["vane.training": json], to: path)
    }

    /// Reads a state written by ``write(to:run:)``.
    ///
    /// - Throws: ``TrainingError`` `unusableCheckpoint` when it belongs to another run or is damaged;
    ///   `WeightsError`.
    public init(contentsOf path: String, run: String) throws {
        let file = try SafetensorsFile(path: path)
        guard let text = file.metadata["vane.training"],
            let facts = try? JSONDecoder().decode(Facts.self, from: Data(text.utf8)),
            facts.steps >= 0, facts.losses.count == facts.steps
        else { throw TrainingError(.unusableCheckpoint, "\(path) is not a training checkpoint") }
        guard facts.run == run else {
            throw TrainingError(
                .unusableCheckpoint,
                "\(path) belongs to another run (\(facts.run.prefix(40))); remove it or name another checkpoint"
            )
        }
        func group(_ prefix: String) throws -> [String: Tensor] {
            var result: [String: Tensor] = [:]
            for name in file.tensorNames where name.hasPrefix(prefix) {
                result[String(name.dropFirst(prefix.count))] = try file.tensor(named: name)?.copied()
            }
            return result
        }
        parameters = try group("parameter.")
        optimiser = Optimiser(
            facts.rule, steps: facts.steps, first: try group("first."), second: try group("second."))
        losses = facts.losses
        evaluations = facts.evaluations
    }
}
