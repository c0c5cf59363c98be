import VaneConcepts
import VaneGeneration
import VaneSites
import VaneSteering
import VaneTokenizers

extension SteeringRows {
    /// Maps between the classes of the teaching texts, estimated together, with the λ that costs `asked` nats a token; λ = 1
    /// where all of it costs less.
    func transport(by form: String, _ goal: SteeringPlan.Goal, _ asked: Double) async throws -> (
        hooks: Hooks, strength: String, cost: Double
    ) {
        let maps = try await maps(by: form, goal)
        let layout = work.engine.model.network.layout
        let tokenizer = work.engine.model.tokenizer
        let gauge = try await SteeringGauge(
            generation.calibration.map { tokenizer.encode($0) }, work.engine, work.options.search)
        func hooks(_ strength: Double) throws -> Hooks {
            try SteeringPlan(
                SteeringPlan.transport(
                    maps, named: form, strength: strength, scope: work.options.writing.scope)
            ).compile(with: [], for: layout).hooks
        }
        let tolerance = work.options.search.tolerance * asked
        var (low, high) = (0.0, 1.0)
        var best = (strength: 1.0, cost: try await gauge.divergence(hooks(1)))
        guard best.cost > asked + tolerance else {
            return (try hooks(1), "λ 1 (\(best.cost.fixed(3)) nats)", best.cost)
        }
        for _ in 0..<40 where abs(best.cost - asked) > tolerance {
            let middle = (low + high) / 2
            let cost = try await gauge.divergence(hooks(middle))
            if cost < asked { low = middle } else { high = middle }
            if abs(cost - asked) < abs(best.cost - asked) { best = (middle, cost) }
        }
        return (try hooks(best.strength), "λ \(best.strength.fixed(3))", best.cost)
    }

    private func maps(by form: String, _ goal: SteeringPlan.Goal) async throws -> [Site: TransportMap] {
        let teaching = work.examples.teaching
        let (from, to) =
            goal == .add ? (teaching.negative, teaching.positive) : (teaching.positive, teaching.negative)
        let sites = work.sites
        return try await work.engine.perform { model in
            let source = from.map { model.tokenizer.encode($0) }
            let target = to.map { model.tokenizer.encode($0) }
            guard form != SteeringWay.aura else {
                return try AurA().maps(
                    concept: source, others: target, at: sites.compactMap(\.layer).map(Site.mlpHidden),
                    in: model.network)
            }
            guard let form = ActivationTransport.Form(rawValue: form) else {
                throw EvaluationError(.unusableInput, "there is no form of transport '\(form)'")
            }
            return try ActivationTransport(form, estimation: .simultaneous).maps(
                from: source, to: target, at: sites, in: model.network)
        }
    }
}
