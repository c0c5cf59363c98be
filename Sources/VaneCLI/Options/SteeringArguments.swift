import ArgumentParser
import Vane

/// What to steer towards.
struct SteeringArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Raise a concept to this probability, 0.95 if not given; can be repeated.",
            valueName: "concept[=p]")
    )
    var concept: [ConceptTarget] = []

    @Option(
        help: ArgumentHelp(
            "Lower a concept to this probability, 0.05 if not given; can be repeated.",
            valueName: "concept[=p]")
    )
    var remove: [ConceptTarget] = []

    @Option(help: ArgumentHelp("Blocks to edit, counted from 0: 5, 4..6 or 4..<7.", valueName: "range"))
    var layers: LayersArgument?

    @Option(help: "Which tokens' states to edit: all, prompt or generated.")
    var scope: TokenScope = .all

    func validate() throws {
        guard !(concept + remove).isEmpty else {
            throw ValidationError("name at least one concept with --concept NAME=P or --remove NAME=P")
        }
    }

    /// Refuses impossible targets before a model is loaded.
    ///
    /// - Throws: `SteeringError` `invalidTarget`.
    func checkTargets() throws {
        for named in concept + remove {
            if let target = named.target { try SteeringPlan.requireTarget(target, of: named.path) }
        }
    }

    /// The plan and its concepts.
    func plan(for model: LanguageModel) throws -> (SteeringPlan, [Concept]) {
        let sites = try layers.map { try SiteSelector.residuals($0.layers).sites(in: model.network.layout) }
        var concepts: [Concept] = []
        var plan = SteeringPlan()
        for (goal, targets) in [(SteeringPlan.Goal.add, concept), (.remove, remove)] {
            for target in targets {
                var concept = try Concept(argument: target.path)
                try concept.requireModel(model.identity)
                if let same = concepts.first(where: { $0.name == concept.name }), same != concept {
                    concept.name = target.path
                }
                if !concepts.contains(concept) { concepts.append(concept) }
                plan.entries.append(
                    SteeringPlan.Entry(
                        concept: concept.name, goal: goal,
                        target: target.target ?? (goal == .add ? 0.95 : 0.05),
                        sites: sites, scope: scope))
            }
        }
        return (plan, concepts)
    }
}
