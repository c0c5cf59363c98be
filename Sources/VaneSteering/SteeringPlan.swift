public import VaneConcepts
public import VaneSites

/// Concepts with targets, sites and scopes: what a steered generation aims at. Plain data.
public struct SteeringPlan: Sendable, Hashable, Codable, CustomStringConvertible {
    /// One concept's part of a plan.
    public struct Entry: Sendable, Hashable, Codable {
        /// The concept's name.
        public var concept: String
        /// Whether the concept is added or removed.
        public var goal: Goal
        /// The probability the probe should read, in (0, 1).
        public var target: Double
        /// Where; the concept's default sites if nil.
        public var sites: [Site]?
        /// Which tokens' states.
        public var scope: TokenScope

        /// A concept's part of a plan.
        public init(
            concept: String, goal: Goal, target: Double, sites: [Site]? = nil, scope: TokenScope = .all
        ) {
            self.concept = concept
            self.goal = goal
            self.target = target
            self.sites = sites
            self.scope = scope
        }
    }

    /// The direction of an edit.
    public enum Goal: String, Sendable, Codable {
        /// Raise the probability to the target where it is lower.
        case add
        /// Lower the probability to the target where it is higher.
        case remove
    }

    /// The parts.
    public var entries: [Entry]

    /// A plan of these parts; an empty one changes nothing.
    public init(_ entries: [Entry] = []) { self.entries = entries }

    /// A readable line a part.
    public var description: String {
        entries.map { entry in
            let sites = entry.sites.map { $0.map(\.description).joined(separator: ", ") } ?? "default layers"
            return
                "\(entry.goal.rawValue) \(entry.concept) to \(entry.target) at \(sites), \(entry.scope.rawValue) tokens"
        }.joined(separator: "\n")
    }

    /// Turns the plan into edits, one a site.
    ///
    /// - Parameters:
    ///   - concepts: the concepts the plan names.
    ///   - layout: the network to steer.
    /// - Returns: the edits with a ledger of what they do.
    /// - Throws: ``SteeringError`` for a target outside (0, 1), contradicting targets, a concept that is
    ///   missing or has no probe at a site; `SiteError` for a site the network lacks.
    public func compile(with concepts: [Concept], for layout: NetworkLayout) throws -> CompiledPlan {
        var constraints: [Site: [GCAVConstraint]] = [:]
        for entry in entries {
            try SteeringPlan.requireTarget(entry.target, of: entry.concept)
            guard let concept = concepts.first(where: { $0.name == entry.concept }) else {
                throw SteeringError(
                    .unknownConcept, "the plan names the concept '\(entry.concept)', which was not given")
            }
            let sites = entry.sites ?? concept.defaultSites
            guard !sites.isEmpty else {
                throw SteeringError(.unusableSite, "'\(entry.concept)' names no site to steer")
            }
            for site in sites {
                let probe = try concept.layer(at: site).steering
                guard try layout.width(of: site) == probe.weights.count, probe.norm > 0 else {
                    throw SteeringError(
                        .unusableSite,
                        "'\(entry.concept)' cannot steer \(site): its probe is empty or not as wide as the model"
                    )
                }
                constraints[site, default: []].append(
                    GCAVConstraint(
                        concept: entry.concept, probe: probe, goal: entry.goal, target: entry.target,
                        scope: entry.scope))
            }
        }
        try SteeringPlan.refuseContradictions(constraints)
        let ledger = SteeringLedger()
        var hooks = Hooks()
        for (site, constraints) in constraints.sorted(by: { $0.key < $1.key }) {
            hooks.add(GCAVEdit(constraints, ledger: ledger), at: site)
        }
        return CompiledPlan(
            hooks: hooks, ledger: ledger, warnings: SteeringPlan.warnings(constraints),
            scopes: constraints.mapValues { Set($0.map(\.scope)) })
    }

    /// Throws ``SteeringError`` `invalidTarget` unless `target` lies in (0, 1).
    package static func requireTarget(_ target: Double, of concept: String) throws {
        guard target > 0 && target < 1 else {
            throw SteeringError(
                .invalidTarget,
                "the target of '\(concept)' must lie between 0 and 1 (both excluded), not \(target)")
        }
    }

    /// The same probe cannot be above one value and below a smaller one at the same token.
    private static func refuseContradictions(_ bySite: [Site: [GCAVConstraint]]) throws {
        for (site, constraints) in bySite.sorted(by: { $0.key < $1.key }) {
            for low in constraints where low.goal == .add {
                for high in constraints
                where high.goal == .remove && high.probe == low.probe && high.target < low.target
                    && high.scope.overlaps(low.scope)
                {
                    throw SteeringError(
                        .conflictingTargets,
                        "at \(site) '\(low.concept)' is to be at least \(low.target) and at most \(high.target)"
                    )
                }
            }
        }
    }

    /// Pairs of concepts that are nearly the same direction.
    private static func warnings(_ bySite: [Site: [GCAVConstraint]]) -> [String] {
        var warnings: [String] = []
        for (site, constraints) in bySite.sorted(by: { $0.key < $1.key }) {
            for (i, a) in constraints.enumerated() {
                for b in constraints[..<i] where a.probe != b.probe {
                    let cosine = zip(a.probe.direction, b.probe.direction).reduce(0.0) {
                        $0 + Double($1.0) * Double($1.1)
                    }
                    if abs(cosine) > 0.95 {
                        warnings.append(
                            "at \(site) '\(b.concept)' and '\(a.concept)' are nearly one direction (cosine "
                                + "\((cosine * 1000).rounded() / 1000)): reaching both targets may take large moves"
                        )
                    }
                }
            }
        }
        return warnings
    }
}

extension TokenScope {
    /// Whether some token's state belongs to both.
    fileprivate func overlaps(_ other: TokenScope) -> Bool { self == other || self == .all || other == .all }
}

/// A plan ready to run.
public struct CompiledPlan: Sendable {
    /// The edits, to be put into a generation request.
    public let hooks: Hooks
    /// What the edits did so far.
    public let ledger: SteeringLedger
    /// Things the user should know, such as concepts that are nearly one direction.
    public let warnings: [String]
    /// Which tokens' states are edited at each site.
    let scopes: [Site: Set<TokenScope>]
}
