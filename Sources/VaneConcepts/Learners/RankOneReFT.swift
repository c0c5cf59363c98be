import Synchronization
public import VaneSites
import VaneTensors

/// Rank-1 representation fine-tuning, "ReFT-r1": one unit vector that both detects and steers a concept (row
/// 120: AxBench, Wu et al., arXiv 2501.17148).
///
///     a_i = ReLU(h_i · w)                                   detection, for each token i
///     h_i ← h_i + m w,   m = mean of the k largest a_i      edit while training, for every token
///     L   = -1/T Σ log p(x | edited) + λ(t) · mean of the a_i outside the k largest
///
/// over positive and negative texts under frozen weights: positive ones must find the concept in themselves
/// and profit from it, in negative ones `m` must stay small. `λ` rises in a straight line from 0 to
/// ``sparsity``. AdamW with the gradient's part along `w` removed and its norm clipped to 1; `w` is brought
/// back to length 1 after every step.
///
/// The loss does not see the labels: what parts the texts most is found, whatever they are called. So the
/// positive texts must share the concept and nothing else that the negative ones lack.
///
/// The gradients are exact (`G` the sum of the gradients at the edited rows):
/// `∂L/∂w = m G + (G · w) mean_top h_i [a_i > 0] + λ mean_rest h_i [a_i > 0]`.
///
/// The paper starts from equal entries; a random start is offered because an unlucky one sees no `a_i > 0`
/// and stays.
public struct RankOneReFT: Sendable {
    /// Tokens whose mean detection sets the strength, the paper's 8.
    public var top: Int
    /// The last weight of the sparsity term.
    public var sparsity: Double
    /// The learning rate; it falls to 0 in a straight line.
    public var rate: Double
    /// Passes over all texts.
    public var epochs: Int
    /// Texts a step.
    public var batch: Int
    /// First tokens of each text that are neither read nor edited: 1 or a common prefix. The first token can
    /// be so long that it would detect everything.
    public var skipped: Int
    /// Decides the order of the texts; with nil for ``start`` also the start.
    public var seed: UInt64
    /// The start, any length but 0; random if nil. The paper's is all ones.
    public var start: [Float]?

    /// A learner with the paper's options.
    public init(
        top: Int = 8, sparsity: Double = 0.005, rate: Double = 0.01, epochs: Int = 3, batch: Int = 6,
        skipped: Int = 1, seed: UInt64 = 0, start: [Float]? = nil
    ) {
        self.top = top
        self.sparsity = sparsity
        self.rate = rate
        self.epochs = epochs
        self.batch = batch
        self.skipped = skipped
        self.seed = seed
        self.start = start
    }

    /// A trained direction with how its training went.
    public struct Result: Sendable, Hashable {
        /// The unit vector `w`.
        public let direction: [Float]
        /// The largest `a_i` on the positive texts: the unit of steering strengths. Take it from texts that
        /// are not scored.
        public let largestDetection: Double
        /// The loss `L` of each step.
        public let losses: [Double]
        /// The Euclidean norm of the first step's gradient.
        public let firstGradient: Double

        /// How much of the concept a text shows: the largest `a_i` of its activations, one row a token.
        public func detection(in activations: some Sequence<[Float]>) -> Double {
            activations.reduce(0) { max($0, Numbers.dot(direction, $1)) }
        }
    }

    /// The loss and its gradient at a direction; what a step goes down.
    package struct Slope {
        package let loss: Double
        package let gradient: [Double]
    }

    /// Trains a direction at `site`.
    ///
    /// - Parameters:
    ///   - positive: texts that show the concept.
    ///   - negative: texts that do not.
    ///   - site: where; a whole activation, not a head.
    ///   - network: the network, which stays as it is.
    ///   - progress: called after each step with its number and the number of steps.
    /// - Throws: ``ConceptError`` `invalidOption`, or `unusableExamples` when a class has no text;
    ///   `SiteError`; `TensorError`.
    public func train(
        positive: [PromptedText], negative: [PromptedText], at site: Site,
        in network: any DifferentiableNetwork, progress: ((Int, Int) -> Void)? = nil
    ) throws -> Result {
        guard top > 0 && epochs > 0 && batch > 0 && skipped >= 0, rate > 0 && sparsity >= 0,
            rate.isFinite && sparsity.isFinite
        else {
            throw ConceptError(
                .invalidOption,
                "top, epochs, batch and rate must be positive, sparsity and skipped not below 0, not \(top), "
                    + "\(epochs), \(batch), \(rate), \(sparsity) and \(skipped)")
        }
        let limit = network.layout.maximumPositions
        let shown = try positive.fitting(limit, "the positive examples")
        let hidden = try negative.fitting(limit, "the negative examples")
        let width = try network.layout.width(of: site)
        var generator = SeededGenerator(seed: seed)
        let first = (start ?? generator.unitVector(width: width)).map(Double.init)
        guard first.count == width, var direction = Numbers.unit(first) else {
            throw ConceptError(
                .invalidOption, "a start of \(first.count) entries for \(width), or one without length")
        }
        let batches = (0..<epochs).flatMap { _ in
            let order = generator.shuffled(shown + hidden)
            return stride(from: 0, to: order.count, by: batch).map {
                Array(order[$0..<min($0 + batch, order.count)])
            }
        }
        let schedule = LearningRate(peak: rate, steps: batches.count + 1, decay: .linear)
        var optimiser = Optimiser(.adamW(decay: 0))
        var losses: [Double] = []
        var firstGradient = 0.0
        for (number, texts) in batches.enumerated() {
            let weight = sparsity * Double(number) / Double(max(batches.count - 1, 1))
            let slope = try slope(texts, direction, weight: weight, at: site, in: network)
            losses.append(slope.loss)
            if number == 0 { firstGradient = Numbers.norm(slope.gradient) }
            let along = zip(slope.gradient, direction).reduce(0) { $0 + $1.0 * Double($1.1) }
            let tangent = zip(slope.gradient, direction).map { $0 - along * Double($1) }
            let scale = 1 / max(1, Numbers.norm(tangent))
            let moved = try optimiser.step(
                ["w": Tensor(direction, shape: [width])],
                ["w": Tensor(tangent.map { Float($0 * scale) }, shape: [width])],
                rate: schedule.rate(at: number + 1))
            direction = moved["w"].flatMap { Numbers.unit($0.elements.map(Double.init)) } ?? direction
            progress?(number + 1, batches.count)
        }
        return Result(
            direction: direction, largestDetection: try largest(shown, direction, site, network),
            losses: losses, firstGradient: firstGradient)
    }

    /// The loss of a batch at the unit vector `direction` with `weight` for `λ`, and its gradient.
    package func slope(
        _ texts: [PromptedText], _ direction: [Float], weight: Double, at site: Site,
        in network: any DifferentiableNetwork
    ) throws -> Slope {
        let edits = texts.map { _ in DetectionEdit(direction, top: top, skipped: skipped) }
        let hooks = edits.map { edit in
            var hooks = Hooks()
            hooks.add(edit, at: site)
            return hooks
        }
        let pass = try LikelihoodPass(texts, hooks: hooks, at: [site], in: network)
        var gradient = [Double](repeating: 0, count: direction.count)
        var loss = pass.loss
        guard let slopes = pass.slopes[site] else { return Slope(loss: loss, gradient: gradient) }
        let readings = edits.map(\.reading)
        let rest = Double(max(readings.reduce(0) { $0 + $1.rest }, 1))
        loss += weight * readings.reduce(0) { $0 + $1.restDetection } / rest
        for (rows, reading) in zip(pass.rows, readings) {
            let sum = Numbers.sum(slopes, min(rows.lowerBound + skipped, rows.upperBound)..<rows.upperBound)
            let along = zip(sum, direction).reduce(0) { $0 + $1.0 * Double($1.1) }
            guard reading.top > 0 else { continue }
            for j in gradient.indices {
                gradient[j] += reading.strength * sum[j] + along * reading.topSum[j] / Double(reading.top)
                gradient[j] += weight * reading.restSum[j] / rest
            }
        }
        return Slope(loss: loss, gradient: gradient)
    }

    private func largest(
        _ texts: [PromptedText], _ direction: [Float], _ site: Site, _ network: any SteerableNetwork
    ) throws -> Double {
        var largest = 0.0
        for range in TokenBatches.ranges(texts.map(\.tokens.count), limit: 512) {
            let taps = texts[range].map { _ in DetectionEdit(direction, top: top, skipped: skipped) }
            let batch = zip(texts[range], taps).map { text, tap in
                var hooks = Hooks()
                hooks.add(tap, at: site)
                return SequenceInput(
                    state: network.makeSequence(), tokens: text.tokens, hooks: hooks,
                    promptLength: text.tokens.count)
            }
            _ = try network.forward(batch, output: .none, through: site)
            largest = taps.reduce(largest) { max($0, $1.reading.largest) }
        }
        return largest
    }
}

/// Adds the mean of the largest detections along the direction to every row of one whole text, and keeps what
/// the gradient needs of the rows as they were.
///
/// Unlike an edit for steering it looks at all rows at once, so it is for texts that come in one call only.
private final class DetectionEdit: Edit {
    struct Reading {
        /// The mean of the largest detections.
        var strength = 0.0
        /// How many these are.
        var top = 0
        /// How many rows there are besides.
        var rest = 0
        /// The sum of their detections.
        var restDetection = 0.0
        /// The sum of the rows that detect something, among the largest and among the rest.
        var topSum: [Double] = []
        var restSum: [Double] = []
        var largest = 0.0
    }

    private let direction: [Float]
    private let top: Int
    private let skipped: Int
    private let kept = Mutex(Reading())

    init(_ direction: [Float], top: Int, skipped: Int) {
        self.direction = direction
        self.top = top
        self.skipped = skipped
    }

    var reading: Reading { kept.withLock { $0 } }

    func apply(to activation: Activation) {
        guard activation.width == direction.count, activation.rows > skipped else { return }
        let zeros = [Double](repeating: 0, count: direction.count)
        var reading = Reading(topSum: zeros, restSum: zeros)
        let detections = (skipped..<activation.rows).map { row in
            (row: row, value: max(0, Numbers.dot(direction, activation[row])))
        }.sorted { ($1.value, $0.row) < ($0.value, $1.row) }
        reading.top = min(top, detections.count)
        reading.rest = detections.count - reading.top
        reading.largest = detections.first?.value ?? 0
        for (rank, (row, value)) in detections.enumerated() where value > 0 {
            let isTop = rank < reading.top
            if isTop {
                reading.strength += value / Double(reading.top)
            } else {
                reading.restDetection += value
            }
            for (j, entry) in activation[row].enumerated() {
                if isTop { reading.topSum[j] += Double(entry) } else { reading.restSum[j] += Double(entry) }
            }
        }
        direction.withUnsafeBufferPointer { direction in
            guard let direction = direction.baseAddress else { return }
            for row in skipped..<activation.rows {
                guard let values = activation[row].baseAddress else { continue }
                Vectors.add(direction, times: Float(reading.strength), to: values, count: activation.width)
            }
        }
        kept.withLock { $0 = reading }
    }
}
