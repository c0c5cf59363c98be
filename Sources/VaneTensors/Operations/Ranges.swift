extension Compute {
    /// Elements below which an elementwise loop stays on the calling thread.
    static let grain = 16384

    /// Calls `body` with ranges of at most `size` numbers that together are `0 ..< count`, on the kernels'
    /// threads.
    static func ranges(_ count: Int, of size: Int = grain, _ body: @Sendable (Range<Int>) -> Void) {
        guard count > size else { return body(0..<count) }
        parallel((count + size - 1) / size) { body($0 * size..<min(count, ($0 + 1) * size)) }
    }

    /// Calls `body(0) … body(parts - 1)`: side by side when there are parts for all threads, else one after
    /// another, so that the kernels inside a part can use the threads.
    static func each(_ parts: Int, _ body: @Sendable (Int) -> Void) {
        if parts >= threads { return parallel(parts, body) }
        for part in 0..<parts { body(part) }
    }
}

extension Tensor {
    /// The same numbers as float32 with adjacent rows: `self` when it is so already.
    var dense: Tensor { dtype == .float32 ? contiguous() : copied() }
}
