public import VaneConcepts
import VaneSites

extension SteeringPlan {
    /// What an entry does to a state `h`, with `v` the concept's unit steering direction.
    ///
    /// | operation | strength |
    /// |---|---|
    /// | ``gcav`` | probability |
    /// | ``add``, ``addRestoringNorm`` | norms |
    /// | ``addGated`` | norms, of the state itself |
    /// | ``project`` | none; only with the goal to remove |
    /// | ``clamp`` | probability, norms |
    /// | ``rotate`` | degrees, probability |
    /// | ``rotateTo`` | degrees |
    /// | the others | none: they carry their data |
    ///
    /// Every operation with a strength also takes a divergence, once a search has turned it into one of
    /// these.
    public enum Operation: Sendable, Hashable {
        /// The smallest move to a target probability, jointly for all such entries of a site (row 1).
        case gcav
        /// `h + distance·v` (rows 26 and 110).
        case add
        /// ``add``, then scaled back to the old norm (rows 18 and 121).
        case addRestoringNorm
        /// ``addRestoringNorm`` in units of the state's own norm, up to twice as far where the state points
        /// against v (row 121 as released).
        case addGated
        /// `h - (v·h) v` (row 110).
        case project
        /// `h - (v·h) v + c v`: always, not only where a target is missed.
        case clamp
        /// Turns h towards v by an angle, or until the probe reads a probability; the norm stays.
        case rotate
        /// Turns h until the angle between it and v is the strength; the norm stays.
        case rotateTo
        /// Sets entries of the state (row 139).
        case neurons(NeuronClamp)
        /// Replaces the state at one position (rows 12 and 23).
        case replacement(Replacement)
        /// Replaces the coordinates in a subspace (row 109).
        case subspace(SubspacePatch)
        /// Moves every entry along its own line (row 150).
        case transport(TransportMap)
        /// Adds a row to each of some positions of the prompt (row 56).
        case block(PromptBlock)
    }
}

extension SteeringPlan.Operation {
    /// The operations without data of their own, by the names that files and the command line use.
    public static let named: [(name: String, operation: Self)] = [
        ("gcav", .gcav), ("add", .add), ("add-norm", .addRestoringNorm),
        ("add-gated", .addGated), ("project", .project), ("clamp", .clamp), ("rotate", .rotate),
        ("rotate-to", .rotateTo),
    ]

    /// The name, such as `add-norm`.
    public var name: String {
        switch self {
        case .neurons: "neurons"
        case .replacement: "replacement"
        case .subspace: "subspace"
        case .transport: "transport"
        case .block: "block"
        default: Self.named.first { $0.operation == self }?.name ?? ""
        }
    }

    /// Whether it needs no concept.
    public var carriesData: Bool { !Self.named.contains { $0.operation == self } }

    /// Throws ``SteeringError`` `invalidStrength` or `invalidTarget` unless `entry`'s strength fits, and
    /// `unresolvedStrength` for a divergence unless it is allowed.
    package func requireStrength(of entry: SteeringPlan.Entry, allowsDivergence: Bool = false) throws {
        let concept = entry.concept
        func refuse(_ expectation: String) -> SteeringError {
            let given = entry.strength.map { "not '\($0)'" } ?? "which is missing"
            return SteeringError(
                .invalidStrength, "'\(name)' of '\(concept)' takes \(expectation), \(given)")
        }
        if self == .project && entry.goal == .add {
            throw SteeringError(
                .invalidStrength, "'project' takes a concept out: '\(concept)' has to be removed, not added")
        }
        let expectation: String
        switch (self, entry.strength) {
        case (_, .divergence) where self != .project && !carriesData:
            try entry.strength?.requireValid(for: concept)
            if allowsDivergence { return }
            throw SteeringError(
                .unresolvedStrength,
                "a divergence such as '\(concept)=\(entry.strength?.description ?? "")' has to be turned into a strength "
                    + "by a search on calibration prompts first")
        case (.gcav, .probability), (.add, .norms), (.addRestoringNorm, .norms), (.addGated, .norms),
            (.clamp, .probability), (.clamp, .norms), (.rotate, .degrees), (.rotate, .probability),
            (.rotateTo, .degrees):
            try entry.strength?.requireValid(for: concept)
            return
        case (.project, nil), (.neurons, nil), (.replacement, nil), (.subspace, nil), (.transport, nil),
            (.block, nil):
            return
        case (.gcav, _): expectation = "a probability such as 0.95"
        case (.add, _), (.addRestoringNorm, _), (.addGated, _):
            expectation = "a number of norms such as 2norm"
        case (.clamp, _): expectation = "a probability such as 0.95 or a number of norms such as 2norm"
        case (.rotate, _): expectation = "an angle such as 30deg or a probability such as 0.95"
        case (.rotateTo, _): expectation = "an angle such as 30deg"
        default: expectation = "no strength"
        }
        throw refuse(expectation)
    }

    /// The steerer for one site; nil for ``gcav``, whose entries are solved together, and for ``block``,
    /// which has one a row.
    ///
    /// - Parameter layer: what the concept learnt at the site; not nil unless the operation ``carriesData``.
    func steerer(_ entry: SteeringPlan.Entry, _ layer: Concept.Layer?, width: Int, at site: Site) throws
        -> (any Steerer)?
    {
        let direction = layer?.steering.direction ?? []
        let sign: Double = entry.goal == .add ? 1 : -1
        func norms(_ count: Double) throws -> Double {
            let norm = layer?.result.typicalNorm ?? 0
            guard norm.isFinite && norm > 0 else {
                throw SteeringError(
                    .unusableSite, "'\(entry.concept)' does not tell the typical norm at \(site)")
            }
            return sign * count * norm
        }
        func coordinate(_ probability: Double) -> Double {
            guard let probe = layer?.steering else { return 0 }
            return (LinearProbe.logit(ofProbability: probability) - Double(probe.bias)) / probe.norm
        }
        switch (self, entry.strength) {
        case (.add, .norms(let count)): return Addition(direction: direction, distance: try norms(count))
        case (.addRestoringNorm, .norms(let count)):
            return NormRestoringAddition(direction: direction, distance: try norms(count))
        case (.addGated, .norms(let count)):
            return GatedAddition(direction: direction, share: sign * count)
        case (.project, _): return CoordinateClamp(direction: direction, coordinate: 0)
        case (.clamp, .norms(let count)):
            return CoordinateClamp(direction: direction, coordinate: try norms(count))
        case (.clamp, .probability(let target)):
            return CoordinateClamp(direction: direction, coordinate: coordinate(target))
        case (.rotate, .degrees(let angle)):
            return Rotation(direction: direction, aim: .by(sign * angle * .pi / 180))
        case (.rotate, .probability(let target)):
            let aim = coordinate(target)
            return Rotation(direction: direction, aim: entry.goal == .add ? .atLeast(aim) : .atMost(aim))
        case (.rotateTo, .degrees(let angle)):
            // Away from the concept means towards the opposite direction.
            return Rotation(
                direction: direction, aim: .to((entry.goal == .add ? angle : 180 - angle) * .pi / 180))
        case (.neurons(let clamp), _):
            try clamp.requireFit(width, at: site)
            return clamp
        case (.replacement(let replacement), _):
            try replacement.requireFit(width, at: site)
            return replacement
        case (.subspace(let patch), _):
            try patch.requireFit(width, at: site)
            return patch
        case (.transport(let map), _):
            try map.requireFit(width, at: site)
            return map
        case (.gcav, _), (.block, _): return nil
        default:
            throw SteeringError(
                .invalidStrength,
                "'\(name)' of '\(entry.concept)' cannot be done with the strength it was given")
        }
    }
}
