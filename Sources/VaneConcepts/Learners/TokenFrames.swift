public import VaneTensors

/// Frames: words and concepts as ordered sets of directions, from the unembedding alone (row 22: the Frame
/// Representation Hypothesis, Valois et al., arXiv 2412.07334).
///
///     ũ = C^(-1/2) u - mean           a whitened token vector; C the covariance of the unembedding's rows
///     W = [ũ_1 … ũ_t]                 a word of t tokens, [width, t]
///     S = polar factor of Σ W_i       a concept, words padded with zero columns (the Procrustes mean)
///     ρ(A, B) = ⟨A, B⟩ / (‖A‖ ‖B‖)    for orthonormal frames Σ a_j · b_j / √(k₁ k₂)
///
/// Making the whitening costs an eigen-decomposition of `[width, width]`.
public struct TokenFrames: Sendable {
    /// An ordered set of directions, `[k][width]`.
    public struct Frame: Sendable, Hashable {
        /// The directions in order, one a token.
        public let columns: [[Float]]

        /// A frame of these directions.
        public init(_ columns: [[Float]]) { self.columns = columns }

        /// `⟨A, B⟩ / (‖A‖ ‖B‖)` over the columns both have; 0 for a frame without length.
        public func correlation(with other: Frame) -> Double {
            let product = zip(columns, other.columns).reduce(0) { $0 + Numbers.dot($1.0, $1.1) }
            let norms = [self, other].map { frame in
                frame.columns.reduce(0) { $0 + Numbers.dot($1, $1) }.squareRoot()
            }
            return norms[0] > 0 && norms[1] > 0 ? product / (norms[0] * norms[1]) : 0
        }
    }

    private let rows: Tensor
    private let width: Int
    private let axes: Tensor
    private let packedAxes: PackedMatrix
    private let deviations: [Float]

    /// Whitens an unembedding, `[vocabulary, width]`.
    ///
    /// Directions whose variance is below a billionth of the largest are left out.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` for a matrix with fewer than two rows; `TensorError`.
    public init(unembedding: Tensor) throws {
        guard unembedding.shape.rank == 2, unembedding.shape[0] > 1 else {
            throw ConceptError(
                .unusableExamples, "an unembedding is a matrix of at least two rows, not \(unembedding.shape)"
            )
        }
        let axes = try PrincipalAxes(unembedding.detached.copied())
        let count = axes.variances.count
        var scores = axes.scores.elements
        for i in scores.indices { scores[i] /= Float(axes.variances[i % count].squareRoot()) }
        rows = try Tensor(scores, shape: [unembedding.shape[0], count]).matmul(axes.axes)
        width = unembedding.shape[1]
        self.axes = axes.axes
        packedAxes = try PackedMatrix(axes.axes)
        deviations = axes.variances.map { Float($0.squareRoot()) }
    }

    /// The frame of a word: its tokens' whitened vectors.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` for no token or one outside the vocabulary.
    public func word(_ tokens: [Int]) throws -> Frame {
        guard !tokens.isEmpty, tokens.allSatisfy({ $0 >= 0 && $0 < rows.shape[0] }) else {
            throw ConceptError(
                .unusableExamples, "a word needs tokens below \(rows.shape[0]), not \(tokens)")
        }
        return rows.read { base in
            Frame(tokens.map { Array(UnsafeBufferPointer(start: base + $0 * width, count: width)) })
        }
    }

    /// Some states, in their order, as a frame beside the words': `C^(1/2) h`.
    ///
    /// States are what the unembedding multiplies, so they take the inverse of the tokens' factor and a
    /// word's product with them stays what the logits say: `ũ · C^(1/2) h = u · h`, but for a constant.
    ///
    /// - Parameter states: outputs of the final norm, `[k][width]`.
    /// - Throws: ``ConceptError`` `unusableExamples` for a state of another width; `TensorError`.
    public func frame(ofStates states: [[Float]]) throws -> Frame {
        guard states.allSatisfy({ $0.count == width }) else {
            throw ConceptError(
                .unusableExamples,
                "a state beside an unembedding of width \(width) has \(width) numbers, not "
                    + states.map { "\($0.count)" }.joined(separator: ", "))
        }
        guard !states.isEmpty else { return Frame([]) }
        var parts = try Tensor(states.flatMap { $0 }, shape: [states.count, width]).linear(packedAxes)
            .elements
        for i in parts.indices { parts[i] *= deviations[i % deviations.count] }
        let moved = try Tensor(parts, shape: [states.count, deviations.count]).matmul(axes).elements
        return Frame(states.indices.map { Array(moved[$0 * width..<($0 + 1) * width]) })
    }

    /// The orthonormal frame of a concept: the polar factor of the sum of its words' frames.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` for no word, or words that cancel.
    public func concept(_ words: [[Int]]) throws -> Frame {
        try TokenFrames.polar(TokenFrames.sum(words.map { try word($0) }, width: width))
    }

    /// The orthonormal frame that leads from one concept to another: the polar factor of `A - B`.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` for equal frames.
    public static func difference(_ a: Frame, _ b: Frame) throws -> Frame {
        let width = max(a.columns.first?.count ?? 0, b.columns.first?.count ?? 0)
        let minus = Frame(b.columns.map { $0.map { -$0 } })
        return try polar(sum([a, minus], width: width))
    }

    /// The sum, padded with zero columns.
    private static func sum(_ frames: [Frame], width: Int) -> [[Double]] {
        let count = frames.map(\.columns.count).max() ?? 0
        var sum = [[Double]](repeating: [Double](repeating: 0, count: width), count: count)
        for frame in frames {
            for (k, column) in frame.columns.enumerated() {
                for (j, value) in column.enumerated() where j < width { sum[k][j] += Double(value) }
            }
        }
        return sum
    }

    /// `M (MᵀM)^(-1/2)`, from `MᵀM = V S² Vᵀ`: the orthonormal frame nearest to `M`. Columns that depend on
    /// others get nothing of their own.
    private static func polar(_ matrix: [[Double]]) throws -> Frame {
        let count = matrix.count
        let gram = matrix.flatMap { a in matrix.map { Numbers.dot(a, $0) } }
        let eigen = try SymmetricEigen(gram, order: count)
        let largest = eigen.values.last ?? 0
        guard largest > 0 else {
            throw ConceptError(.unusableExamples, "the frames cancel or are empty: no direction is left")
        }
        var root = [Double](repeating: 0, count: count * count)
        for k in 0..<count where eigen.values[k] > largest * 1e-12 {
            let factor = 1 / eigen.values[k].squareRoot()
            for i in 0..<count {
                for j in 0..<count {
                    root[i * count + j] +=
                        factor * eigen.vectors[k * count + i] * eigen.vectors[k * count + j]
                }
            }
        }
        return Frame(
            (0..<count).map { j in
                (matrix.first ?? []).indices.map { i in
                    Float((0..<count).reduce(0.0) { $0 + matrix[$1][i] * root[$1 * count + j] })
                }
            })
    }
}
