import VaneConcepts
public import VaneSites
import VaneTensors

/// Whether the units of an attribute matter for what depends on it and not for other things (row 124:
/// Language-Specific Representation of Emotion-Concept Knowledge, arXiv 2302.09582, with probes' contrasts in place of
/// soft prompts).
///
/// Units are entries of some sites. A unit's selectivity for an attribute is the difference of its means over texts with and
/// without it, in its pooled standard deviation. The most selective units of each attribute, by magnitude, are put at
/// their mean over all those texts, and the loss of every task's objective is measured:
///
///     drop[k][t] = m_t(plain) - m_t(units of attribute k lesioned)
///
/// Attribute and task of one number belong together, so a selective attribute has its largest drop on the diagonal. Beside
/// it: as many random ones of the units that no attribute took.
public struct SelectiveLesions: Sendable, Hashable {
    /// Texts of an attribute.
    public struct Attribute: Sendable {
        /// Its name.
        public let name: String
        /// Token ids of texts that show it.
        public let positive: [[Int]]
        /// Token ids of texts that do not.
        public let negative: [[Int]]

        /// An attribute.
        public init(_ name: String, positive: [[Int]], negative: [[Int]]) {
            self.name = name
            self.positive = positive
            self.negative = negative
        }
    }

    /// What should depend on an attribute.
    public struct Task: Sendable {
        /// Token ids of texts.
        public let texts: [[Int]]
        /// What falls when the task gets worse; read after the last token.
        public let objective: Objective

        /// A task.
        public init(_ texts: [[Int]], objective: Objective) {
            self.texts = texts
            self.objective = objective
        }
    }

    /// A unit.
    public struct Unit: Sendable, Hashable {
        /// Where.
        public let site: Site
        /// Which entry.
        public let entry: Int
        /// How far it tells the attribute, in standard deviations, with its sign.
        public let selectivity: Double
    }

    /// The names of the attributes.
    public let names: [String]
    /// The lesioned units of each attribute, the most selective first.
    public let units: [[Unit]]
    /// The mean drop of each task under each attribute's lesion, `[attributes][tasks]`.
    public let drops: [[Double]]
    /// The mean drop of each task under random lesions of as many units, `[draws][tasks]`.
    public let random: [[Double]]

    /// Whether every attribute's lesion hurts its own task at least `factor` times as much as it hurts any other task and as
    /// any random lesion hurts it.
    public func isSelective(factor: Double = 3) -> Bool {
        drops.indices.allSatisfy { k in
            let others = drops[k].indices.filter { $0 != k }.map { abs(drops[k][$0]) }
            let chance = random.map { abs($0[k]) }
            return drops[k][k] > 0 && drops[k][k] >= factor * ((others + chance).max() ?? 0)
        }
    }

    /// Lesions.
    ///
    /// - Parameters:
    ///   - attributes: what units may be selective for.
    ///   - tasks: one an attribute, in the same order.
    ///   - sites: where units are, usually `Site` `.mlpHidden`.
    ///   - count: units of each attribute.
    ///   - draws: random lesions.
    ///   - seed: of the draws.
    ///   - network: the network.
    ///   - progress: called with the number of finished steps and their total.
    /// - Throws: ``EvidenceError`` `invalidOption`, `unusableInputs`; `ConceptError`; `SiteError`.
    public init(
        _ attributes: [Attribute], tasks: [Task], at sites: [Site], count: Int, draws: Int = 10,
        seed: UInt64 = 0, in network: any SteerableNetwork, progress: ((Int, Int) -> Void)? = nil
    ) throws {
        let widths = try sites.map { try network.layout.width(of: $0) }
        let all = widths.reduce(0, +)
        guard !attributes.isEmpty, attributes.count == tasks.count, count > 0, count <= all, draws >= 0 else {
            throw EvidenceError(
                .invalidOption,
                "lesions take a task for each of at least one attribute, and 1 to \(all) units; there are "
                    + "\(attributes.count) attributes, \(tasks.count) tasks and \(count) units asked for")
        }
        var done = 0
        func step() {
            done += 1
            progress?(done, 2 * attributes.count + draws)
        }
        var means: [Site: [[Double]]] = [:]
        var units: [[Unit]] = []
        for attribute in attributes {
            try ObjectiveRuns.require(attribute.positive, "texts that show \(attribute.name)")
            try ObjectiveRuns.require(attribute.negative, "texts that do not show \(attribute.name)")
            let texts = attribute.positive + attribute.negative
            let harvest = try Harvest(texts, at: sites, in: network, pooling: .mean)
            var found: [Unit] = []
            for site in sites {
                guard let matrix = harvest.activations[site] else { continue }
                let (mean, selectivity) = Self.selectivity(matrix, positives: attribute.positive.count)
                means[site, default: []].append(mean)
                found += selectivity.enumerated().map { Unit(site: site, entry: $0, selectivity: $1) }
            }
            units.append(
                Array(
                    found.sorted {
                        (abs($1.selectivity), $0.site, $0.entry) < (abs($0.selectivity), $1.site, $1.entry)
                    }.prefix(count)))
            step()
        }
        let runs = try tasks.map { task in
            try ObjectiveRuns.require(task.texts, "texts of a task")
            let runs = try ObjectiveRuns(task.objective, in: network)
            return (texts: task.texts, runs: runs, plain: try runs.values(of: task.texts))
        }
        let fillings = means.mapValues { rows in
            (rows.first ?? []).indices.map { j in
                Float(rows.reduce(0) { $0 + $1[j] } / Double(rows.count))
            }
        }
        func drops(_ lesioned: [(site: Site, entry: Int)]) throws -> [Double] {
            var hooks = Hooks()
            for (site, group) in Dictionary(grouping: lesioned, by: \.site).sorted(by: { $0.key < $1.key }) {
                hooks.add(
                    PatchEdit(.entries(group.map(\.entry)), from: .constant(fillings[site] ?? [])), at: site)
            }
            step()
            return try runs.map { task in
                let hurt = try task.runs.values(of: task.texts, under: hooks)
                return zip(task.plain, hurt).reduce(0) { $0 + $1.0 - $1.1 } / Double(hurt.count)
            }
        }
        names = attributes.map(\.name)
        self.units = units
        self.drops = try units.map { try drops($0.map { ($0.site, $0.entry) }) }
        var generator = SeededGenerator(seed: seed, stream: 720)
        let taken = Dictionary(grouping: units.joined(), by: \.site).mapValues { Set($0.map(\.entry)) }
        let places = zip(sites, widths).flatMap { site, width in
            (0..<width).filter { taken[site]?.contains($0) != true }.map { (site: site, entry: $0) }
        }
        var random: [[Double]] = []
        for _ in 0..<draws {
            random.append(try drops(generator.shuffled(places.indices).prefix(count).map { places[$0] }))
        }
        self.random = random
    }

    /// The mean of every entry, and how far the two classes lie apart in it.
    private static func selectivity(_ matrix: Tensor, positives: Int) -> (
        mean: [Double], selectivity: [Double]
    ) {
        let rows = 0..<matrix.rowCount
        let (shown, hidden) = (
            Numbers.mean(of: 0..<positives, in: matrix), Numbers.mean(of: positives..<rows.count, in: matrix)
        )
        let (values, width) = (matrix.elements, matrix.width)
        var squares = [Double](repeating: 0, count: width)
        for row in rows {
            let mean = row < positives ? shown : hidden
            for j in 0..<width {
                let rest = Double(values[row * width + j]) - mean[j]
                squares[j] += rest * rest
            }
        }
        let selectivity = (0..<width).map { j in
            let deviation = (squares[j] / Double(max(1, rows.count - 2))).squareRoot()
            // A unit that never varies within a class tells it perfectly, if it tells it at all.
            let gap = shown[j] - hidden[j]
            return gap == 0 ? 0 : gap / max(deviation, 1e-6 * max(abs(shown[j]), abs(hidden[j])))
        }
        return (Numbers.mean(of: rows, in: matrix), selectivity)
    }
}
