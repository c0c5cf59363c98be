public import VaneSites
public import VaneTensors

/// A stand-in network whose residual streams carry a known direction: at layer `l`, a token of label ±1 gives
/// `h = label · amplitudes[l] · directions[l] + noise`, noise standard normal in every entry.
///
/// A token's label is its parity (odd is positive), so a text of one token is one labelled example. The best
/// any probe can do at layer `l` is `Φ(amplitudes[l])` of the examples right.
public final class PlantedNetwork: SteerableNetwork {
    public let layout: NetworkLayout
    /// The planted unit directions, one a layer.
    public let directions: [[Float]]
    private let amplitudes: [Double]
    private let stretch: [Double]
    private let seed: UInt64

    /// - Parameter stretch: what each entry is multiplied with in the end; nothing if nil.
    public init(amplitudes: [Double], width: Int = 16, stretch: [Double]? = nil, seed: UInt64) {
        layout = NetworkLayout(
            depth: amplitudes.count, width: width, heads: 1, headWidth: width, mlpWidth: width,
            vocabulary: 1 << 20,
            maximumPositions: 64)
        var generator = SeededGenerator(seed: seed, stream: 1000)
        directions = amplitudes.map { _ in generator.unitVector(width: width) }
        self.amplitudes = amplitudes
        self.stretch = stretch ?? [Double](repeating: 1, count: width)
        self.seed = seed
    }

    /// `count` texts of one token each.
    public static func texts(positive: Bool, count: Int) -> [[Int]] {
        (0..<count).map { [2 * $0 + (positive ? 1 : 0)] }
    }

    /// What the model is called and how it is told from others.
    public func identity(fingerprint: String = "planted", tokenizer: String = "parity") -> ModelIdentity {
        ModelIdentity(
            name: "planted", architecture: "stand-in", fingerprint: fingerprint,
            tokenizerFingerprint: tokenizer,
            layout: layout)
    }

    /// The stream after block `layer` at a token.
    public func activation(layer: Int, token: Int) -> [Float] {
        var generator = SeededGenerator(seed: seed, stream: UInt64(layer << 32 | token))
        let signal = (token % 2 == 1 ? 1 : -1) * amplitudes[layer]
        return zip(directions[layer], stretch).map { Float($1 * (signal * Double($0) + generator.normal())) }
    }

    public func makeSequence() -> any SequenceState { State() }

    public func forward(_ batch: [SequenceInput], output: NetworkOutput, through last: Site?) throws
        -> Tensor?
    {
        for input in batch {
            guard let state = input.state as? State else { continue }
            for layer in 0..<layout.depth where input.hooks.has(.residual(layer)) {
                var values = input.tokens.flatMap { activation(layer: layer, token: $0) }
                values.withUnsafeMutableBufferPointer { buffer in
                    guard let base = buffer.baseAddress else { return }
                    input.hooks.run(
                        Activation(
                            site: .residual(layer), base: base, rows: input.tokens.count, width: layout.width,
                            rowStride: layout.width, firstPosition: state.count,
                            promptLength: input.promptLength))
                }
            }
            state.count += input.tokens.count
        }
        return nil
    }

    private final class State: SequenceState, @unchecked Sendable {
        // Sendable: one forward pass at a time holds a state.
        var count = 0
    }
}
