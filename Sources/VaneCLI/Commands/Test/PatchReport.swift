import Vane

/// Where what tells two prompts apart is carried.
struct PatchReport: Encodable, Sendable {
    /// Two prompts of as many tokens.
    struct Prompts: Sendable {
        let clean: String
        let corrupted: String
        let cleanTokens: [Int]
        let corruptedTokens: [Int]
    }

    struct Request: Sendable {
        let prompts: Prompts
        let token: [String]
        let against: [String]
        var sites: String?
        var head: PartArgument?
        var holdingMLPs = false
        var random = 5
        var seed: UInt64 = 0
    }

    /// The patches in one direction.
    struct Map: Encodable, Sendable {
        let direction: ActivationPatching.Direction
        let effects: [[Double]]
        /// The largest magnitude that 95 of 100 random moves at the site stay below.
        let chance: [Double]
    }

    /// The effect of a sender on the way to a receiver, beside the other heads of the sender's block.
    struct Path: Encodable, Sendable {
        let sender: Site
        /// nil for the logits.
        let receiver: Site?
        let effect: Double
        /// The largest magnitude among the other heads of the block.
        let others: Double
    }

    let clean: String
    let corrupted: String
    let token: [String]
    let against: [String]
    let cleanValue: Double
    let corruptedValue: Double
    /// The tokens of the prompts; two where they differ.
    let tokens: [String]
    let sites: [Site]
    let maps: [Map]
    /// Every head's direct effect on the logits.
    let direct: [Path]
    /// From the head asked for to each later head.
    let paths: [Path]
    let random: Int

    init(
        _ request: Request, _ measured: Objective?, in model: LanguageModel,
        progress: @escaping (Double, String) -> Void
    ) throws {
        let (network, layout) = (model.network, model.network.layout)
        let prompts = request.prompts
        let (own, other) = (prompts.cleanTokens, prompts.corruptedTokens)
        let objective: Objective
        if let measured {
            objective = measured
            (token, against) = (request.token, request.against)
        } else {
            let likeliest = try [own, other].map { try Self.likeliest($0, network) }
            guard likeliest[0] != likeliest[1] else {
                throw EvidenceError(
                    .unusableInputs,
                    "the likeliest token after both prompts is \(model.text(ofToken: likeliest[0]).debugDescription); name two with "
                        + "--token and --against")
            }
            objective = .difference(likeliest[0], likeliest[1])
            (token, against) = (
                [model.text(ofToken: likeliest[0])], [model.text(ofToken: likeliest[1])]
            )
        }
        let places =
            try request.sites.map { try SiteSelector($0).sites(in: layout) }
            ?? [.embedding] + (0..<layout.depth).map(Site.residual)
        var maps: [Map] = []
        var first: ActivationPatching?
        for (number, direction) in ActivationPatching.Direction.allCases.enumerated() {
            let found = try ActivationPatching(
                clean: own, corrupted: other, objective: objective, at: places, direction, in: network
            ) { progress((Double(number) + 0.3 * Double($0) / Double($1)) * 0.3, "patching") }
            let chance = try found.chance(
                clean: own, corrupted: other, objective: objective, draws: request.random,
                seed: request.seed, in: network
            ) { progress((Double(number) + 0.3 + 0.7 * Double($0) / Double($1)) * 0.3, "moving at random") }
            // Where nothing moves nothing can happen.
            let bounds = chance.map { row in
                let moved = row.joined().filter { $0 != 0 }.map(abs)
                return moved.isEmpty ? 0 : Statistics.quantile(moved, 0.95)
            }
            maps.append(Map(direction: direction, effects: found.effects, chance: bounds))
            first = first ?? found
        }
        self.maps = maps
        cleanValue = first?.clean ?? .nan
        corruptedValue = first?.corrupted ?? .nan
        let patching = try PathPatching(
            clean: own, corrupted: other, objective: objective, holdingMLPs: request.holdingMLPs, in: network)
        let heads = HeadAblation.heads(of: layout)
        let all = try patching.effects(of: heads, on: .output) {
            progress(0.6 + 0.1 * Double($0) / Double(heads.count), "following paths")
        }
        func paths(_ effects: [PathPatching.Effect], to receiver: Site?) -> [Path] {
            effects.map { effect in
                let others = effects.filter {
                    $0.sender != effect.sender && $0.sender.layer == effect.sender.layer
                }
                return Path(
                    sender: effect.sender, receiver: receiver, effect: effect.effect,
                    others: others.map { abs($0.effect) }.max() ?? 0)
            }
        }
        direct = paths(all, to: nil)
        var found: [Path] = []
        if let head = request.head {
            let sender = Site.head(layer: head.layer, head: head.index)
            _ = try layout.width(of: sender)
            let senders = heads.filter { $0.layer == head.layer }
            let receivers = heads.filter { ($0.layer ?? 0) > head.layer }
            for (number, receiver) in receivers.enumerated() {
                found += paths(try patching.effects(of: senders, on: .site(receiver)), to: receiver)
                    .filter { $0.sender == sender }
                progress(0.7 + 0.3 * Double(number + 1) / Double(receivers.count), "following paths")
            }
        }
        self.paths = found
        (clean, corrupted) = (prompts.clean, prompts.corrupted)
        sites = places
        random = request.random
        tokens = zip(own, other).map { a, b in
            a == b ? model.text(ofToken: a) : model.text(ofToken: a) + "/" + model.text(ofToken: b)
        }
        progress(1, "following paths")
    }

    private static func likeliest(_ tokens: [Int], _ network: any SteerableNetwork) throws -> Int {
        guard !tokens.isEmpty else { throw EvidenceError(.unusableInputs, "a prompt has no tokens") }
        let input = SequenceInput(
            state: network.makeSequence(), tokens: tokens, hooks: Hooks(), promptLength: tokens.count)
        let logits = try network.forward([input], output: .lastLogits, through: nil)?.elements ?? []
        guard let best = logits.indices.max(by: { logits[$0] < logits[$1] }) else {
            throw EvidenceError(.unsupportedNetwork, "the network gave no logits")
        }
        return best
    }
}

extension PatchReport.Prompts {
    /// Two statements of one relation with as many tokens up to their objects, both of which the model
    /// completes right.
    init(factsOf model: LanguageModel) throws {
        var seen: [String: (statement: String, tokens: [Int], answer: Int)] = [:]
        for fact in try KnownFact.known(to: model, 60) {
            let key = "\(fact.relation) \(fact.prompt.count)"
            if let other = seen[key], other.answer != fact.answer {
                let apart = zip(other.tokens, fact.prompt).count { $0 != $1 }
                guard apart > 0 else { continue }
                self.init(
                    clean: other.statement, corrupted: fact.text, cleanTokens: other.tokens,
                    corruptedTokens: fact.prompt)
                return
            }
            if seen[key] == nil { seen[key] = (fact.text, fact.prompt, fact.answer) }
        }
        throw EvidenceError(
            .unusableInputs,
            "the model knows no two facts of as many tokens; give prompts with --clean and --corrupt")
    }
}
