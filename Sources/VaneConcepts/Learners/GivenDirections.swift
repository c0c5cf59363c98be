public import VaneSites
import VaneTensors

/// Directions that somebody else found, put to the same test as those learnt here: only slope and bias of the probes are fitted.
public struct GivenDirections: DirectionLearner {
    /// The direction of each site, of any length.
    public let vectors: [Site: [Float]]
    /// Where they come from, in words.
    public let source: String

    /// The directions of `vectors`, from `source`.
    public init(_ vectors: [Site: [Float]], from source: String) {
        self.vectors = vectors
        self.source = source
    }

    /// Named after the source.
    public var method: LearningMethod {
        LearningMethod(
            id: "given", name: "given directions: \(source)", rows: [],
            summary: "directions from a file, with probes fitted along them")
    }

    /// The given direction.
    ///
    /// - Throws: ``ConceptError`` `unknownSite` where none is given; `wrongModel` for another width.
    public func direction(at site: Site, in data: TrainingActivations) throws -> [Double] {
        guard let vector = vectors[site] else {
            throw ConceptError(.unknownSite, "no direction is given at \(site)")
        }
        let width = try data.rows(at: site).width
        guard vector.count == width else {
            throw ConceptError(
                .wrongModel,
                "the direction at \(site) has \(vector.count) numbers, the model's activations \(width)")
        }
        return vector.map(Double.init)
    }
}
