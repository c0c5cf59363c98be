public import VaneSites

/// What a steered generation aims at: concepts with operations, strengths, sites, scopes, schedules and
/// gates.
/// Plain data.
public struct SteeringPlan: Sendable, Hashable, Codable, CustomStringConvertible {
    /// One part of a plan: an operation on a concept's direction, or on data of its own.
    public struct Entry: Sendable, Hashable {
        /// The concept's name; a free name where the operation carries its own data.
        public var concept: String
        /// Whether the concept is added or removed.
        public var goal: Goal
        /// What is done to a state.
        public var operation: Operation
        /// How strongly; nil where the operation has no strength.
        public var strength: Strength?
        /// Where; the concept's default sites if nil.
        public var sites: [Site]?
        /// Which tokens' states.
        public var scope: TokenScope
        /// How the edit goes on and off in the course of a sequence.
        public var schedule: Schedule
        /// Which states are left alone because of what another concept's probe reads; all are edited if nil.
        public var gate: Gate?

        /// The probability the probe should read, in (0, 1); NaN for a strength in another unit.
        public var target: Double {
            get { if case .probability(let target) = strength { target } else { .nan } }
            set { strength = .probability(newValue) }
        }

        /// A concept brought to a probability.
        public init(
            concept: String, goal: Goal, target: Double, sites: [Site]? = nil, scope: TokenScope = .all
        ) {
            self.init(
                concept: concept, goal: goal, operation: .gcav, strength: .probability(target), sites: sites,
                scope: scope)
        }

        /// Any part of a plan.
        public init(
            concept: String, goal: Goal, operation: Operation, strength: Strength?, sites: [Site]? = nil,
            scope: TokenScope = .all, schedule: Schedule = .constant, gate: Gate? = nil
        ) {
            self.concept = concept
            self.goal = goal
            self.operation = operation
            self.strength = strength
            self.sites = sites
            self.scope = scope
            self.schedule = schedule
            self.gate = gate
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
        entries.map(\.description).joined(separator: "\n")
    }
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
    /// Whether a schedule waits for a marker token.
    let readsTokens: Bool
}
