/// What a concept must know of the model it was learnt on.
public struct ModelIdentity: Hashable, Sendable, Codable {
    /// A name for people; it does not identify the model.
    public let name: String
    /// `model_type` of the configuration.
    public let architecture: String
    /// SHA-256 over names, types, shapes and sampled bytes of all weights.
    public let fingerprint: String
    /// SHA-256 over the vocabulary in the order of its ids.
    public let tokenizerFingerprint: String
    /// The dimensions.
    public let layout: NetworkLayout

    /// The identity of a model.
    public init(
        name: String, architecture: String, fingerprint: String, tokenizerFingerprint: String,
        layout: NetworkLayout
    ) {
        self.name = name
        self.architecture = architecture
        self.fingerprint = fingerprint
        self.tokenizerFingerprint = tokenizerFingerprint
        self.layout = layout
    }
}
