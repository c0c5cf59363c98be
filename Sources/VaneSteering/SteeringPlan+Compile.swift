public import VaneConcepts
public import VaneSites

/// One entry of a plan at one site.
struct PlannedEdit: Sendable {
    let entry: SteeringPlan.Entry
    /// The steering probe; nil where the operation carries its data.
    let probe: LinearProbe?
    /// Nil for GCAV.
    let steerer: (any Steerer)?
    let condition: Condition
}

extension SteeringPlan {
    /// Turns the plan into edits.
    ///
    /// At a site, gates read first; then the steerers act in the order of the entries, and last GCAV,
    /// jointly for
    /// all its entries, so that its targets hold whatever the others did.
    ///
    /// - Parameters:
    ///   - concepts: the concepts the plan names, those of its gates included.
    ///   - layout: the network to steer.
    /// - Returns: the edits with a ledger of what they do.
    /// - Throws: ``SteeringError`` for a strength out of range or in a unit that the operation does not take
    ///   (`unresolvedStrength` for a divergence), data that do not fit, entries that contradict each other, a
    ///   gate that reads too late, a concept that is missing or cannot be used at a site; `ConceptError` for
    /// one
    ///   without a probe there; `SiteError` for a site the network lacks.
    public func compile(with concepts: [Concept], for layout: NetworkLayout) throws -> CompiledPlan {
        var gates: [Site: [String: GateProbe]] = [:]
        var edits: [Site: [PlannedEdit]] = [:]
        for entry in entries {
            try entry.operation.requireStrength(of: entry)
            try entry.schedule.requireValid()
            let concept =
                entry.operation.carriesData ? nil : try SteeringPlan.find(entry.concept, among: concepts)
            let sites = entry.sites ?? concept?.defaultSites ?? []
            guard !sites.isEmpty else {
                throw SteeringError(.unusableSite, "'\(entry.concept)' names no site to steer")
            }
            for site in sites {
                let layer = try concept?.layer(at: site)
                let width = try layout.width(of: site)
                if let probe = layer?.steering, probe.weights.count != width || probe.norm == 0 {
                    throw SteeringError(
                        .unusableSite,
                        "'\(entry.concept)' cannot steer \(site): its probe is empty or not as wide as the model"
                    )
                }
                var condition = Condition(scope: entry.scope, schedule: entry.schedule)
                if case .replacement(let replacement) = entry.operation {
                    condition.place = .position(replacement.position)
                }
                condition.gate = try entry.gate.map {
                    try SteeringPlan.gate($0, of: site, concepts, layout, &gates)
                }
                if case .block(let block) = entry.operation {
                    try block.requireFit(width, at: site)
                    for part in block.parts {
                        condition.place = part.place
                        edits[site, default: []].append(
                            PlannedEdit(
                                entry: entry, probe: nil, steerer: part.steerer, condition: condition))
                    }
                    continue
                }
                edits[site, default: []].append(
                    PlannedEdit(
                        entry: entry, probe: layer?.steering,
                        steerer: try entry.operation.steerer(entry, layer, width: width, at: site),
                        condition: condition))
            }
        }
        try SteeringPlan.refuseConflicts(edits)
        return SteeringPlan.compiled(edits, gates)
    }

    private static func compiled(_ edits: [Site: [PlannedEdit]], _ gates: [Site: [String: GateProbe]])
        -> CompiledPlan
    {
        let ledger = SteeringLedger()
        var hooks = Hooks()
        for (site, probes) in gates.sorted(by: { $0.key < $1.key }) {
            for (_, probe) in probes.sorted(by: { $0.key < $1.key }) { hooks.add(probe, at: site) }
        }
        for (site, edits) in edits.sorted(by: { $0.key < $1.key }) {
            for edit in edits {
                guard let steerer = edit.steerer else { continue }
                hooks.add(SteererEdit(steerer, edit.condition, ledger: ledger), at: site)
            }
            let constraints = edits.compactMap { edit in
                edit.entry.operation == .gcav ? edit.probe.map { GCAVConstraint(edit, $0) } : nil
            }
            if !constraints.isEmpty { hooks.add(GCAVEdit(constraints, ledger: ledger), at: site) }
        }
        return CompiledPlan(
            hooks: hooks, ledger: ledger, warnings: SteeringPlan.warnings(edits),
            scopes: edits.mapValues { edits in
                Set(edits.map { $0.condition.place == nil ? $0.condition.scope : .all })
            },
            readsTokens: edits.values.contains { $0.contains { $0.condition.readsTokens } })
    }

    private static func find(_ name: String, among concepts: [Concept]) throws -> Concept {
        guard let concept = concepts.first(where: { $0.name == name }) else {
            throw SteeringError(
                .unknownConcept, "the plan names the concept '\(name)', which was not given")
        }
        return concept
    }

    /// The gate of an edit at `site`, sharing the probe of other gates that read the same.
    private static func gate(
        _ gate: Gate, of site: Site, _ concepts: [Concept], _ layout: NetworkLayout,
        _ gates: inout [Site: [String: GateProbe]]
    ) throws -> CompiledGate {
        guard gate.threshold > 0 && gate.threshold < 1 else {
            throw SteeringError(
                .invalidGate,
                "the threshold of the gate '\(gate)' must lie between 0 and 1 (both excluded)")
        }
        let place = gate.site ?? site
        guard place <= site else {
            throw SteeringError(
                .invalidGate,
                "the gate '\(gate)' reads \(place), which the forward pass reaches only after \(site), the edit's site"
            )
        }
        let concept = try find(gate.concept, among: concepts)
        guard let probe = concept.layers.first(where: { $0.site == place })?.probe else {
            throw SteeringError(
                .invalidGate,
                "'\(gate.concept)' has no probe at \(place) for the gate '\(gate)'; name one of its sites, such as "
                    + "\(Gate(gate.concept, gate.side, gate.threshold, at: concept.layers.first?.site))")
        }
        guard try layout.width(of: place) == probe.weights.count else {
            throw SteeringError(
                .invalidGate, "the probe of '\(gate.concept)' is not as wide as the model at \(place)")
        }
        let reader = gates[place]?[gate.concept] ?? GateProbe(probe)
        gates[place, default: [:]][gate.concept] = reader
        return CompiledGate(Gate(gate.concept, gate.side, gate.threshold, at: place), probe: reader)
    }

    /// Throws ``SteeringError`` `invalidTarget` unless `target` lies in (0, 1).
    package static func requireTarget(_ target: Double, of concept: String) throws {
        guard target > 0 && target < 1 else {
            throw SteeringError(
                .invalidTarget,
                "the target of '\(concept)' must lie between 0 and 1 (both excluded), not \(target)")
        }
    }
}

extension GCAVConstraint {
    init(_ edit: PlannedEdit, _ probe: LinearProbe) {
        self.init(
            concept: edit.entry.concept, probe: probe, goal: edit.entry.goal, target: edit.entry.target,
            condition: edit.condition)
    }
}
