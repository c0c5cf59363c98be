import Synchronization
public import VaneSites

/// A tap that keeps every row it sees, by site, in the order of their positions.
public final class ActivationRecorder: Tap {
    private let seen = Mutex<[Site: [[Float]]]>([:])

    public init() {}

    public func read(_ activation: Activation) {
        let rows = (0..<activation.rows).map { Array(activation[$0]) }
        seen.withLock { $0[activation.site, default: []] += rows }
    }

    /// What was read so far.
    public var rows: [Site: [[Float]]] { seen.withLock { $0 } }
    /// The rows read at `site`.
    public func rows(at site: Site) -> [[Float]] { rows[site] ?? [] }

    /// Hooks that read at `sites`.
    public func hooks(at sites: [Site]) -> Hooks {
        var hooks = Hooks()
        for site in sites { hooks.add(self, at: site) }
        return hooks
    }
}

/// An edit made of a closure over one row.
public struct RowEdit: Edit {
    private let change: @Sendable (UnsafeMutableBufferPointer<Float>) -> Void

    public init(_ change: @escaping @Sendable (UnsafeMutableBufferPointer<Float>) -> Void) {
        self.change = change
    }

    public func apply(to activation: Activation) {
        for row in 0..<activation.rows { change(activation[row]) }
    }
}
