public import VaneSites

extension Concept {
    /// How deep in the network a concept is settled: the summaries of row 55 (Exploring Concept Depth, arXiv 2404.07066) of
    /// the held-out accuracy `aₗ` of the residual streams that were read, in order.
    ///
    /// The row reads the last token's input to the MLP; here it is what the concept was learnt from, and layers that were
    /// not read are not there.
    public struct Depth: Sendable, Hashable, Codable {
        /// The sites, in order.
        public let sites: [Site]
        /// Their held-out accuracies.
        public let accuracies: [Double]
        /// The first site with `aₗ ≥ 1.1 aₗ₋₁`; nil if the accuracy never jumps.
        public let jump: Site?
        /// The last site with `|aₗ/aₗ₋₁ - 1| ≥ 0.03`, from which on the accuracy stays about what it is; the first site if it
        /// always does.
        public let convergence: Site
    }

    /// The depth; nil with fewer than two residual streams read, or for an untested concept.
    public var depth: Depth? {
        let streams = layers.filter { if case .residual = $0.site { true } else { false } }
            .sorted { $0.site < $1.site }
        guard streams.count >= 2, isTested else { return nil }
        let sites = streams.map(\.site)
        let accuracies = streams.map(\.result.accuracy.value)
        let steps = (1..<sites.count).filter { accuracies[$0 - 1] > 0 }.map { place in
            (place, ratio: accuracies[place] / accuracies[place - 1])
        }
        return Depth(
            sites: sites, accuracies: accuracies, jump: steps.first { $0.ratio >= 1.1 }.map { sites[$0.0] },
            convergence: steps.last { abs($0.ratio - 1) >= 0.03 }.map { sites[$0.0] } ?? sites[0])
    }
}
