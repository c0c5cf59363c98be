import VaneConcepts
public import VaneSites
import VaneTensors

/// A condition on each state: edit it only where another concept's reading probe is above or below a
/// threshold.
///
/// The probe reads the state at ``site`` as it is before the plan's edits there, after those at earlier
/// sites.
/// Written `film>0.5`, `film<0.5@blocks[3].residual`; ``init(_:)`` reads what ``description`` writes.
public struct Gate: Sendable, Hashable, Codable {
    /// The side of the threshold on which the gate is open.
    public enum Side: String, Sendable, Codable {
        /// Open where the probability is greater.
        case above
        /// Open where the probability is smaller.
        case below
    }

    /// The name of the concept that is read.
    public var concept: String
    /// The side of the threshold on which the gate is open.
    public var side: Side
    /// A probability in (0, 1).
    public var threshold: Double
    /// Where the concept is read, no later in the forward pass than the edit; the edited site itself if nil.
    public var site: Site?

    /// A gate.
    public init(_ concept: String, _ side: Side, _ threshold: Double, at site: Site? = nil) {
        self.concept = concept
        self.side = side
        self.threshold = threshold
        self.site = site
    }

    /// Whether no reading opens both: they read one probe, and one is open above where the other is below.
    func excludes(_ other: Gate) -> Bool {
        guard concept == other.concept, site == other.site, site != nil, side != other.side else {
            return false
        }
        return side == .above ? other.threshold <= threshold : threshold <= other.threshold
    }
}

extension Gate: CustomStringConvertible, LosslessStringConvertible {
    /// `film>0.5` or `film<0.5@blocks[3].residual`.
    public var description: String {
        "\(concept)\(side == .above ? ">" : "<")\(threshold)" + (site.map { "@\($0)" } ?? "")
    }

    /// The gate with this ``description``; nil for any other text.
    public init?(_ description: String) {
        guard let sign = description.lastIndex(where: { $0 == ">" || $0 == "<" }),
            sign > description.startIndex
        else { return nil }
        let rest = description[description.index(after: sign)...]
        let parts = rest.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let threshold = parts.first.flatMap({ Double($0) }) else { return nil }
        let site = parts.count > 1 ? Site(String(parts[1])) : nil
        guard parts.count == 1 || site != nil else { return nil }
        self.init(
            String(description[..<sign]), description[sign] == ">" ? .above : .below, threshold, at: site)
    }
}

/// Reads a gate's probe at every row and leaves the logits in the pass's notes.
final class GateProbe: Tap {
    private let probe: LinearProbe

    init(_ probe: LinearProbe) { self.probe = probe }

    func read(_ activation: Activation) {
        let logits = (0..<activation.rows).map {
            activation[$0].product(with: probe.weights) + Double(probe.bias)
        }
        activation.notes.readings[ObjectIdentifier(self)] = PassNotes.Readings(
            firstPosition: activation.firstPosition, values: logits)
    }
}

/// A gate ready to run.
struct CompiledGate: Sendable {
    let gate: Gate
    let probe: GateProbe
    private let threshold: Double

    /// - Parameter gate: its site is set.
    init(_ gate: Gate, probe: GateProbe) {
        self.gate = gate
        self.probe = probe
        threshold = LinearProbe.logit(ofProbability: gate.threshold)
    }

    /// Whether the reading at `position` opens the gate; a state that was not read does not.
    func isOpen(at position: Int, in readings: PassNotes.Readings?) -> Bool {
        guard let readings else { return false }
        let row = position - readings.firstPosition
        guard readings.values.indices.contains(row) else { return false }
        return gate.side == .above ? readings.values[row] > threshold : readings.values[row] < threshold
    }
}
