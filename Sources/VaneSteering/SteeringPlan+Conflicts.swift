import VaneConcepts
import VaneSites

extension SteeringPlan {
    /// Throws ``SteeringError`` `conflictingTargets` for two entries at one site that cannot both have their
    /// way
    /// at some state.
    static func refuseConflicts(_ bySite: [Site: [PlannedEdit]]) throws {
        for (site, edits) in bySite.sorted(by: { $0.key < $1.key }) {
            for (i, second) in edits.enumerated() {
                for first in edits[..<i] where first.condition.overlaps(second.condition) {
                    if let reason = first.conflict(with: second) {
                        throw SteeringError(.conflictingTargets, "at \(site) \(reason)")
                    }
                }
            }
        }
    }

    /// Pairs of target probabilities whose probes are nearly the same direction.
    static func warnings(_ bySite: [Site: [PlannedEdit]]) -> [String] {
        var warnings: [String] = []
        for (site, edits) in bySite.sorted(by: { $0.key < $1.key }) {
            let targets = edits.filter { $0.entry.operation == .gcav }
            for (i, a) in targets.enumerated() {
                for b in targets[..<i] where a.probe != b.probe {
                    let cosine = a.cosine(to: b)
                    if abs(cosine) > 0.95 {
                        warnings.append(
                            "at \(site) '\(b.entry.concept)' and '\(a.entry.concept)' are nearly one direction (cosine "
                                + "\((cosine * 1000).rounded() / 1000)): reaching both targets may take large moves"
                        )
                    }
                }
            }
        }
        return warnings
    }
}

extension PlannedEdit {
    fileprivate func cosine(to other: PlannedEdit) -> Double {
        guard let first = probe?.direction, let second = other.probe?.direction else { return 0 }
        return Numbers.dot(first, second)
    }

    /// What an operation does to the coordinate along its direction.
    private enum Effect { case bounds, sets, aims, shifts }

    private var effect: Effect {
        switch (entry.operation, entry.strength) {
        case (.gcav, _): .bounds
        case (.project, _), (.clamp, _): .sets
        case (.rotateTo, _), (.rotate, .probability): .aims
        default: .shifts
        }
    }

    /// Why the two cannot go together at one state; nil if they can.
    fileprivate func conflict(with other: PlannedEdit) -> String? {
        switch (entry.operation, other.entry.operation) {
        case (.replacement, .replacement):
            return "'\(entry.concept)' and '\(other.entry.concept)' both replace the state at one position"
        case (.block, .replacement):
            return
                "'\(other.entry.concept)' replaces the state that '\(entry.concept)' adds to; put the replacement first"
        case (.neurons(let first), .neurons(let second)):
            guard first.value != second.value,
                let shared = Set(first.indices).intersection(second.indices).min()
            else { return nil }
            return "neuron \(shared) is to be both \(first.value) and \(second.value)"
        case (.gcav, .gcav): return contradiction(other) ?? other.contradiction(self)
        default: break
        }
        guard probe != nil, other.probe != nil, abs(cosine(to: other)) > 1 - 1e-6 else { return nil }
        let pair = "'\(entry.operation.name)' and '\(other.entry.operation.name)'"
        let effects = [effect, other.effect]
        if effects == [.sets, .sets] {
            // Along the opposite direction the same state has the opposite coordinate.
            let side: Double = cosine(to: other) < 0 ? -1 : 1
            let same =
                (steerer as? CoordinateClamp)?.coordinate
                == (other.steerer as? CoordinateClamp).map { side * $0.coordinate }
            return same ? nil : "\(pair) set one direction, that of '\(entry.concept)', to different values"
        }
        if effects.contains(.sets) || effects == [.aims, .aims] || Set(effects) == [.aims, .bounds] {
            return
                "\(pair) act on one direction, that of '\(entry.concept)', where one undoes the other; use one of them"
        }
        return nil
    }

    /// The same probe cannot be above one value and below a smaller one.
    private func contradiction(_ high: PlannedEdit) -> String? {
        guard entry.goal == .add, high.entry.goal == .remove, high.probe == probe,
            high.entry.target < entry.target
        else { return nil }
        return
            "'\(entry.concept)' is to be at least \(entry.target) and at most \(high.entry.target)"
    }
}
