public import VaneSites
public import VaneTensors

/// Token energy: how much of a state lies where the unembedding reads (row 87, Wendler et al., arXiv
/// 2402.10588).
///
///     E(h) = √(mean_v (û_v · ĥ)²) / √(‖ÛᵀÛ‖_F² / V²)
///
/// `û_v` are the unembedding's rows times the final norm's factors, each of length 1, `ĥ` is the state with
/// length 1. 1 is what the rows themselves have on average (root mean square); a low energy means that the
/// state says little about the next token.
public struct TokenEnergy: Sendable {
    /// `ÛᵀÛ`, `[width, width]`.
    private let gram: [Float]
    private let width: Int
    private let vocabulary: Int
    private let baseline: Double
    private let isCentred: Bool

    /// The energy against the unembedding of a network.
    ///
    /// - Throws: ``EvidenceError`` `unsupportedNetwork`; `TensorError`.
    public init(_ network: any ReadableNetwork) throws {
        let parts = try Unembedding(network)
        try self.init(unitRows: parts.unitRows(), isCentred: parts.bias != nil)
    }

    /// The energy against given rows, `[vocabulary, width]`, each of length 1.
    ///
    /// - Parameters:
    ///   - rows: the rows.
    ///   - isCentred: whether a state loses its mean first, as a layer norm does.
    /// - Throws: ``EvidenceError`` `invalidOption` for no rows; `TensorError`.
    public init(unitRows rows: Tensor, isCentred: Bool = false) throws {
        guard rows.shape.rank == 2, rows.rowCount > 0, rows.width > 0 else {
            throw EvidenceError(.invalidOption, "token energy needs at least one row [vocabulary, width]")
        }
        gram = try rows.contiguous().transposed().matmul(rows.contiguous()).elements
        width = rows.width
        vocabulary = rows.rowCount
        let square = gram.reduce(0.0) { $0 + Double($1) * Double($1) }
        baseline = square.squareRoot() / Double(vocabulary)
        self.isCentred = isCentred
    }

    /// The energy of a state, `[width]`; 0 for a state without length or of another width.
    public func energy(of state: [Float]) -> Double {
        guard state.count == width, baseline > 0 else { return 0 }
        var values = state.map(Double.init)
        if isCentred {
            let mean = values.reduce(0, +) / Double(width)
            for j in values.indices { values[j] -= mean }
        }
        let square = values.reduce(0) { $0 + $1 * $1 }
        guard square > 0 else { return 0 }
        var sum = 0.0
        for i in 0..<width {
            var row = 0.0
            for j in 0..<width { row += Double(gram[i * width + j]) * values[j] }
            sum += values[i] * row
        }
        return max(0, sum / square / Double(vocabulary)).squareRoot() / baseline
    }
}
