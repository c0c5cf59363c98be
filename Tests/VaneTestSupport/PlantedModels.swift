import Foundation
import Synchronization
import VaneModels
public import VaneSites
public import VaneTensors

/// Fixture networks and what tests put around them.
public enum PlantedModels: String, CaseIterable, Sendable {
    case gpt2 = "gpt2"
    case gptNeo = "gpt-neo"
    case llama = "llama"

    /// The fixture's folder.
    public var folder: String { Fixtures.url("models/\(rawValue)").path }

    /// The network alone, without tokenizer.
    public func network() throws -> any SteerableNetwork { try Registry.load(folder: folder) }
}

/// Logits of the last token of `tokens` under `hooks`.
public func lastLogits(
    _ network: any SteerableNetwork, _ tokens: [Int], _ hooks: Hooks = Hooks(), promptLength: Int? = nil
) throws -> [Float] {
    let input = SequenceInput(
        state: network.makeSequence(), tokens: tokens, hooks: hooks,
        promptLength: promptLength ?? tokens.count)
    return try network.forward([input], output: .lastLogits, through: nil)?.elements ?? []
}

/// Keeps every row it reads.
public final class PlantedRecorder: Tap {
    private let kept = Mutex<[[Float]]>([])

    public init() {}

    /// The rows so far, in the order they came.
    public var rows: [[Float]] { kept.withLock { $0 } }

    public func read(_ activation: Activation) {
        for row in 0..<activation.rows {
            let values = Array(activation[row])
            kept.withLock { $0.append(values) }
        }
    }
}

/// A network that shows its activations but ignores every edit: the control of "an edit reaches the output".
public final class PlantedDeafNetwork: SteerableNetwork {
    private let inner: any SteerableNetwork
    public var layout: NetworkLayout { inner.layout }

    public init(_ inner: any SteerableNetwork) { self.inner = inner }

    public func makeSequence() -> any SequenceState { inner.makeSequence() }

    public func forward(_ batch: [SequenceInput], output: NetworkOutput, through last: Site?) throws
        -> Tensor?
    {
        let deaf = batch.map {
            SequenceInput(state: $0.state, tokens: $0.tokens, promptLength: $0.promptLength)
        }
        return try inner.forward(deaf, output: output, through: last)
    }
}
