import VaneConcepts
public import VaneTensors

/// Tells texts that are odd for their class: the concept reads them, or the output depends on the concept in
/// them, as in hardly any text of the class. Row 2's alert for adversarial inputs.
///
/// Of texts of the class it keeps the reading `h · v` and the derivative `∇f · v` along the unit direction
/// `v`. A new text's p-value for each is `2 (1 + m) / (n + 1)`, `m` the number of the `n` texts at least as
/// far out on its side; the smaller one counts twice. If the text is one more of the class, it is called odd
/// with a chance of at most the level, whatever the distributions (conformal prediction; Vovk, Gammerman and
/// Shafer, 2005).
///
/// It knows one direction: a text that is odd in another way passes.
public struct SensitivityAlert: Sendable, Hashable, Codable {
    /// The share of the class's own texts that may be called odd.
    public let level: Double
    private let direction: [Float]
    /// In ascending order.
    private let readings: [Double]
    private let derivatives: [Double]

    /// What is said of a text.
    public struct Result: Sendable, Hashable, Codable {
        /// `h · v`
        public let reading: Double
        /// `∇f · v`, units of the objective per unit of activation.
        public let derivative: Double
        /// How rare the reading is in the class.
        public let readingPValue: Double
        /// How rare the derivative is in the class.
        public let derivativePValue: Double
        /// The smaller of both times 2, at most 1.
        public let pValue: Double
        /// Whether it is within the level.
        public let isOdd: Bool

        /// One sentence for people.
        public var sentence: String {
            guard isOdd else { return "like the texts of its class" }
            return readingPValue <= derivativePValue
                ? "the concept reads this text as hardly any of its class"
                : "the output depends on the concept as in hardly any text of its class"
        }
    }

    /// An alert for the class of some texts.
    ///
    /// - Parameters:
    ///   - direction: the concept's direction at a site, of any length above 0.
    ///   - activations: of the class's texts at the site, `[texts, width]`, pooled as the direction's
    ///     examples were.
    ///   - gradients: of the objective at the site for the same texts, `[texts, width]`; see
    ///     ``OutputGradients``.
    ///   - level: the share of false alarms.
    /// - Throws: ``EvidenceError`` `invalidOption`; `unusableInputs` for other shapes, NaN or infinity, or
    ///   fewer texts than an alarm needs, `4 / level - 1`.
    public init(
        direction: [Float], activations: Tensor, gradients: Tensor, level: Double = 0.05
    ) throws {
        guard level > 0, level < 1 else {
            throw EvidenceError(.invalidOption, "the level \(level) should be between 0 and 1")
        }
        guard let unit = Numbers.unit(direction.map(Double.init)) else {
            throw EvidenceError(.unusableInputs, "the direction should have a length above 0")
        }
        self.level = level
        self.direction = unit
        readings = try SensitivityAlert.products(activations, unit, "activations").sorted()
        derivatives = try SensitivityAlert.products(gradients, unit, "gradients").sorted()
        let count = readings.count
        guard derivatives.count == count, 4 / Double(count + 1) <= level else {
            throw EvidenceError(
                .unusableInputs,
                "\(count) activations and \(derivatives.count) gradients of the class; as many of both are needed, "
                    + "and \(Int((4 / level).rounded(.up))) for an alarm at the level \(level)")
        }
    }

    /// Checks texts.
    ///
    /// - Parameters:
    ///   - activations: `[texts, width]`, pooled as the class's.
    ///   - gradients: `[texts, width]` for the same texts.
    /// - Throws: ``EvidenceError`` `unusableInputs` for other shapes, NaN or infinity.
    public func check(activations: Tensor, gradients: Tensor) throws -> [Result] {
        let read = try SensitivityAlert.products(activations, direction, "activations")
        let slopes = try SensitivityAlert.products(gradients, direction, "gradients")
        guard read.count == slopes.count else {
            throw EvidenceError(
                .unusableInputs, "\(read.count) activations and \(slopes.count) gradients; as many are needed"
            )
        }
        return zip(read, slopes).map { reading, derivative in
            let p = SensitivityAlert.pValue(reading, readings)
            let q = SensitivityAlert.pValue(derivative, derivatives)
            let both = min(1, 2 * min(p, q))
            return Result(
                reading: reading, derivative: derivative, readingPValue: p, derivativePValue: q, pValue: both,
                isOdd: both <= level)
        }
    }

    private static func pValue(_ value: Double, _ sorted: [Double]) -> Double {
        let above = sorted.count { $0 >= value }
        let below = sorted.count { $0 <= value }
        return min(1, 2 * Double(1 + min(above, below)) / Double(sorted.count + 1))
    }

    private static func products(_ matrix: Tensor, _ unit: [Float], _ name: String) throws -> [Double] {
        guard matrix.shape.rank == 2, matrix.width == unit.count else {
            throw EvidenceError(
                .unusableInputs, "the \(name) are \(matrix.shape); expected [texts, \(unit.count)]")
        }
        let values = matrix.contiguous().elements
        let products = (0..<matrix.rowCount).map { row in
            Numbers.dot(values[row * unit.count..<(row + 1) * unit.count], unit)
        }
        guard products.allSatisfy(\.isFinite) else {
            throw EvidenceError(.unusableInputs, "the \(name) should be finite numbers")
        }
        return products
    }
}
