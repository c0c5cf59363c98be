import Synchronization
public import VaneSites

/// Counts what the edits of a plan do while they run.
public final class SteeringLedger: Sendable {
    /// The sums of one site.
    public struct Entry: Sendable, Hashable, Codable {
        /// Rows the edits looked at.
        public var rows = 0
        /// Rows that were moved.
        public var moved = 0
        /// Sum over moved rows of the length of the move, `‖h′ - h‖`.
        public var moveLength = 0.0
        /// Rows left alone because no move satisfies all targets.
        public var infeasible = 0
        /// Rows whose move was cut because near-collinear concepts asked for an explosion.
        public var capped = 0

        /// The mean length of a move over the rows looked at.
        public var meanMove: Double { rows == 0 ? 0 : moveLength / Double(rows) }

        /// The sums of both.
        package func adding(_ other: Self) -> Self {
            var sum = self
            sum.add(other)
            return sum
        }

        mutating func add(_ other: Self) {
            rows += other.rows
            moved += other.moved
            moveLength += other.moveLength
            infeasible += other.infeasible
            capped += other.capped
        }
    }

    private let entries = Mutex<[Site: Entry]>([:])

    /// An empty ledger.
    public init() {}

    /// The sums by site.
    public var bySite: [Site: Entry] { entries.withLock { $0 } }

    /// What a user should know, in words: targets that could not be met, or that nothing had to move; nil if
    /// all went as planned.
    public var complaint: String? {
        let bySite = bySite
        let total = bySite.values.reduce(into: Entry()) { $0.add($1) }
        if total.rows == 0 && !bySite.isEmpty {
            return "no state came under the plan's scopes, schedules and gates: nothing was edited"
        }
        if total.infeasible + total.capped > 0 {
            return
                "of \(total.rows) states, \(total.infeasible) could not meet all targets at once and were left "
                + "alone, \(total.capped) would have needed an exploding move and were moved only part of the way"
        }
        return total.rows > 0 && total.moved == 0
            ? "every state met its targets already: nothing was moved" : nil
    }

    /// `length` to the nearest multiple of 2⁻²⁴. Sums of such numbers up to 2²⁹ are exact, so a ledger does
    /// not depend on the order in which sequences of a batch were edited.
    static func summable(_ length: Double) -> Double { (length * 0x1p24).rounded() * 0x1p-24 }

    func record(_ site: Site, _ change: (inout Entry) -> Void) {
        entries.withLock { change(&$0[site, default: Entry()]) }
    }
}
