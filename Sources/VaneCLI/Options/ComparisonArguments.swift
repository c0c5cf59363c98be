import ArgumentParser
import Vane

/// What `vane compare` compares.
struct ComparisonArguments: ParsableArguments {
    @Flag(help: "Compare the learners on made activations whose truth is known.")
    var planted = false

    @Option(
        help: ArgumentHelp(
            "A concept of the built-in model, judged by its grammar; can be repeated.", valueName: "name"))
    var starter: [String] = []

    @Option(
        help: ArgumentHelp(
            "Learners, or LEARNER:OPERATION for steering, separated by commas; also natural-gradient, and FORM:transport. If not "
                + "given all but those that train through the network.", valueName: "list"))
    var methods: String?

    @Flag(help: "Learners that train through the network, too: minutes each.")
    var trained = false

    @Option(help: ArgumentHelp("Costs to match, in nats a token, separated by commas.", valueName: "list"))
    var kl = "0.05,0.1"

    @Flag(help: "Compare how the learners read; generate nothing.")
    var reading = false

    @Flag(help: "Line i of both files belong together.")
    var paired = false

    @Option(help: ArgumentHelp("The most examples of each class.", valueName: "count"))
    var limit: Int?

    @Option(help: ArgumentHelp("Draws of each made world, with --planted.", valueName: "count"))
    var seeds = 20

    @Option(help: ArgumentHelp("Blocks to edit, counted from 0: 5, 4..6 or 4..<7.", valueName: "range"))
    var layers: LayersArgument?

    @Option(help: ArgumentHelp("Seeds the splits and the controls.", valueName: "number"))
    var seed: UInt64 = 0

    func validate() throws {
        guard seeds > 0 else { throw ValidationError("--seeds must be positive, not \(seeds)") }
        guard !trained || (methods == nil && !planted) else {
            throw ValidationError(
                "--trained belongs to all methods on a model; leave --methods and --planted out")
        }
        guard limit.map({ $0 > 0 }) ?? true else { throw ValidationError("--limit must be positive") }
        _ = try divergences()
        _ = try ways()
    }

    /// The costs.
    func divergences() throws -> [Double] {
        try kl.split(separator: ",", omittingEmptySubsequences: false).map { text in
            guard let value = Double(text), value > 0, value.isFinite else {
                throw ValidationError("--kl takes positive numbers such as 0.05,0.1; '\(text)' is none")
            }
            return value
        }
    }

    /// The ways to steer; random directions always among them.
    func ways() throws -> [SteeringWay] {
        guard let methods else { return SteeringWay.all(trained: trained) }
        var ways = try methods.split(separator: ",", omittingEmptySubsequences: false).map { text in
            guard let way = SteeringWay(String(text)) else {
                throw ValidationError(
                    "there is no method '\(text)'; learners are \(Learners.all.map(\.method.id).joined(separator: ", ")) "
                        + "and natural-gradient, operations after a colon "
                        + SteeringPlan.Operation.named.map(\.name).joined(separator: ", ")
                        + "; \(MapMethods.transport.map(\.id).joined(separator: ", ")) take transport")
            }
            return way
        }
        if let random = SteeringWay("random"), !ways.contains(where: { $0.learner == random.learner }) {
            ways.append(random)
        }
        return ways
    }

    /// The learners among the methods, the random one always.
    var learners: [any Learner] {
        get throws {
            guard methods != nil else { return trained ? Learners.all : Learners.ofActivations }
            let ids = try ways().map(\.learner)
            return Learners.all.filter { ids.contains($0.method.id) }
        }
    }

    /// All together.
    func options(_ writing: ComparisonWriting, layout: NetworkLayout) throws -> MethodComparison.Options {
        try MethodComparison.Options(
            learners: learners, ways: ways(), divergences: divergences(),
            sites: layers.map { try SiteSelector.residuals($0.layers).sites(in: layout) },
            learning: LearningOptions(isPaired: paired, seed: seed), writing: writing.options)
    }
}

/// How `vane compare` lets the model write, and who judges it.
struct ComparisonWriting: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Prompts, one a line (\\n stands for a line break), or a JSON list; beginnings of test texts if not given. The first "
                + "20, at most a quarter, serve to search strengths.", valueName: "file"), completion: .file()
    )
    var prompts: String?

    @Option(help: ArgumentHelp("The most prompts to report on.", valueName: "count"))
    var count = 100

    @Option(
        help: ArgumentHelp("Texts of the concept for the judge.", valueName: "file"), completion: .file())
    var judgePositive: String?

    @Option(help: ArgumentHelp("Texts without it for the judge.", valueName: "file"), completion: .file())
    var judgeNegative: String?

    @Option(help: ArgumentHelp("Put before each prompt to ask for the concept in words.", valueName: "text"))
    var askMore: String?

    @Option(help: ArgumentHelp("Put before each prompt to ask for its absence in words.", valueName: "text"))
    var askLess: String?

    @Option(help: ArgumentHelp("The most tokens to write.", valueName: "count"))
    var maxTokens = 40

    func validate() throws {
        guard count > 0, maxTokens > 0 else {
            throw ValidationError("--count and --max-tokens must be positive")
        }
    }

    /// How continuations are written.
    var options: SteeringExperiment.Options {
        var instructions: [SteeringPlan.Goal: String] = [:]
        instructions[.add] = askMore?.replacing("\\n", with: "\n")
        instructions[.remove] = askLess?.replacing("\\n", with: "\n")
        return SteeringExperiment.Options(
            seeds: 1, maximumTokens: maxTokens, sampling: SamplingOptions(temperature: 0.8, topP: 0.95),
            batchSize: 50, instructions: instructions)
    }

    /// The prompts of the file; nil if none was named.
    func texts() throws -> [String]? { try prompts.map { try promptTexts(path: $0) } }

    /// Splits prompts into those to search on and those to report on.
    func generation(_ all: [String], judge: any TextJudge) throws -> MethodComparison.Generation {
        guard all.count >= 4 else {
            throw ValidationError("\(all.count) prompts are too few; give at least 4 with --prompts")
        }
        let searching = min(20, all.count / 4)
        return MethodComparison.Generation(
            prompts: Array(all.dropFirst(searching).prefix(count)),
            calibration: Array(all.prefix(searching)), judge: judge)
    }
}
