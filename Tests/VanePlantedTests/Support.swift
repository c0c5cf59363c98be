import VaneConcepts
import VanePlanted
import VaneSites
import VaneTensors

/// A stand-in network whose residual stream at token `t` is row `t` of a planted world, or after each layer
/// row `t` of its own.
final class PlantedTokens: SteerableNetwork {
    let layout: NetworkLayout
    let rows: Range<Int>
    /// One a layer.
    private let elements: [[Float]]

    init(_ world: PlantedActivations, rows: Range<Int>) {
        layout = NetworkLayout(
            depth: 1, width: world.width, heads: 1, headWidth: world.width, mlpWidth: world.width,
            vocabulary: rows.upperBound, maximumPositions: 8)
        self.rows = rows
        elements = [world.activations(rows).elements]
    }

    /// A network whose stream at token `t` is row `t` of `activations`.
    convenience init(_ activations: [[Double]]) { self.init(layers: [activations]) }

    /// A network whose stream after block `l` at token `t` is row `t` of `layers[l]`.
    init(layers: [[[Double]]]) {
        let width = layers.first?.first?.count ?? 0
        rows = (layers.first ?? []).indices
        layout = NetworkLayout(
            depth: layers.count, width: width, heads: 1, headWidth: width, mlpWidth: width,
            vocabulary: rows.count, maximumPositions: 8)
        elements = layers.map { $0.flatMap { $0.map(Float.init) } }
    }

    var identity: ModelIdentity {
        ModelIdentity(
            name: "planted", architecture: "stand-in", fingerprint: "planted", tokenizerFingerprint: "rows",
            layout: layout)
    }

    func row(_ token: Int, layer: Int = 0) -> ArraySlice<Float> {
        let start = (token - rows.lowerBound) * layout.width
        return elements[layer][start..<start + layout.width]
    }

    func makeSequence() -> any SequenceState { State() }

    func forward(_ batch: [SequenceInput], output: NetworkOutput, through last: Site?) throws -> Tensor? {
        for input in batch {
            guard let state = input.state as? State else { continue }
            for layer in 0..<layout.depth where input.hooks.has(.residual(layer)) {
                var values = input.tokens.flatMap { row($0, layer: layer) }
                values.withUnsafeMutableBufferPointer { buffer in
                    guard let base = buffer.baseAddress else { return }
                    input.hooks.run(
                        Activation(
                            site: .residual(layer), base: base, rows: input.tokens.count,
                            width: layout.width, rowStride: layout.width, firstPosition: state.count,
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

/// A concept learnt on rows of a world, with these labels.
func learn(
    _ world: PlantedActivations, labels: [Bool], isStandardised: Bool = true, resamples: Int = 20,
    seed: UInt64 = 0
) throws -> Concept {
    try learn(
        PlantedTokens(world, rows: 0..<labels.count), labels: labels,
        options: LearningOptions(
            pooling: .last, isStandardised: isStandardised, resamples: resamples, seed: seed))
}

/// A concept learnt on the tokens of a network, with these labels.
func learn(
    _ network: PlantedTokens, labels: [Bool], by learner: any Learner = LogisticCAV(),
    background: Range<Int> = 0..<0,
    options: LearningOptions = LearningOptions(pooling: .last, isStandardised: false, resamples: 20)
) throws -> Concept {
    try ConceptLearner(learner, options).learn(
        "planted", positive: labels.indices.filter { labels[$0] }.map { [$0] },
        negative: labels.indices.filter { !labels[$0] }.map { [$0] }, background: background.map { [$0] },
        digest: "", in: network, model: network.identity)
}

func dot(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }

func cosine(_ a: [Float], _ b: [Float]) -> Double { dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot() }

/// The Pearson correlation of two lists of labels.
func correlation(_ a: [Bool], _ b: [Bool]) -> Double {
    let count = Double(a.count)
    let (p, q) = (Double(a.count { $0 }) / count, Double(b.count { $0 }) / count)
    let both = Double(zip(a, b).count { $0 && $1 }) / count
    return (both - p * q) / (p * (1 - p) * q * (1 - q)).squareRoot()
}
