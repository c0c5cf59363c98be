import ArgumentParser
import Vane

/// What to steer towards.
struct SteeringArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Raise a concept: to a probability (0.95 if not given), by multiples of the typical norm (2norm), by an angle (30deg), or until the model's predictions change by so many nats a token (0.5kl). Can be repeated.",
            valueName: "concept[=strength]")
    )
    var concept: [ConceptTarget] = []

    @Option(
        help: ArgumentHelp(
            "Lower a concept in the same way (to the probability 0.05 if not given); can be repeated.",
            valueName: "concept[=strength]")
    )
    var remove: [ConceptTarget] = []

    @Option(
        help: ArgumentHelp(
            "How: gcav (the smallest move to a probability), add (a distance), add-norm (the same, the norm restored), add-gated (the same in multiples of the state's own norm, further where it points away), project (take the direction out), clamp (set the coordinate), rotate (turn towards it), rotate-to (turn to an angle from it). If not given, the unit of the strength decides: gcav, add for norms, rotate for angles.",
            valueName: "method"))
    var method: MethodArgument?

    @Option(
        help: ArgumentHelp(
            "Apply another tool's vectors as they are, times a factor (1 if not given), at the file's own layers: llama.cpp, repeng, GLP, svec and others. Of the other options only --scope applies to it. Can be repeated.",
            valueName: "file[=factor]"), completion: .file())
    var vector: [VectorTarget] = []

    @Option(help: ArgumentHelp("Blocks to edit, counted from 0: 5, 4..6 or 4..<7.", valueName: "range"))
    var layers: LayersArgument?

    @Option(help: "Which tokens' states to edit: all, prompt or generated.")
    var scope: TokenScope = .all

    @Option(
        help: ArgumentHelp(
            "When to edit: constant, decay:0.9 (a factor per generated token), tokens:5..<20 (generated tokens, counted from 0), after:TOKEN (from the first such token on, an id or a text of one token).",
            valueName: "schedule"))
    var schedule = "constant"

    @Option(
        help: ArgumentHelp(
            "Edit only states where another concept reads above or below a probability, at the edited site or the one after @.",
            valueName: "concept>p[@site]"))
    var when: String?

    @Option(
        help: ArgumentHelp(
            "Prompts to measure a strength such as 0.5kl on, one a line or a JSON list; the prompt itself if not given.",
            valueName: "file"), completion: .file())
    var calibration: String?

    @OptionGroup var plans: PlanOptions
    @OptionGroup var pair: PromptPairOptions
    @OptionGroup var guide: GuideOptions

    func validate() throws {
        let hasPlan = !plans.files.isEmpty
        guard !(concept + remove).isEmpty || !vector.isEmpty || hasPlan || pair.isGiven || guide.isGiven
        else {
            throw ValidationError(
                "name at least one concept with --concept NAME=P or --remove NAME=P, or a file with --vector FILE or "
                    + "--plan FILE, or two texts with --prompt-pair, or words with --guide-words")
        }
        guard
            !(concept + remove).isEmpty
                || (method == nil && layers == nil && schedule == "constant" && when == nil
                    && (calibration == nil || hasPlan))
        else {
            throw ValidationError(
                "--method, --layers, --schedule, --when and --calibration belong to --concept and --remove; a file given with "
                    + "--vector is applied as it is, to the tokens that --scope names, and one given with --plan says all itself"
            )
        }
        guard scope == .all || !(concept + remove).isEmpty || !vector.isEmpty else {
            throw ValidationError(
                "--scope belongs to --concept, --remove and --vector; the entries of a plan have their own")
        }
        guard plans.save == nil || vector.isEmpty else {
            throw ValidationError("--save-plan cannot keep the vectors of --vector; leave one of them out")
        }
        for named in concept + remove {
            if let text = named.unreadable {
                throw ValidationError(
                    "'\(text)' is not a strength of '\(named.path)'; write a probability (0.95), norms (2norm), an angle "
                        + "(30deg) or a divergence (0.5kl)")
            }
        }
        for target in vector where target.factor == nil {
            throw ValidationError("the factor of '\(target.path)' is not a number; write FILE=1.5")
        }
        let asksForDivergence = (concept + remove).contains {
            if case .divergence = $0.strength { true } else { false }
        }
        guard calibration == nil || asksForDivergence || hasPlan else {
            throw ValidationError("--calibration belongs to a strength such as 0.5kl, which is searched for")
        }
        guard scope != .prompt || !["decay:", "tokens:"].contains(where: { schedule.hasPrefix($0) }) else {
            throw ValidationError(
                "--schedule \(schedule) counts generated tokens, and --scope prompt leaves those alone")
        }
        guard schedule.hasPrefix("after:") || Schedule(schedule) != nil else {
            throw ValidationError(
                "'\(schedule)' is not a schedule; write constant, decay:0.9, tokens:5..<20 or after:TOKEN")
        }
        if let when, Gate(when) == nil {
            throw ValidationError(
                "'\(when)' is not a condition; write CONCEPT>0.5, CONCEPT<0.5 or CONCEPT>0.5@blocks[3].residual"
            )
        }
    }

    /// Refuses impossible strengths before a model is loaded.
    ///
    /// - Throws: `SteeringError` `invalidTarget`, `invalidStrength`, `invalidSchedule`.
    func checkTargets() throws {
        for (goal, target) in named {
            let entry = self.entry(target, target.path, goal)
            try entry.operation.requireStrength(of: entry, allowsDivergence: true)
        }
        try Schedule(schedule)?.requireValid()
    }

    private var named: [(SteeringPlan.Goal, ConceptTarget)] {
        concept.map { (.add, $0) } + remove.map { (.remove, $0) }
    }

    /// The entry without sites, schedule and gate.
    private func entry(_ target: ConceptTarget, _ name: String, _ goal: SteeringPlan.Goal)
        -> SteeringPlan.Entry
    {
        let unit: SteeringPlan.Operation =
            switch target.strength {
            case .norms: .add
            case .degrees: .rotate
            default: .gcav
            }
        let operation = method?.operation ?? unit
        let usual: Strength? =
            [.gcav, .clamp, .rotate].contains(operation) ? .probability(goal == .add ? 0.95 : 0.05) : nil
        return SteeringPlan.Entry(
            concept: name, goal: goal, operation: operation, strength: target.strength ?? usual,
            scope: scope)
    }

    /// The plan and its concepts: the entries of files first, then those of options, each in their order.
    ///
    /// - Parameter files: what ``PlanOptions/load()`` read.
    /// - Throws: `SteeringError` `missingFile` for a concept that a file names, `wrongModel`; errors of reading
    ///   concepts.
    func plan(from files: [(path: String, file: PlanFile)], for engine: Engine) async throws
        -> (SteeringPlan, NamedConcepts)
    {
        let model = engine.model
        let sites = try layers.map { try SiteSelector.residuals($0.layers).sites(in: model.network.layout) }
        let schedule = try self.schedule(for: model)
        var concepts = NamedConcepts()
        var plan = SteeringPlan()
        for (path, file) in files {
            try file.requireModel(model.identity)
            for var entry in file.plan.entries {
                if !entry.operation.carriesData {
                    entry.concept = try concepts.add(entry.concept, namedBy: path, for: model.identity)
                }
                if let gate = entry.gate {
                    entry.gate?.concept = try concepts.add(gate.concept, namedBy: path, for: model.identity)
                }
                plan.entries.append(entry)
            }
        }
        plan.entries += try await pair.entries(engine)
        var gate = when.flatMap { Gate($0) }
        var own: [SteeringPlan.Entry] = []
        for (goal, target) in named {
            var entry = self.entry(target, try concepts.add(target.path, for: model.identity), goal)
            entry.sites = sites
            entry.schedule = schedule
            own.append(entry)
        }
        if let read = gate { gate?.concept = try concepts.add(read.concept, for: model.identity) }
        for i in own.indices { own[i].gate = gate }
        plan.entries += own
        return (plan, concepts)
    }

    /// The schedule, its marker's text turned into a token.
    private func schedule(for model: LanguageModel) throws -> Schedule {
        if let schedule = Schedule(schedule) { return schedule }
        let text = String(schedule.dropFirst("after:".count))
        let tokens = model.tokenizer.encode(text)
        guard tokens.count == 1, let token = tokens.first else {
            throw ValidationError(
                "the marker '\(text)' of --schedule is \(tokens.count) tokens of this model; name a text of one token, "
                    + "or a token id")
        }
        return .after(token: token)
    }

    /// The edits of the vector files.
    func vectors(for layout: NetworkLayout) throws -> [CompiledPlan] {
        try vector.map {
            try VectorFile(contentsOf: $0.path).compile(
                strength: $0.factor ?? 1, scope: scope, for: layout)
        }
    }

    /// The prompts that a divergence is measured on.
    func calibrationPrompts() throws -> [String] {
        try calibration.map { try promptTexts(path: $0) } ?? []
    }
}

/// The prompts of a file, one a line (`\n` is a line break) or a JSON list.
func promptTexts(path: String) throws -> [String] {
    try ExampleFile.texts(path: path).map { $0.replacing("\\n", with: "\n") }
}
