import VaneSites

/// Adds a row to each of some positions of the prompt: `h′(a + t) = h(a + t) + c · rows(t)`. Row 56
/// (activation addition, arXiv 2308.10248), with the block that `ActivationAddition` reads.
///
/// Nothing is added at generated positions: the effect travels through what later tokens read of the prompt.
/// Rows that would lie outside the prompt are left out. The scope of its entry does not matter.
public struct PromptBlock: Sendable, Hashable, Codable {
    /// Where in the prompt the block lies.
    public enum Placement: String, Sendable, Codable, CaseIterable {
        /// From position `offset` on.
        case front
        /// In the middle; rounded towards the front.
        case middle
        /// Up to the last position but `offset`.
        case back
    }

    /// What is added, `[T][width]`.
    public var rows: [[Float]]
    /// The factor c.
    public var factor: Double
    /// Where in the prompt it is added.
    public var placement: Placement
    /// Positions left free at that end of the prompt; 0 in the middle.
    public var offset: Int

    /// `rows` times `factor` at a place of the prompt.
    public init(_ rows: [[Float]], times factor: Double, at placement: Placement = .front, offset: Int = 0) {
        self.rows = rows
        self.factor = factor
        self.placement = placement
        self.offset = offset
    }

    /// The most rows, which are compared with each other when a plan is compiled, and the largest offset.
    static let limit = 4096

    func requireFit(_ width: Int, at site: Site) throws {
        try SteeringError.require(
            !rows.isEmpty && rows.count <= PromptBlock.limit
                && rows.allSatisfy { $0.count == width && $0.allSatisfy(\.isFinite) } && factor.isFinite,
            site, "a block of 1 to \(PromptBlock.limit) rows of \(width) finite numbers with a finite factor")
        try SteeringError.require(
            (0...(placement == .middle ? 0 : PromptBlock.limit)).contains(offset), site,
            "an offset from 0 to \(PromptBlock.limit), and none in the middle, not \(offset)")
    }

    /// One steerer a row, with the place where it acts.
    var parts: [(steerer: any Steerer, place: Place)] {
        rows.enumerated().map { number, row in
            let place: Place =
                switch placement {
                case .front: .front(offset + number)
                case .middle: .middle(row: number, of: rows.count)
                case .back: .back(offset + rows.count - number)
                }
            return (RowAddition(row: row, factor: factor), place)
        }
    }
}

/// Adds a multiple of a row; with the factor 0 every bit stays.
private struct RowAddition: Steerer {
    let row: [Float]
    let factor: Double

    func steer(_ state: UnsafeMutableBufferPointer<Float>, part: Double) -> Double? {
        let c = part * factor
        if c == 0 { return 0 }
        guard row.count == state.count else { return nil }
        return state.rewrite { i, value in value + c * Double(row[i]) }
    }
}
