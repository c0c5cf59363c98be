import ArgumentParser
import Vane

struct TransportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transport",
        abstract: "Learn maps that carry texts without a concept over to texts with it.",
        discussion: """
            Examples come as for `vane learn`. What comes out is a plan file for `vane steer`:

              vane transport joy --positive happy.txt --negative sad.txt --model MODEL
              vane steer "My day was" --model MODEL --plan joy.plan.json --strength 0.7
              vane transport joy --positive happy.txt --negative sad.txt --remove --support token-range
              vane transport joy --positive happy.txt --negative sad.txt --form aura

            A quarter of the texts is held out; the table shows how far the maps carry them, in standard deviations, beside
            maps learnt from shuffled labels and the distance of two samples of the texts aimed at.
            """)

    @Argument(help: "What to call the plan.")
    var name: String

    @OptionGroup var sentences: ExampleOptions
    @OptionGroup var model: ModelOptions
    @OptionGroup var place: PlanOutput

    @Option(
        help: ArgumentHelp(
            "How: linear, mean or gaussian, or aura, which dampens neurons that tell the concept and can only take it away.",
            valueName: "form"))
    var form: MapForm = .linear

    @Flag(help: "Take the concept away: carry positive texts over to negative ones.")
    var remove = false

    @Flag(
        help: "Fit each site's map with the earlier maps on. The built-in model is steered better without it."
    )
    var causal = false

    @Option(
        help: ArgumentHelp(
            "Which values are moved: everywhere, pooled-range (between the extremes of the texts' means) or token-range (of their "
                + "tokens); everywhere if not given.", valueName: "range"))
    var support: MapSupport?

    @Option(
        help: ArgumentHelp(
            "Sites such as 'blocks[2..<6].residual'; all residual streams if not given, all neurons for aura."
        ))
    var sites: String?

    @Option(help: ArgumentHelp("Seeds the split and the control.", valueName: "number"))
    var seed: UInt64 = 0

    @OptionGroup var display: OutputOptions

    private struct Report: Encodable {
        let name: String
        let form: MapForm
        let goal: SteeringPlan.Goal
        let model: String
        let learnt: [Int]
        let heldOut: [Int]
        let layers: [TestedMaps.Layer]
        let closed: Double
        let closedByShuffled: Double
        let carries: Bool
        let overshoots: Bool
        let file: String
    }

    func validate() throws {
        try sentences.require()
        guard form != .aura || (!causal && support == nil) else {
            throw ValidationError("--causal and --support belong to the other forms, not to aura")
        }
    }

    func run() async throws {
        let path = try place.path(name)
        let loaded = try sentences.load()
        let selector = try sites.map { try SiteSelector($0) }
        let engine = Engine(try model.load())
        let (set, cautions) = try loaded.fitted(to: engine.model)
        let method = form.method(causal ? .causal : .simultaneous, support?.support ?? .everywhere)
        let goal: SteeringPlan.Goal = remove || form == .aura ? .remove : .add
        let bar = ProgressBar()
        let maps = try await engine.maps(
            by: method, from: set, goal: goal, at: selector, isPaired: sentences.arePairs, seed: seed,
            progress: { bar.update($0, "fitting maps") })
        bar.finish()
        let plan = SteeringPlan(SteeringPlan.transport(maps.maps, named: name))
        try PlanFile(plan, model: engine.model.identity).write(to: path)
        if display.json {
            return try printJSON(
                Report(
                    name: name, form: form, goal: goal, model: engine.model.identity.name,
                    learnt: maps.learnt,
                    heldOut: maps.heldOut, layers: maps.layers, closed: maps.closed,
                    closedByShuffled: maps.closedByShuffled, carries: maps.carries,
                    overshoots: maps.overshoots, file: path))
        }
        for caution in cautions { print("note: \(caution)") }
        print(text(maps, goal, Terminal(display.color)))
        print("\nwrote \(path); use it with `vane steer PROMPT --plan \(path)`")
    }

    private func text(_ maps: TestedMaps, _ goal: SteeringPlan.Goal, _ terminal: Terminal) -> String {
        let sides = goal == .add ? ["negative", "positive"] : ["positive", "negative"]
        var table = TextTable([
            "site", "before", "after", "shuffled", "sampling", "together", "slope", "shuffled",
        ])
        for layer in maps.layers {
            table.add([
                layer.site.description, layer.before.text(3), layer.after.text(3), layer.shuffled.text(3),
                layer.sampling.text(3), layer.together.text(3), layer.slope.text(3),
                layer.shuffledSlope.text(3),
            ])
        }
        var lines = table.lines
        lines[0] = terminal.bold(lines[0])
        let closed =
            maps.closed.isNaN
            ? "caution: the \(sides[0]) texts are no farther from the \(sides[1]) ones than two samples of those are"
            : "behind its map a site is \((100 * maps.closed).text(0))% of the way to the \(sides[1]) texts on average, with "
                + "shuffled labels \((100 * maps.closedByShuffled).text(0))%"
        let verdict =
            closed
            + (maps.carries || maps.closed.isNaN
                ? "" : "\ncaution: held-out texts do not show that the maps carry anything")
        let overshoot =
            maps.overshoots
            ? "\ncaution: all maps at once go too far; a --strength below 1 may do in `vane steer`\(causal ? "" : ", or fit with --causal")"
            : ""
        return """
            \(terminal.bold(terminal.safe(name))): \(form.rawValue) maps\(causal ? " (each fitted with the earlier ones on)" : "") from \
            \(maps.learnt[0]) \(sides[0]) texts to \(maps.learnt[1]) \(sides[1]) ones, tested on \(maps.heldOut[0]) and \
            \(maps.heldOut[1]) others

            \(lines.joined(separator: "\n"))

            distances are W2 a unit in standard deviations, mean over the units; together: all maps on
            \(verdict)\(overshoot)
            """
    }
}

/// How maps are found.
enum MapForm: String, Encodable, CaseIterable, ExpressibleByArgument {
    case linear, mean, gaussian, aura

    func method(
        _ estimation: ActivationTransport.Estimation, _ support: ActivationTransport.Support
    ) -> TestedMaps.Method {
        guard let form = ActivationTransport.Form(rawValue: rawValue) else { return .aura(AurA()) }
        return .transport(ActivationTransport(form, estimation: estimation, support: support))
    }
}

/// Where maps act.
enum MapSupport: String, CaseIterable, ExpressibleByArgument {
    case everywhere
    case pooledRange = "pooled-range"
    case tokenRange = "token-range"

    var support: ActivationTransport.Support {
        switch self {
        case .everywhere: .everywhere
        case .pooledRange: .pooledRange
        case .tokenRange: .tokenRange
        }
    }
}

/// Where maps go.
struct PlanOutput: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where to write; NAME.plan.json if not given.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var output: String?

    /// The file for a plan of this name.
    ///
    /// - Throws: `ValidationError` for a name that is no file name; `WeightsError` `unwritable`.
    func path(_ name: String) throws -> String {
        guard !name.isEmpty, output != nil || !name.contains("/") else {
            throw ValidationError("the name '\(name)' cannot be a file name; give --output")
        }
        let path = output ?? "\(name).plan.json"
        try requireWritable(path)
        return path
    }
}
