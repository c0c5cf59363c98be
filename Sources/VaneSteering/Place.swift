/// One position of a sequence, whatever its length.
enum Place: Sendable, Hashable {
    /// Counted from 0, or from the end of the prompt if negative; it may lie behind the prompt.
    case position(Int)
    /// Counted from 0; none if the prompt is shorter.
    case front(Int)
    /// So many from the end of the prompt, 1 its last token; none if the prompt is shorter.
    case back(Int)
    /// Row `row` of `count` in the middle of the prompt; none if it lies outside.
    case middle(row: Int, of: Int)

    /// The position, counted from 0; nil where there is none.
    func position(promptLength: Int) -> Int? {
        let position: Int
        switch self {
        // A hostile number must not overflow.
        case .position(let place): return place < 0 ? max(promptLength + place, -1) : place
        case .front(let place): position = place
        case .back(let place): position = promptLength - place
        case .middle(let row, let count):
            let free = promptLength - count
            position = (free < 0 ? free - 1 : free) / 2 + row
        }
        return (0..<promptLength).contains(position) ? position : nil
    }

    /// Whether the two are one position in every prompt that has both.
    func coincides(with other: Place) -> Bool {
        if self == other { return true }
        guard let end = fromEitherEnd, let second = other.fromEitherEnd else { return false }
        return end == second
    }

    /// As ``position(_:)`` counts; nil in the middle.
    private var fromEitherEnd: Int? {
        switch self {
        case .position(let place), .front(let place): place
        case .back(let place): -place
        case .middle: nil
        }
    }
}
