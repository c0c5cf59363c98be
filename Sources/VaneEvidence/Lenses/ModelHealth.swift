import VaneConcepts
public import VaneSites
import VaneTensors

/// A look at a network's states layer by layer: how long they are, how alike, whether single entries are massive
/// and what hangs on those (row 157, Sun et al., arXiv 2402.17762).
///
/// Anisotropy is the mean cosine of states of different tokens: near 1 all states point one way, and cosines
/// between them tell nothing. Massive entries make it so; it is given without their coordinates too.
public struct ModelHealth: Sendable {
    /// One layer.
    public struct Layer: Sendable {
        /// Where.
        public let site: Site
        /// The mean Euclidean length of a state.
        public let norm: Double
        /// The mean cosine of states of different tokens.
        public let anisotropy: Double
        /// The same without the massive coordinates.
        public let calmAnisotropy: Double
        /// The massive entries.
        public let massive: MassiveEntries
    }

    /// What the network's predictions lose when massive entries are changed where they first stand.
    public struct Dependence: Sendable, Hashable, Codable {
        /// Where.
        public let site: Site
        /// The coordinates.
        public let coordinates: [Int]
        /// The loss of a token, nats, as it is.
        public let loss: Double
        /// With the coordinates set to 0 where they are massive.
        public let zeroed: Double
        /// With them set to their means there.
        public let averaged: Double
        /// With as many other coordinates set to 0 at the same tokens.
        public let random: Double
    }

    /// Embedding and residual streams, in the order of the forward pass.
    public let layers: [Layer]
    /// What hangs on massive entries; nil where there are none.
    public let dependence: Dependence?

    /// Looks at a network on some texts.
    ///
    /// - Parameters:
    ///   - texts: token ids, each of at least two tokens; some twenty do.
    ///   - threshold: what counts as massive.
    ///   - seed: draws the other coordinates.
    ///   - network: the network.
    ///   - edits: what is on meanwhile.
    ///   - progress: called with the number of texts read.
    /// - Throws: ``EvidenceError`` `unusableInputs`; `SiteError`.
    public init(
        on texts: [[Int]], threshold: MassiveEntries.Threshold = .init(), seed: UInt64 = 0,
        in network: any SteerableNetwork, under edits: Hooks = Hooks(), progress: ((Int) -> Void)? = nil
    ) throws {
        guard !texts.isEmpty, texts.allSatisfy({ $0.count >= 2 }) else {
            throw EvidenceError(.unusableInputs, "a model's health is read from texts of two tokens or more")
        }
        let sites = [.embedding] + (0..<network.layout.depth).map(Site.residual)
        var values: [Site: [Float]] = [:]
        var rows: [Range<Int>] = []
        for (number, text) in texts.enumerated() {
            let read = try SiteRows(text, at: sites, in: network, under: edits)
            for (site, states) in read.rows { values[site, default: []] += states.elements }
            let first = rows.last?.upperBound ?? 0
            rows.append(first..<first + text.count)
            progress?(number + 1)
        }
        let count = rows.last?.upperBound ?? 0
        layers = try sites.map { site in
            let states = try Tensor(values[site] ?? [], shape: [count, network.layout.width])
            let massive = try MassiveEntries(in: states, texts: rows, over: threshold)
            let coordinates = Set(massive.coordinates.map(\.index))
            return Layer(
                site: site, norm: ModelHealth.norm(states),
                anisotropy: ModelHealth.anisotropy(states, without: []),
                calmAnisotropy: ModelHealth.anisotropy(states, without: coordinates), massive: massive)
        }
        guard let first = layers.first(where: { !$0.massive.coordinates.isEmpty }) else {
            dependence = nil
            return
        }
        dependence = try ModelHealth.dependence(
            on: first, values[first.site] ?? [], texts, threshold, seed, in: network, under: edits)
    }

    private static func norm(_ states: Tensor) -> Double {
        let (values, width) = (states.elements, states.width)
        return (0..<states.rowCount).reduce(0.0) {
            $0 + Numbers.norm(values[$1 * width..<($1 + 1) * width])
        } / Double(states.rowCount)
    }

    /// `(‖Σ ĥ‖² - n) / (n (n - 1))` over the `n` states that have a length.
    private static func anisotropy(_ states: Tensor, without coordinates: Set<Int>) -> Double {
        let (values, width) = (states.elements, states.width)
        var sum = [Double](repeating: 0, count: width)
        var count = 0.0
        for row in 0..<states.rowCount {
            var state = values[row * width..<(row + 1) * width].map(Double.init)
            for j in coordinates where j < width { state[j] = 0 }
            let norm = Numbers.norm(state)
            guard norm > 0 else { continue }
            for j in 0..<width { sum[j] += state[j] / norm }
            count += 1
        }
        guard count > 1 else { return 0 }
        return (Numbers.dot(sum, sum) - count) / (count * (count - 1))
    }

    private static func dependence(
        on layer: Layer, _ values: [Float], _ texts: [[Int]], _ threshold: MassiveEntries.Threshold,
        _ seed: UInt64, in network: any SteerableNetwork, under edits: Hooks
    ) throws -> Dependence {
        let massive = layer.massive.coordinates
        let own = massive.map(\.index)
        let bound = Float(max(threshold.minimum, threshold.ratio * layer.massive.median))
        var generator = SeededGenerator(seed: seed)
        let others = Array(
            generator.shuffled((0..<network.layout.width).filter { !own.contains($0) }).prefix(own.count))
        let means = Dictionary(
            massive.map { ($0.index, Float($0.mean)) }, uniquingKeysWith: { first, _ in first })
        func loss(_ targets: [Int: Float]) throws -> Double {
            var hooks = edits
            if !targets.isEmpty {
                hooks.add(MassiveEdit(watched: own, bound: bound, targets: targets), at: layer.site)
            }
            return try TextLoss.mean(of: texts, under: hooks, in: network)
        }
        func zeros(_ indices: [Int]) -> [Int: Float] {
            Dictionary(indices.map { ($0, 0) }, uniquingKeysWith: { first, _ in first })
        }
        return Dependence(
            site: layer.site, coordinates: own, loss: try loss([:]), zeroed: try loss(zeros(own)),
            averaged: try loss(means), random: try loss(zeros(others)))
    }
}

/// Sets some coordinates of the states in which a watched one is massive.
private struct MassiveEdit: Edit {
    let watched: [Int]
    let bound: Float
    let targets: [Int: Float]

    func apply(to activation: Activation) {
        for row in 0..<activation.rows {
            let values = activation[row]
            let massive = watched.filter { values.indices.contains($0) && abs(values[$0]) >= bound }
            guard !massive.isEmpty else { continue }
            // Of the watched coordinates only those that are massive here; others whatever they hold.
            for (index, value) in targets where values.indices.contains(index) {
                if !watched.contains(index) || massive.contains(index) { values[index] = value }
            }
        }
    }
}

/// The negative log-likelihood of texts.
enum TextLoss {
    /// The mean over all tokens but each text's first, nats.
    static func mean(of texts: [[Int]], under hooks: Hooks, in network: any SteerableNetwork) throws -> Double
    {
        var sum = 0.0
        var count = 0
        for batch in TokenBatches.ranges(texts.map(\.count), limit: 512) {
            let inputs = texts[batch].map {
                SequenceInput(
                    state: network.makeSequence(), tokens: $0, hooks: hooks, promptLength: $0.count)
            }
            guard let logits = try network.forward(inputs, output: .allLogits, through: nil) else {
                throw EvidenceError(.unsupportedNetwork, "the network gave no logits")
            }
            let scores = logits.logSoftmax()
            let width = scores.width
            scores.read { base in
                var row = 0
                for text in texts[batch] {
                    for token in text.dropFirst() {
                        sum -= Double(base[row * width + token])
                        row += 1
                        count += 1
                    }
                    row += 1
                }
            }
        }
        return count == 0 ? 0 : sum / Double(count)
    }
}
