/// How a concept is learnt: what every learner shares.
public struct LearningOptions: Sendable, Hashable, Codable {
    /// Which activations stand for a text.
    public var pooling: Pooling
    /// Whether regressions divide each entry by its standard deviation before the fit, so that the penalty treats wide and
    /// narrow entries alike. The probe kept is always in the activations' own units.
    public var isStandardised: Bool
    /// Whether the i-th positive and the i-th negative text belong together: they are then held out together, and methods
    /// of pairs take their difference. Otherwise such methods pair texts at random.
    public var isPaired: Bool
    /// Whether the larger class is cut, at random, to the size of the smaller one before the fit.
    public var isBalanced: Bool
    /// Tokens whose largest entry is at least so many times the median of their entries are left out of activations and
    /// norms (row 157, massive activations: a few tokens, the first above all, carry huge constants); none if nil.
    public var massiveRatio: Double?
    /// The part of each class that is held out.
    public var heldOut: Double
    /// Folds of the cross-validation.
    public var folds: Int
    /// Penalties to choose from, in units of the mean loss.
    public var lambdas: [Double]
    /// Resamples of the AUROC's bootstrap.
    public var resamples: Int
    /// Seeds split, folds, shuffle and bootstrap.
    public var seed: UInt64

    /// Default options.
    public init(
        pooling: Pooling = .mean, isStandardised: Bool = true, isPaired: Bool = false,
        isBalanced: Bool = false, massiveRatio: Double? = nil, heldOut: Double = 0.25, folds: Int = 5,
        lambdas: [Double] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3], resamples: Int = 1000,
        seed: UInt64 = 0
    ) {
        self.pooling = pooling
        self.isStandardised = isStandardised
        self.isPaired = isPaired
        self.isBalanced = isBalanced
        self.massiveRatio = massiveRatio
        self.heldOut = heldOut
        self.folds = folds
        self.lambdas = lambdas
        self.resamples = resamples
        self.seed = seed
    }

    /// - Throws: ``ConceptError`` `invalidOption`.
    func validate() throws {
        guard heldOut > 0 && heldOut < 1 else {
            throw ConceptError(.invalidOption, "the held-out part must lie between 0 and 1, not \(heldOut)")
        }
        guard folds >= 2 else { throw ConceptError(.invalidOption, "at least 2 folds are needed") }
        guard !lambdas.isEmpty, lambdas.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            throw ConceptError(.invalidOption, "penalties must be positive")
        }
        guard resamples >= 1 else {
            throw ConceptError(.invalidOption, "at least 1 bootstrap resample is needed")
        }
        guard massiveRatio.map({ $0 > 1 && $0.isFinite }) ?? true else {
            throw ConceptError(.invalidOption, "a massive activation is more than once the median")
        }
    }
}
