public import VaneSites
import VaneTensors

/// Maps learnt from three quarters of the texts of two classes, and how they do on the rest (row 150).
///
/// The maps are written as they were tested; nothing is fitted again to all texts. Per site the report
/// compares texts of the source with texts of the target, none of which a map was learnt from. A text is the
/// mean over its tokens; its distance is taken unit by unit, in one dimension (``Statistics/wasserstein(_:_:)``),
/// in standard deviations of the unit over the target texts, and averaged over the units:
///
///     before     held-out source to held-out target
///     after      the same behind the map, other maps on as they were when it was fitted: none, or the earlier
///                ones of causal maps
///     shuffled   after, with maps learnt from texts whose labels were shuffled: no better than before
///     sampling   as many learnt target texts as there are held-out sources to held-out target: two samples of
///                one law, as near as a map can come
///     together   behind the map with all maps on, as a plan runs them; maps fitted each by itself add up
public struct TestedMaps: Sendable, Hashable {
    /// How maps are found.
    public enum Method: Sendable, Hashable {
        /// Carries the source over to the target.
        case transport(ActivationTransport)
        /// Dampens what tells the source from the target, so the source shows the concept to take away.
        case aura(AurA)
    }

    /// What held-out texts say of a site.
    public struct Layer: Sendable, Hashable, Codable {
        /// The site.
        public let site: Site
        /// The distance without maps, in deviations.
        public let before: Double
        /// The distance behind the map.
        public let after: Double
        /// The distance behind a map learnt from shuffled labels.
        public let shuffled: Double
        /// The distance of two samples of the target, as large as those of the other distances.
        public let sampling: Double
        /// The distance with all maps on.
        public let together: Double
        /// The mean slope of the map; for dampening the part that is left.
        public let slope: Double
        /// The mean slope of the map learnt from shuffled labels.
        public let shuffledSlope: Double
    }

    /// A map a site, with λ = 1.
    public let maps: [Site: TransportMap]
    /// What held-out texts say, in the order of the forward pass.
    public let layers: [Layer]
    /// Texts that the maps were learnt from, source and target.
    public let learnt: [Int]
    /// Texts that they were tested on, source and target.
    public let heldOut: [Int]

    /// The part of the distance in excess of ``Layer/sampling`` that the maps close, 1 if all of it, negative
    /// if they add to it; from the means over the sites. NaN where the classes are no farther apart than two
    /// samples of one.
    public var closed: Double { part(\.after) }

    /// The same for maps learnt from shuffled labels.
    public var closedByShuffled: Double { part(\.shuffled) }

    /// Whether the maps close some of the distance, and more than those of shuffled labels do.
    ///
    /// One draw of shuffled labels is a weak control: look at the size of ``closed`` too.
    public var carries: Bool { closed > max(0, closedByShuffled) }

    /// Whether all maps at once leave held-out sources farther from the target than they were.
    public var overshoots: Bool { mean(\.together) > mean(\.before) }

    private func part(_ distance: KeyPath<Layer, Double>) -> Double {
        let gap = mean(\.before) - mean(\.sampling)
        return gap > 0 ? (mean(\.before) - mean(distance)) / gap : .nan
    }

    private func mean(_ part: KeyPath<Layer, Double>) -> Double {
        layers.reduce(0) { $0 + $1[keyPath: part] } / Double(layers.count)
    }

    /// Learns and tests.
    ///
    /// - Parameters:
    ///   - method: how maps are found.
    ///   - source: token ids of texts as they are.
    ///   - target: token ids of texts as they should be.
    ///   - sites: where to edit.
    ///   - network: the network to read.
    ///   - isPaired: whether texts of one number are held out together; there must be as many of both.
    ///   - seed: seeds the split and the shuffled labels.
    ///   - progress: called with a part of the work done, 0...1.
    /// - Throws: ``ConceptError`` `unusableExamples` for fewer than ``ExampleSet/minimumPerClass`` texts a
    ///   side, or as learners do; `SiteError`.
    public init(
        by method: Method, from source: [[Int]], to target: [[Int]], at sites: [Site],
        in network: any SteerableNetwork, isPaired: Bool = false, seed: UInt64 = 0,
        progress: ((Double) -> Void)? = nil
    ) throws {
        let sites = Set(sites).sorted()
        guard min(source.count, target.count) >= ExampleSet.minimumPerClass, !sites.isEmpty,
            !isPaired || source.count == target.count
        else {
            throw ConceptError(
                .unusableExamples,
                "maps need at least \(ExampleSet.minimumPerClass) texts a side and a site, as many of both sides "
                    + "if they are pairs; there are \(source.count) and \(target.count) at \(sites.count) sites"
            )
        }
        var generator = SeededGenerator(seed: seed)
        let order = generator.shuffled(source.indices)
        let other = isPaired ? order : generator.shuffled(target.indices)
        func part(_ texts: [[Int]], _ order: [Int]) -> (kept: [[Int]], held: [[Int]]) {
            let held = max(2, texts.count / 4)
            return (order.dropFirst(held).map { texts[$0] }, order.prefix(held).map { texts[$0] })
        }
        let (from, to) = (part(source, order), part(target, other))
        (learnt, heldOut) = ([from.kept.count, to.kept.count], [from.held.count, to.held.count])
        let mixed = generator.shuffled(from.kept + to.kept)
        maps = try method.maps(from.kept, to.kept, sites, network)
        progress?(0.4)
        let wrong = try method.maps(
            Array(mixed[..<from.kept.count]), Array(mixed[from.kept.count...]), sites, network)
        progress?(0.8)

        func read(_ texts: [[Int]], at sites: [Site], under maps: [Site: TransportMap] = [:]) throws
            -> [Site: Columns]
        {
            var hooks = Hooks()
            for (site, map) in maps { hooks.add(TransportEdit(map), at: site) }
            return try Harvest(texts, at: sites, in: network, pooling: .mean, under: hooks)
                .activations.mapValues(Columns.init)
        }
        /// Each site behind its map, the others on as when it was fitted.
        func readAsFitted(_ maps: [Site: TransportMap]) throws -> [Site: Columns] {
            if method.isCausal { return try read(from.held, at: sites, under: maps) }
            return try sites.reduce(into: [:]) { all, site in
                all[site] = try read(from.held, at: [site], under: maps.filter { $0.key == site })[site]
            }
        }
        let before = try read(from.held, at: sites)
        let (after, shuffled) = (try readAsFitted(maps), try readAsFitted(wrong))
        let together = try read(from.held, at: sites, under: maps)
        let wanted = try read(to.held, at: sites)
        let kept = try read(to.kept, at: sites)
        // Smaller samples lie farther apart, so it takes as many as there are sources.
        let sample = kept.mapValues { $0.first(from.held.count) }
        let fitted = maps
        layers = try sites.map { site in
            func distance(_ states: [Site: Columns]) throws -> Double {
                guard let a = states[site], let b = wanted[site], let unit = kept[site] else {
                    throw ConceptError(.unknownSite, "nothing was read at \(site)")
                }
                return a.distance(to: b, unit: unit)
            }
            return Layer(
                site: site, before: try distance(before), after: try distance(after),
                shuffled: try distance(shuffled), sampling: try distance(sample),
                together: try distance(together),
                slope: fitted[site]?.meanScale ?? .nan, shuffledSlope: wrong[site]?.meanScale ?? .nan)
        }
        progress?(1)
    }
}

extension TestedMaps.Method {
    fileprivate var isCausal: Bool {
        if case .transport(let learner) = self { learner.estimation == .causal } else { false }
    }

    fileprivate func maps(
        _ source: [[Int]], _ target: [[Int]], _ sites: [Site], _ network: any SteerableNetwork
    ) throws -> [Site: TransportMap] {
        switch self {
        case .transport(let learner): try learner.maps(from: source, to: target, at: sites, in: network)
        case .aura(let learner): try learner.maps(concept: source, others: target, at: sites, in: network)
        }
    }
}

extension TransportMap {
    fileprivate var meanScale: Double { scale.reduce(0) { $0 + Double($1) } / Double(max(scale.count, 1)) }
}

/// The values of each unit over the texts.
private struct Columns {
    let units: [[Double]]

    init(_ rows: Tensor) {
        let (values, width) = (rows.elements, rows.shape[1])
        units = (0..<width).map { j in stride(from: j, to: values.count, by: width).map { Double(values[$0]) }
        }
    }

    private init(units: [[Double]]) { self.units = units }

    /// Those of the first `count` texts.
    func first(_ count: Int) -> Columns { Columns(units: units.map { Array($0.prefix(count)) }) }

    /// The mean over the units that vary in `unit`, in their deviations there; 0 if none does.
    func distance(to other: Columns, unit: Columns) -> Double {
        var (sum, count) = (0.0, 0)
        for (j, values) in unit.units.enumerated() {
            let mean = values.reduce(0, +) / Double(values.count)
            let deviation =
                (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
            guard deviation > 0 else { continue }
            sum += Statistics.wasserstein(units[j], other.units[j]) / deviation
            count += 1
        }
        return count == 0 ? 0 : sum / Double(count)
    }
}
