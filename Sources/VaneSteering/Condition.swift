import VaneSites

/// Which states an edit changes, and by which part: scope, schedule and gate of a plan's entry together.
struct Condition: Sendable {
    var scope: TokenScope
    var schedule = Schedule.constant
    var gate: CompiledGate?
    /// One position only; the scope does not matter then.
    var place: Place?

    /// Whether one state can be under both.
    func overlaps(_ other: Condition) -> Bool {
        if schedule.excludes(other.schedule) { return false }
        if let gate, let second = other.gate, gate.gate.excludes(second.gate) { return false }
        if let place, let second = other.place { return place.coincides(with: second) }
        return place != nil || other.place != nil || scope == other.scope || scope == .all
            || other.scope == .all
    }

    /// Whether the tokens' ids matter.
    var readsTokens: Bool { if case .after = schedule { true } else { false } }

    /// The parts for the rows of `activation`.
    func parts(of activation: Activation) -> Parts { Parts(self, activation) }

    /// The part of the whole change that each row gets: 1 is all, 0 leaves it alone.
    struct Parts {
        /// Rows outside get nothing.
        let rows: Range<Int>
        private let condition: Condition
        private let firstPosition: Int
        private let promptLength: Int
        private let marker: Int?
        private let readings: PassNotes.Readings?
        private let isPlain: Bool

        init(_ condition: Condition, _ activation: Activation) {
            self.condition = condition
            firstPosition = activation.firstPosition
            promptLength = activation.promptLength
            if let place = condition.place {
                let row =
                    (place.position(promptLength: activation.promptLength) ?? -1) - activation.firstPosition
                rows = (0..<activation.rows).contains(row) ? row..<row + 1 : 0..<0
            } else {
                rows = activation.rows(in: condition.scope)
            }
            if case .after(let token) = condition.schedule {
                marker = activation.tokens.firstIndex(of: token)
            } else {
                marker = nil
            }
            readings = condition.gate.flatMap { activation.notes.readings[ObjectIdentifier($0.probe)] }
            isPlain = condition.gate == nil && condition.schedule == .constant
        }

        subscript(row: Int) -> Double {
            guard rows.contains(row) else { return 0 }
            if isPlain { return 1 }
            let position = firstPosition + row
            if let gate = condition.gate, !gate.isOpen(at: position, in: readings) { return 0 }
            return condition.schedule.part(
                position: position, generated: position - (promptLength - 1), marker: marker)
        }
    }
}
