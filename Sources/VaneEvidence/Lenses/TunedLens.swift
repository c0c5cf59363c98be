import Foundation
import VaneConcepts
public import VaneSites
public import VaneTensors

/// The tuned lens: a logit lens that first carries a state over into the terms of the last one (Belrose et al.,
/// arXiv 2303.08112).
///
///     lens(h) = softmax(W_U norm_f(h + A h + b)),   A, b = argmin mean KL(the network's prediction ‖ lens(h))
///
/// One affine map a site, `A` of `[width, width]` and `b` of `[width]`, both 0 at first, trained by Adam on the states of
/// some texts; the network stays as it is. Early states are not written in the vocabulary's terms, so what a logit lens
/// shows there is mostly its own misreading. What the tuned lens shows is what could be read from a state by a linear
/// map, not what the network reads.
///
/// Every fifth text takes no part in training: ``Fit`` says how far the lens is from the prediction there, beside the
/// plain logit lens and beside a constant prediction, which knows nothing of the state.
public struct TunedLens: Sendable {
    /// How the maps are trained.
    public struct Options: Sendable, Hashable, Codable {
        /// Steps of Adam a site.
        public var steps = 250
        /// States a step.
        public var batch = 256
        /// The highest rate; it falls to 0 in a straight line.
        public var rate = 3e-3
        /// Seeds the draws of states.
        public var seed: UInt64 = 0

        /// With default options.
        public init() {}
    }

    /// How far the lens is from the network's own prediction on texts it was not trained on, nats a token.
    public struct Fit: Sendable, Hashable, Codable {
        /// Where the states are.
        public let site: Site
        /// The mean divergence of the tuned lens.
        public let tuned: Double
        /// The mean divergence of the logit lens.
        public let plain: Double
        /// The mean divergence of the best constant prediction: the mean over the training texts.
        public let constant: Double
        /// The standard error of `plain - tuned`, over texts.
        public let error: Double
        /// Whether the tuned lens is nearer than the plain one by more than two standard errors.
        public var isNearer: Bool { plain - tuned > 2 * error && plain > tuned }
    }

    /// An affine map of states, `h + A h + b`.
    struct Translator: Sendable {
        /// `[width, width]`
        var matrix: Tensor
        /// `[width]`
        var bias: Tensor

        func callAsFunction(_ states: Tensor) throws -> Tensor {
            try states.linear(PackedMatrix(matrix), bias: bias).adding(states)
        }
    }

    /// How near each site's lens comes.
    public let fits: [Fit]
    /// The fingerprint of the model's weights.
    public let fingerprint: String
    let translators: [Site: Translator]

    /// Trains a lens on texts.
    ///
    /// - Parameters:
    ///   - texts: token ids; ten texts or more, of the kind that is to be looked at.
    ///   - sites: embedding or residual streams; all but the last block's if nil.
    ///   - network: the network.
    ///   - fingerprint: that of the model's weights, so that the lens is not used on another model.
    ///   - options: how to train.
    ///   - progress: called with the part that is done.
    /// - Throws: ``EvidenceError`` `unusableInputs` for fewer than ten texts or an empty one, `unusableSite`,
    ///   `invalidOption`; `SiteError`.
    public init(
        _ texts: [[Int]], at sites: [Site]? = nil, in network: any InspectableNetwork, fingerprint: String,
        options: Options = Options(), progress: ((Double) -> Void)? = nil
    ) throws {
        let depth = network.layout.depth
        let sites = Set(sites ?? [.embedding] + (0..<max(depth - 1, 0)).map(Site.residual)).sorted()
        for site in sites { try LogitLens.requireState(site) }
        guard texts.count >= 10, texts.allSatisfy({ !$0.isEmpty }) else {
            throw EvidenceError(
                .unusableInputs,
                "a tuned lens needs 10 texts with tokens or more, not \(texts.count { !$0.isEmpty })")
        }
        let last = Site.residual(depth - 1)
        var rows = try TokenRows.read(
            texts[...], at: sites + [last], in: network, batchTokens: 2048, progress: { progress?($0 * 0.2) })
        guard let final = rows.removeValue(forKey: last) else {
            throw EvidenceError(.unusableSite, "nothing was read at \(last)")
        }
        try self.init(
            states: rows, final: final, lengths: texts.map(\.count), in: network, fingerprint: fingerprint,
            options: options, progress: { progress?(0.2 + 0.8 * $0) })
    }

    /// Trains a lens on states, `[tokens, width]` a site, of texts with these `lengths`; `final` holds the last block's.
    package init(
        states: [Site: Tensor], final: Tensor, lengths: [Int], in network: any InspectableNetwork,
        fingerprint: String, options: Options = Options(), progress: ((Double) -> Void)? = nil
    ) throws {
        guard options.steps > 0, options.batch > 0, options.rate > 0, options.rate.isFinite else {
            throw EvidenceError(.invalidOption, "steps, batch and rate of a tuned lens are above 0")
        }
        let split = RowSplit(lengths)
        let constant = try TunedLens.meanPrediction(of: final, split.training, in: network)
        let count = Double(states.count)
        var (translators, fits): ([Site: Translator], [Fit]) = ([:], [])
        for (number, (site, states)) in states.sorted(by: { $0.key < $1.key }).enumerated() {
            let translator = try TunedLens.translator(
                states, to: final, split.training, options, in: network
            ) { progress?((Double(number) + $0) / count) }
            translators[site] = translator
            fits.append(
                try TunedLens.fit(translator, at: site, states, final, constant, split.tested, in: network))
        }
        self.init(fits: fits, fingerprint: fingerprint, translators: translators)
    }

    init(fits: [Fit], fingerprint: String, translators: [Site: Translator]) {
        self.fits = fits
        self.fingerprint = fingerprint
        self.translators = translators
    }

    /// The states at a site in the last block's terms, `[rows, width]`; states of other sites stay as they are.
    public func translate(_ states: Tensor, at site: Site) throws -> Tensor {
        try translators[site]?(states) ?? states
    }

    /// Trains the map of one site: `states` and `final` hold a row a token.
    static func translator(
        _ states: Tensor, to final: Tensor, _ rows: [Int], _ options: Options,
        in network: any InspectableNetwork, progress: ((Double) -> Void)? = nil
    ) throws -> Translator {
        let width = states.width
        var parameters = ["A": Tensor(zeros: [width, width]), "b": Tensor(zeros: [width])]
        var optimiser = Optimiser(.adam())
        let schedule = LearningRate(peak: options.rate, steps: options.steps + 1, decay: .linear)
        var generator = SeededGenerator(seed: options.seed)
        var order: [Int] = []
        for step in 1...options.steps {
            if order.count < min(options.batch, rows.count) { order = generator.shuffled(rows) }
            let chosen = order.suffix(options.batch).map { Int32($0) }
            order.removeLast(chosen.count)
            let target = try network.readOut(final.gatherRows(chosen)).logSoftmax()
            let tape = Tape()
            let variables = parameters.mapValues { tape.watch($0) }
            guard let matrix = variables["A"], let bias = variables["b"] else { break }
            let moved = try Translator(matrix: matrix, bias: bias)(states.gatherRows(chosen))
            let loss = try network.readOut(moved).logSoftmax().klDivergence(from: target)
            let slopes = try tape.gradients(of: loss, at: [matrix, bias])
            parameters = try optimiser.step(
                parameters, ["A": slopes[0], "b": slopes[1]], rate: schedule.rate(at: step))
            progress?(Double(step) / Double(options.steps))
        }
        guard let matrix = parameters["A"], let bias = parameters["b"] else {
            throw EvidenceError(.unusableInputs, "the lens was not trained")
        }
        return Translator(matrix: matrix, bias: bias)
    }

    /// The mean prediction over some rows, `[vocabulary]` log-probabilities.
    private static func meanPrediction(
        of final: Tensor, _ rows: [Int], in network: any InspectableNetwork
    ) throws -> [Double] {
        var sums = [Double](repeating: 0, count: network.layout.vocabulary)
        try predictions(final, rows, in: network) { _, row in
            for (token, value) in row.enumerated() { sums[token] += exp(Double(value)) }
        }
        return sums.map { log(max($0 / Double(max(rows.count, 1)), 1e-30)) }
    }

    /// Calls `body` with the place in `rows` and the log-probabilities after each of some states.
    private static func predictions(
        _ states: Tensor, _ rows: [Int], in network: any InspectableNetwork,
        _ body: (Int, ArraySlice<Float>) -> Void
    ) throws {
        let count = network.layout.vocabulary
        for first in stride(from: 0, to: rows.count, by: 256) {
            let places = first..<min(first + 256, rows.count)
            let chosen = try states.gatherRows(places.map { Int32(rows[$0]) })
            let scores = try network.readOut(chosen).logSoftmax().elements
            for (row, place) in places.enumerated() { body(place, scores[row * count..<(row + 1) * count]) }
        }
    }

    private static func fit(
        _ translator: Translator, at site: Site, _ states: Tensor, _ final: Tensor, _ constant: [Double],
        _ texts: [[Int]], in network: any InspectableNetwork
    ) throws -> Fit {
        var (tuned, plain, fixed): ([Double], [Double], [Double]) = ([], [], [])
        for rows in texts {
            var own: [ArraySlice<Float>] = []
            try predictions(final, rows, in: network) { _, row in own.append(row) }
            func divergence(_ states: Tensor) throws -> Double {
                var sum = 0.0
                try predictions(states, Array(rows.indices), in: network) { place, row in
                    sum += zip(own[place], row).reduce(0.0) {
                        $0 + exp(Double($1.0)) * (Double($1.0) - Double($1.1))
                    }
                }
                return sum / Double(rows.count)
            }
            let chosen = try states.gatherRows(rows.map { Int32($0) })
            tuned.append(try divergence(translator(chosen)))
            plain.append(try divergence(chosen))
            fixed.append(
                own.reduce(0.0) { sum, row in
                    sum + zip(row, constant).reduce(0.0) { $0 + exp(Double($1.0)) * (Double($1.0) - $1.1) }
                } / Double(rows.count))
        }
        let gains = zip(plain, tuned).map { $0 - $1 }
        let count = Double(gains.count)
        let mean = gains.reduce(0, +) / count
        let variance = gains.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(count - 1, 1)
        return Fit(
            site: site, tuned: tuned.reduce(0, +) / count, plain: plain.reduce(0, +) / count,
            constant: fixed.reduce(0, +) / count, error: (variance / count).squareRoot())
    }
}

/// The rows of some texts, of which every fifth is kept out of training.
private struct RowSplit {
    var training: [Int] = []
    /// A list a text.
    var tested: [[Int]] = []

    init(_ counts: [Int]) {
        var first = 0
        for (number, count) in counts.enumerated() {
            let rows = Array(first..<first + count)
            if number % 5 == 4 { tested.append(rows) } else { training += rows }
            first += count
        }
    }
}
