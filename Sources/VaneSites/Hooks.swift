/// Reads an activation. Called on the thread that runs the network.
public protocol Tap: Sendable {
    /// Reads `activation`; it must not keep the pointers.
    func read(_ activation: Activation)
}

/// Changes an activation, `h → h′`. Called on the thread that runs the network.
public protocol Edit: Sendable {
    /// Changes the rows of `activation` in place. The change to a row depends on that row, its position, the
    /// tokens up to it and what earlier sites held at its position, never on other rows: results are then the
    /// same bits in batches, alone, in one pass or token by token.
    func apply(to activation: Activation)
}

/// The taps and edits of one sequence, in the order they were added at each site.
///
/// A tap added before an edit sees the activation as it was, one added after it the edited one.
public struct Hooks: Sendable {
    private enum Hook: Sendable {
        case tap(any Tap)
        case edit(any Edit)
    }

    private var bySite: [Site: [Hook]] = [:]
    /// Layers with a hooked head, so that the others cost one look-up.
    private var headLayers: [Int: [Int]] = [:]

    /// No taps and no edits.
    public init() {}

    /// Whether nothing was added.
    public var isEmpty: Bool { bySite.isEmpty }
    /// The sites with a tap or an edit, in the order of the forward pass.
    public var sites: [Site] { bySite.keys.sorted() }

    /// Adds a tap.
    public mutating func add(_ tap: any Tap, at site: Site) { add(.tap(tap), site) }
    /// Adds an edit.
    public mutating func add(_ edit: any Edit, at site: Site) { add(.edit(edit), site) }

    /// These hooks followed by `other`'s.
    public func followed(by other: Hooks) -> Hooks {
        var result = self
        for (site, hooks) in other.bySite {
            for hook in hooks { result.add(hook, site) }
        }
        return result
    }

    private mutating func add(_ hook: Hook, _ site: Site) {
        bySite[site, default: []].append(hook)
        if case .head(let layer, let head) = site, headLayers[layer]?.contains(head) != true {
            // In order, so that a gate at one head comes before an edit at a later one.
            headLayers[layer] = ((headLayers[layer] ?? []) + [head]).sorted()
        }
    }

    /// Whether something is hooked at `site`.
    package func has(_ site: Site) -> Bool { bySite[site] != nil }

    /// Whether an edit is hooked at `site`.
    package func hasEdit(at site: Site) -> Bool {
        bySite[site]?.contains { if case .edit = $0 { true } else { false } } ?? false
    }

    /// The hooked heads of block `layer`.
    package func heads(in layer: Int) -> [Int] { headLayers[layer] ?? [] }

    /// Runs the hooks of the activation's site.
    package func run(_ activation: Activation) {
        for hook in bySite[activation.site] ?? [] {
            switch hook {
            case .tap(let tap): tap.read(activation)
            case .edit(let edit): edit.apply(to: activation)
            }
        }
    }
}
