import VaneTensors

/// The rows of one sequence at a site, while the forward pass stands there.
///
/// Row `i` belongs to the token at position `firstPosition + i`. A tap reads the rows; an edit may change
/// them. The pointers are good during the call only.
public struct Activation {
    /// Where the forward pass stands.
    public let site: Site
    /// The number of rows.
    public let rows: Int
    /// Entries of a row.
    public let width: Int
    /// The position of the first row in its sequence, counted from 0.
    public let firstPosition: Int
    /// Tokens of the sequence that were given, not generated.
    public let promptLength: Int
    /// The ids of the sequence's tokens from its first to that of the last row; empty if the network does not
    /// tell them.
    public let tokens: [Int]
    /// What the sequence's hooks leave for each other in this pass.
    package let notes: PassNotes
    private let base: UnsafeMutablePointer<Float>
    private let rowStride: Int

    package init(
        site: Site, base: UnsafeMutablePointer<Float>, rows: Int, width: Int, rowStride: Int,
        firstPosition: Int, promptLength: Int, tokens: [Int] = [], notes: PassNotes = PassNotes()
    ) {
        self.site = site
        self.base = base
        self.rows = rows
        self.width = width
        self.rowStride = rowStride
        self.firstPosition = firstPosition
        self.promptLength = promptLength
        self.tokens = tokens
        self.notes = notes
    }

    /// The entries of row `row`.
    public subscript(row: Int) -> UnsafeMutableBufferPointer<Float> {
        precondition(row >= 0 && row < rows, "row \(row) of \(rows)")
        return UnsafeMutableBufferPointer(start: base + row * rowStride, count: width)
    }

    /// The rows that `scope` covers.
    public func rows(in scope: TokenScope) -> Range<Int> {
        // The state at position p chooses token p + 1, so the last prompt position belongs to the generated
        // part.
        let firstGenerated = min(max(promptLength - 1 - firstPosition, 0), rows)
        switch scope {
        case .all: return 0..<rows
        case .prompt: return 0..<firstGenerated
        case .generated: return firstGenerated..<rows
        }
    }
}

/// Which tokens' states an edit covers.
///
/// The state at position p chooses token p + 1; a state belongs to the part its choice belongs to.
public enum TokenScope: String, Sendable, Codable, CaseIterable {
    /// States that only read the prompt: all prompt positions but the last.
    case prompt
    /// States that choose a generated token: the last prompt position and everything after it.
    case generated
    /// Every state.
    case all
}
