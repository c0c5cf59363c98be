import Synchronization
public import VaneSites
import VaneTensors

/// A learner that needs the network and the training texts themselves, not only their activations: it
/// trains through the network or takes gradients.
///
/// Its directions go through the same probes, shuffled labels, halves and held-out texts as all others, so
/// it runs four times. It never sees a held-out text.
public protocol NetworkLearner: Learner {
    /// A direction for every site of `texts`, `[width]`, of any length; the concept grows along it.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` when the texts tell nothing; `SiteError`; `TensorError`.
    func directions(_ texts: TrainingTexts) throws -> [Site: [Double]]
}

extension NetworkLearner {
    /// The directions with the probes along them, ``TrainingActivations/calibrated(_:at:)``.
    ///
    /// - Throws: ``ConceptError`` `invalidOption` for activations that come without a network with
    ///   gradients, and as ``directions(_:)``.
    public func fit(_ data: TrainingActivations) throws -> [Site: FittedProbe] {
        let found = try directions(try TrainingTexts(data, for: method))
        return try data.perSite { site in
            guard let direction = found[site] else {
                throw ConceptError(.unknownSite, "\(method.name) found no direction at \(site)")
            }
            return try data.calibrated(direction, at: site)
        }
    }

    /// What to mind of a direction that was searched for by what it makes the network write.
    static var writing: String {
        "the direction was searched for by what it makes the model write, and the table says what its states show; "
            + "`vane evaluate` says whether it steers"
    }

    /// The site to use when none is named: one block, half-way up, for a run costs many passes.
    public func defaultSites(in layout: NetworkLayout) -> [Site] { [.residual(layout.depth / 2)] }
}

/// The training texts as a ``NetworkLearner`` gets them.
public struct TrainingTexts: Sendable {
    /// The tokens of the training texts that show the concept.
    public let positive: [[Int]]
    /// The tokens of those that do not.
    public let negative: [[Int]]
    /// The network, which stays as it is.
    public let network: any DifferentiableNetwork
    /// Where directions are wanted.
    public let sites: [Site]
    /// The token that starts a document; nil if the model has none.
    public let start: Int?
    /// The activations of the same texts.
    public let activations: TrainingActivations
    /// The options of the learning.
    public let options: LearningOptions
    /// Vectors of single texts, which do not depend on labels: found once, used by every fit.
    let found: TextVectors
    /// Called with the part of the work done, 0...1.
    let progress: @Sendable (Double) -> Void

    init(_ data: TrainingActivations, for method: LearningMethod) throws {
        guard let source = data.source, let network = source.network as? any DifferentiableNetwork else {
            throw ConceptError(
                .invalidOption, "\(method.name) needs a network with gradients, and this one has none")
        }
        func tokens(_ wanted: Bool) -> [[Int]] {
            zip(data.texts, source.tokens).filter { data.labels[$0.0.lowerBound] == wanted }.map(\.1)
        }
        positive = tokens(true)
        negative = tokens(false)
        self.network = network
        sites = data.sites
        activations = data
        start = source.start
        options = data.options
        found = source.found
        progress = source.progress
    }

    /// `find` for each site in order, with its own part of the progress.
    func perSite(
        _ find: (Site, @escaping @Sendable (Double) -> Void) throws -> [Double]
    ) throws -> [Site: [Double]] {
        var directions: [Site: [Double]] = [:]
        let count = Double(max(sites.count, 1))
        for (number, site) in sites.enumerated() {
            let progress = progress
            directions[site] = try find(site) { progress((Double(number) + $0) / count) }
        }
        return directions
    }
}

/// Vectors of single texts by site, kept while one concept is learnt.
final class TextVectors: Sendable {
    private struct Key: Hashable {
        let site: Site
        let text: [Int]
    }
    private let kept = Mutex<[Key: [Float]]>([:])

    /// The vector of each text at `site`; those that are not kept yet are found together by `find`.
    func vectors(
        of texts: [[Int]], at site: Site, finding find: ([[Int]]) throws -> [[Float]]
    ) throws -> [[Float]] {
        let known = kept.withLock { $0 }
        var seen: Set<[Int]> = []
        let missing = texts.filter {
            known[Key(site: site, text: $0)] == nil && seen.insert($0).inserted
        }
        let new = missing.isEmpty ? [] : try find(missing)
        return kept.withLock { kept in
            for (text, vector) in zip(missing, new) { kept[Key(site: site, text: text)] = vector }
            return texts.map { kept[Key(site: site, text: $0)] ?? [] }
        }
    }
}

/// What ``NetworkLearner``s get beside the activations.
struct TrainingSource: Sendable {
    let network: any SteerableNetwork
    /// One a text.
    let tokens: [[Int]]
    let start: Int?
    let found: TextVectors
    let progress: @Sendable (Double) -> Void
}

extension TrainingSource {
    /// The same with these of the texts.
    func taking(_ numbers: [Int]) -> TrainingSource {
        TrainingSource(
            network: network, tokens: numbers.map { tokens[$0] }, start: start, found: found,
            progress: progress)
    }
}
