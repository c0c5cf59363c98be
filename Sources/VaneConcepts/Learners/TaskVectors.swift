public import VaneSites
import VaneTensors

/// Task vectors by replacement: the mean hidden state at the last token of prompts with demonstrations takes
/// the place of the state at the same token of a prompt without any (rows 23: Task Vectors are Cross-Modal,
/// arXiv 2410.22330, in its form for language models; 63: Emergence of Abstractions, arXiv 2412.12276, the
/// causal part).
///
/// One pass over the prompts gives the vectors of all sites. The site is chosen on queries that are not
/// scored later.
public struct TaskVectors: Sendable {
    /// Tokens a pass takes at most (a longer prompt goes alone).
    public var batchTokens: Int

    /// A learner.
    public init(batchTokens: Int = 1024) { self.batchTokens = batchTokens }

    /// The mean activation at the last token of `prompts`, per site.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples`; `SiteError`.
    public func vectors(
        of prompts: [[Int]], at sites: [Site], in network: any SteerableNetwork
    ) throws -> [Site: [Float]] {
        guard !prompts.isEmpty else { throw ConceptError(.unusableExamples, "there is no prompt") }
        let harvest = try Harvest(
            prompts, at: sites, in: network, pooling: .last, batchTokens: batchTokens)
        return harvest.activations.mapValues { rows in
            Numbers.mean(of: 0..<rows.rowCount, in: rows).map { Float($0) }
        }
    }

    /// The part of `queries`, as far as they fit the network, that greedy decoding answers exactly with `vector` in place of the state at the
    /// prompt's last token; as they are without a vector.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples`; `SiteError`.
    public func accuracy(
        on queries: [PromptedText], replacing vector: (site: Site, vector: [Float])?,
        in network: any SteerableNetwork
    ) throws -> Double {
        try LikelihoodPass.accuracy(of: queries, batchTokens: batchTokens, in: network) { text in
            var hooks = Hooks()
            if let (site, vector) = vector {
                hooks.add(ReplacementEdit(vector, at: text.promptLength - 1), at: site)
            }
            return hooks
        }
    }

    /// The site whose vector answers most of `queries`, the first of equals.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples`; `SiteError`.
    public func best(
        of vectors: [Site: [Float]], on queries: [PromptedText], in network: any SteerableNetwork
    ) throws -> (site: Site, accuracy: Double) {
        var best: (site: Site, accuracy: Double)?
        for (site, vector) in vectors.sorted(by: { $0.key < $1.key }) {
            let accuracy = try accuracy(on: queries, replacing: (site, vector), in: network)
            if accuracy > best?.accuracy ?? -1 { best = (site, accuracy) }
        }
        guard let best else { throw ConceptError(.unusableExamples, "there is no vector to choose from") }
        return best
    }
}
