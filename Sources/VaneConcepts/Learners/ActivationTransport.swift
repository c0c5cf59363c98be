public import VaneSites
import VaneTensors

/// Maps that carry the activations of one class over to those of another, entry by entry (row 150:
/// Controlling Language and Diffusion Models by Transporting Activations, arXiv 2410.23054).
///
/// A text is the mean over its tokens. Per entry, with the source values a and the target values b in
/// ascending order and ã, b̃ what remains without their means:
///
///     linear     ω = Σ ãᵢ b̃ᵢ / Σ ãᵢ²      least squares on the sorted pairs: the optimal transport in one
///                                          dimension, as far as it is a line
///     mean       ω = 1
///     gaussian   ω = σ_b / σ_a
///     β = mean b - ω mean a
///
/// An entry that does not vary in the source is shifted (ω = 1). Of two classes of different size the larger
/// is read at as many evenly spaced quantiles as the smaller has values, interpolated linearly.
///
/// Sources and targets need not be pairs. A few dozen texts a side are enough for the means; the slopes take
/// a few hundred.
public struct ActivationTransport: Sendable, Hashable, Codable {
    /// How the slope is found.
    public enum Form: String, Sendable, Codable, CaseIterable {
        /// Least squares on sorted pairs.
        case linear
        /// A mere shift by the difference of the means.
        case mean
        /// The ratio of the standard deviations.
        case gaussian
    }

    /// Which of the maps are on while one is fitted.
    public enum Estimation: String, Sendable, Codable, CaseIterable {
        /// None: one pass over the texts for all sites.
        case simultaneous
        /// Those of all earlier sites, on the source texts; the targets are read as they are. One pass a
        /// site.
        case causal
    }

    /// Where a map acts.
    public enum Support: String, Sendable, Codable, CaseIterable {
        /// Everywhere: to bring a concept about.
        case everywhere
        /// Between the least and the largest pooled source value, as the paper's code does to take a concept
        /// away. Single tokens vary more than means over texts, so many stay as they are.
        case pooledRange
        /// Between the least and the largest value of a source token.
        case tokenRange
    }

    /// How slopes are found.
    public var form: Form
    /// Which maps are on while one is fitted.
    public var estimation: Estimation
    /// Where the maps act.
    public var support: Support
    /// Tokens of a forward pass at most (a longer text goes alone).
    public var batchTokens: Int

    /// A learner.
    public init(
        _ form: Form = .linear, estimation: Estimation = .causal, support: Support = .everywhere,
        batchTokens: Int = 1024
    ) {
        self.form = form
        self.estimation = estimation
        self.support = support
        self.batchTokens = batchTokens
    }

    /// The map from rows to rows, both `[rows, width]` float32, with limits unless it acts everywhere.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` for fewer than two rows on a side, different widths or
    ///   numbers that are not finite.
    public func map(from source: [[Float]], to target: [[Float]]) throws -> TransportMap {
        let width = source.first?.count ?? 0
        guard source.count > 1, target.count > 1, width > 0,
            (source + target).allSatisfy({ $0.count == width && $0.allSatisfy(\.isFinite) })
        else {
            throw ConceptError(
                .unusableExamples,
                "a transport needs at least two rows a side, all \(width) finite numbers wide; there are "
                    + "\(source.count) source and \(target.count) target rows")
        }
        var map = TransportMap(scale: [], offset: [])
        for j in 0..<width {
            let a = source.map { Double($0[j]) }.sorted()
            let b = target.map { Double($0[j]) }.sorted()
            let line = line(from: a, to: b)
            map.scale.append(Float(line.slope))
            map.offset.append(Float(line.offset))
        }
        guard (map.scale + map.offset).allSatisfy(\.isFinite) else {
            throw ConceptError(
                .unusableExamples, "the rows are too large or too much alike: a slope is not finite")
        }
        if support != .everywhere {
            map.low = (0..<width).map { j in source.reduce(.infinity) { min($0, $1[j]) } }
            map.high = (0..<width).map { j in source.reduce(-.infinity) { max($0, $1[j]) } }
        }
        return map
    }

    /// Slope and offset for two sorted lists.
    private func line(from a: [Double], to b: [Double]) -> (slope: Double, offset: Double) {
        let (meanA, meanB) = (mean(a), mean(b))
        let slope: Double
        switch form {
        case .mean: slope = 1
        case .gaussian:
            let spread = squares(a, meanA) / Double(a.count)
            slope = spread > 0 ? (squares(b, meanB) / Double(b.count) / spread).squareRoot() : 1
        case .linear:
            let count = min(a.count, b.count)
            let (x, y) = (quantiles(a, count), quantiles(b, count))
            let (meanX, meanY) = (mean(x), mean(y))
            let spread = squares(x, meanX)
            let product = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
            slope = spread > 0 ? product / spread : 1
        }
        return (slope, meanB - slope * meanA)
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    private func squares(_ values: [Double], _ mean: Double) -> Double {
        values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }

    /// The quantiles `(i + ½)/count` of sorted values; value `k` of n is the quantile `(k + ½)/n`.
    private func quantiles(_ sorted: [Double], _ count: Int) -> [Double] {
        if count == sorted.count { return sorted }
        return (0..<count).map { i in
            let place = (Double(i) + 0.5) / Double(count) * Double(sorted.count) - 0.5
            let lower = min(max(Int(place), 0), sorted.count - 1)
            let upper = min(lower + 1, sorted.count - 1)
            return sorted[lower] + (place - Double(lower)) * (sorted[upper] - sorted[lower])
        }
    }
}

extension ActivationTransport {
    /// The maps that carry `source` texts over to `target` texts, one a site.
    ///
    /// - Parameters:
    ///   - source: token ids of texts as they are.
    ///   - target: token ids of texts as they should be; unpaired.
    ///   - sites: where to edit, in any order; causal maps are fitted in the order of the forward pass.
    ///   - network: the network to read.
    /// - Returns: the maps with λ = 1, as an entry of a plan takes them.
    /// - Throws: ``ConceptError`` `unusableExamples`; `SiteError`.
    public func maps(
        from source: [[Int]], to target: [[Int]], at sites: [Site], in network: any SteerableNetwork
    ) throws -> [Site: TransportMap] {
        let sites = Set(sites).sorted()
        let targets = try pooled(target, sites, network)
        var maps: [Site: TransportMap] = [:]
        switch estimation {
        case .simultaneous:
            let sources = try pooled(source, sites, network)
            let limits = try limits(source, sites, network, under: Hooks())
            for site in sites {
                maps[site] = try fit(sources[site], targets[site], limits[site])
            }
        case .causal:
            var earlier = Hooks()
            for site in sites {
                let sources = try pooled(source, [site], network, under: earlier)
                let limits = try limits(source, [site], network, under: earlier)
                let map = try fit(sources[site], targets[site], limits[site])
                earlier.add(TransportEdit(map), at: site)
                maps[site] = map
            }
        }
        return maps
    }

    private func fit(
        _ source: [[Float]]?, _ target: [[Float]]?, _ limits: (low: [Float], high: [Float])?
    ) throws -> TransportMap {
        var map = try map(from: source ?? [], to: target ?? [])
        if let limits { (map.low, map.high) = limits }
        return map
    }

    /// The range over all tokens a site; none unless the support asks for it.
    private func limits(
        _ texts: [[Int]], _ sites: [Site], _ network: any SteerableNetwork, under hooks: Hooks
    ) throws -> [Site: (low: [Float], high: [Float])] {
        guard support == .tokenRange else { return [:] }
        return try TokenExtremes.read(texts, at: sites, in: network, under: hooks, batchTokens: batchTokens)
            .mapValues { extremes in
                (
                    extremes.low.reduce(extremes.low.first ?? []) { zip($0, $1).map { min($0, $1) } },
                    extremes.high.reduce(extremes.high.first ?? []) { zip($0, $1).map { max($0, $1) } }
                )
            }
    }

    /// The mean over the tokens of each text, `[texts][width]` a site.
    private func pooled(
        _ texts: [[Int]], _ sites: [Site], _ network: any SteerableNetwork, under hooks: Hooks = Hooks()
    ) throws -> [Site: [[Float]]] {
        let harvest = try Harvest(
            texts, at: sites, in: network, pooling: .mean, under: hooks, batchTokens: batchTokens)
        return harvest.activations.mapValues { matrix in
            let (values, width) = (matrix.elements, matrix.width)
            return (0..<matrix.rowCount).map { Array(values[$0 * width..<($0 + 1) * width]) }
        }
    }
}
