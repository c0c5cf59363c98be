public import VaneSites

/// A published way to find a concept in activations.
public struct LearningMethod: Sendable, Hashable, Codable {
    /// What it is called in commands and files, such as `difference-of-means`.
    public let id: String
    /// What it is called in sentences.
    public let name: String
    /// The rows of the field's systems it comes from; empty for a textbook method or a control.
    public let rows: [Int]
    /// What it takes, in a line.
    public let summary: String
    /// What it costs beyond one pass over the texts, in a phrase; nil for nothing to speak of.
    public let cost: String?
    /// What to mind where held-out texts do not show the direction; nil for nothing.
    public let caution: String?

    /// A method.
    public init(
        id: String, name: String, rows: [Int], summary: String, cost: String? = nil, caution: String? = nil
    ) {
        self.id = id
        self.name = name
        self.rows = rows
        self.summary = summary
        self.cost = cost
        self.caution = caution
    }

    /// The name with the rows.
    public var description: String {
        switch rows.count {
        case 0: name
        case 1: "\(name) (row \(rows[0]))"
        default: "\(name) (rows \(rows.map(String.init).joined(separator: ", ")))"
        }
    }
}

/// Finds a probe a site from labelled activations. Splitting, controls and results are ``ConceptLearner``'s.
public protocol Learner: Sendable {
    /// Which method it is.
    var method: LearningMethod { get }

    /// A probe for every site of `data`.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` when the activations tell nothing; `TensorError` for
    ///   NaN or infinity among them.
    func fit(_ data: TrainingActivations) throws -> [Site: FittedProbe]
}

/// A probe with how it was fitted.
public struct FittedProbe: Sendable, Hashable {
    /// The probe.
    public let probe: LinearProbe
    /// What to steer by where the texts do not rise along the direction, so that ``probe`` has no scale;
    /// nil elsewhere.
    public let steering: LinearProbe?
    /// The penalty that was chosen.
    public let lambda: Double

    /// A fitted probe.
    public init(probe: LinearProbe, steering: LinearProbe? = nil, lambda: Double) {
        self.probe = probe
        self.steering = steering
        self.lambda = lambda
    }
}

/// A learner that finds one direction a site, from that site alone. The probe along it is fitted afterwards.
public protocol DirectionLearner: Learner {
    /// The direction, `[width]`, of any length; the concept grows along it.
    ///
    /// - Throws: as ``Learner/fit(_:)``.
    func direction(at site: Site, in data: TrainingActivations) throws -> [Double]
}

extension DirectionLearner {
    /// The direction of each site with the probe along it: slope and bias by logistic regression of the
    /// labels on the activations' coordinate along the direction
    /// (``TrainingActivations/calibrated(_:at:)``).
    public func fit(_ data: TrainingActivations) throws -> [Site: FittedProbe] {
        try data.perSite { site in try data.calibrated(direction(at: site, in: data), at: site) }
    }
}

/// The learners there are.
public enum Learners {
    /// Those that take sentences of two classes, the default first, and those of the network after them.
    public static let all: [any Learner] = ofActivations + ofNetwork

    /// Those that read activations, the default first.
    public static let ofActivations: [any Learner] = [
        LogisticCAV(), RidgeProbe(), DifferenceOfMeans(), MeanCentring(), LinearDiscriminant(.withinClasses),
        LinearDiscriminant(.total), PairComponent(.uncentred), PairComponent(.centred),
        PairComponent(.withinPositives), InContextVector(.paper), InContextVector(.released),
        RandomDirection(),
    ]

    /// Those that train through the network; costly, so they take one block by default.
    public static let ofNetwork: [any NetworkLearner] = [
        TrainedDirection(), StyleVectors(.all), StyleVectors(.first), RankOneReFTDirection(),
    ]

    /// The learner with this id; nil if there is none.
    public static func learner(id: String) -> (any Learner)? { all.first { $0.method.id == id } }
}
