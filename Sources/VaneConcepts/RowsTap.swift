import Synchronization
package import VaneSites

/// Keeps the rows of the last pass at one site.
package final class RowsTap: Tap {
    private let kept = Mutex<[[Float]]>([])

    /// An empty tap.
    package init() {}

    /// The rows, one a token.
    package var rows: [[Float]] { kept.withLock { $0 } }

    /// Keeps a copy of the rows.
    package func read(_ activation: Activation) {
        let rows = (0..<activation.rows).map { Array(activation[$0]) }
        kept.withLock { $0 = rows }
    }
}
