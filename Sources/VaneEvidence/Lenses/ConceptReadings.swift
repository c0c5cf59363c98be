public import VaneConcepts
public import VaneSites

/// What a concept's probes read at every token and every site they were learnt at.
///
/// A probe was fitted to pooled texts; at single tokens its probability says which tokens carry the concept, not
/// how sure one should be.
public struct ConceptReadings: Sendable {
    /// The concept's name.
    public let concept: String
    /// The sites, in the order of the forward pass.
    public let sites: [Site]
    /// The probability per site and token.
    public let probabilities: [[Double]]

    /// Reads one text.
    ///
    /// - Parameters:
    ///   - concept: the concept; of the same model.
    ///   - tokens: the text's token ids.
    ///   - network: the network.
    /// - Throws: ``EvidenceError`` `unusableInputs`; `ConceptError`; `SiteError`.
    public init(_ concept: Concept, _ tokens: [Int], in network: any SteerableNetwork) throws {
        guard !tokens.isEmpty else { throw EvidenceError(.unusableInputs, "the text has no tokens") }
        self.concept = concept.name
        sites = concept.layers.map(\.site)
        probabilities = try sites.map { try concept.readout(of: [tokens], at: $0, in: network).first ?? [] }
    }
}
