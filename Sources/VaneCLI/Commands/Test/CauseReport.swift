import Vane

/// What taking a part out does to a prediction, and whether the part stands for a concept.
struct CauseReport: Encodable, Sendable {
    /// What is taken out.
    enum Subject: Sendable {
        case concept(Concept, ConceptDirection, String?)
        case neurons([PartArgument])
        case head(PartArgument)
    }

    struct Request: Sendable {
        let subject: Subject
        let token: [String]
        let against: [String]
        /// Beginnings that were given.
        let inputs: [String]
        let material: TestMaterial
        let filling: AblationTest.Filling
        var reference: [String] = []
        var onlyLast = false
        /// Where the beginnings come from, in words.
        var source = "the texts given"
        var random = 39
        var level = 0.05
        var seed: UInt64 = 0
    }

    /// One site's ablation.
    struct Place: Encodable, Sendable {
        let site: Site
        let plain: Double
        let effect: Estimate
        let random: [Double]
        let whole: Double
        let pValue: Double
        var qValue = 1.0

        /// Whether it is more than chance, after correction, and its interval leaves 0.
        func isCertain(_ level: Double) -> Bool { qValue <= level && (effect.low > 0 || effect.high < 0) }

        /// What 95 of 100 random parts stay below.
        var chance: Double { Statistics.quantile(random.map(abs), 0.95) }
    }

    /// Whether the part stands for the concept.
    struct Claim: Encodable, Sendable {
        let site: Site
        let f1: Double
        let typeI: Double
        let typeII: Double
        let heldOut: Int
        let pairs: Int
        let swap: Estimate?
        let randomSwap: [Double]
        let wholeSwap: Double?
    }

    let name: String
    let tokens: [String]
    let against: [String]
    let filling: String
    let texts: Int
    let source: String
    let controls: String
    let level: Double
    private(set) var sites: [Place]
    let claims: [Claim]

    init(
        _ request: Request, _ objective: Objective, in model: LanguageModel,
        progress: @escaping (Double, String) -> Void
    ) throws {
        let network = model.network
        let inputs = model.tokens(of: request.inputs.isEmpty ? request.material.shown : request.inputs)
        let reference = model.tokens(
            of: request.reference.isEmpty
                ? request.material.shown + request.material.hidden : request.reference)
        let parts: [(site: Site, part: StatePart)]
        switch request.subject {
        case .concept(let concept, let direction, let selector):
            name = concept.name
            let places =
                try selector.map { try SiteSelector($0).sites(in: network.layout) }
                ?? concept.layers.map(\.site)
            parts = try places.map { ($0, .direction(direction.direction(try concept.layer(at: $0)))) }
        case .neurons(let neurons):
            let layer = neurons.first?.layer ?? 0
            name = "neuron \(neurons.map { "\($0.index)" }.joined(separator: ", ")) of block \(layer)"
            parts = [(.mlpHidden(layer), .entries(neurons.map(\.index)))]
        case .head(let head):
            name = "head \(head.index) of block \(head.layer)"
            parts = [(.head(layer: head.layer, head: head.index), .whole)]
        }
        let total = Double(parts.count)
        var places: [Place] = []
        for (number, entry) in parts.enumerated() {
            let done = { (step: Int, steps: Int) in
                progress((Double(number) + Double(step) / Double(steps)) / total * 0.7, "taking it out")
            }
            let test: AblationTest
            if case .head(let layer, let head) = entry.site {
                test = try AblationTest(
                    ofHead: layer, head, on: inputs, objective: objective, filling: request.filling,
                    reference: reference, onlyLast: request.onlyLast, seed: request.seed, in: network,
                    progress: done)
            } else {
                test = try AblationTest(
                    of: entry.part, at: entry.site, on: inputs, objective: objective,
                    filling: request.filling, reference: reference, onlyLast: request.onlyLast,
                    randomParts: request.random, seed: request.seed, in: network, progress: done)
            }
            places.append(
                Place(
                    site: entry.site, plain: test.plain, effect: test.effect, random: test.random,
                    whole: test.whole, pValue: test.pValue))
        }
        for (number, q) in Statistics.benjaminiHochberg(places.map(\.pValue)).enumerated() {
            places[number].qValue = q
        }
        sites = places
        (tokens, against, level) = (request.token, request.against, request.level)
        filling = request.filling.rawValue
        texts = inputs.count
        source = request.inputs.isEmpty ? request.material.source : request.source
        if case .head = request.subject {
            controls = "\(places.first?.random.count ?? 0) other heads"
        } else {
            controls = "\(request.random) random parts a site, moved as far"
        }
        claims = try Self.claims(parts, request, objective, in: model) {
            progress(0.7 + 0.3 * $0, "swapping it")
        }
    }

    /// The claim of each part but heads, where there are texts of both kinds.
    private static func claims(
        _ parts: [(site: Site, part: StatePart)], _ request: Request, _ objective: Objective,
        in model: LanguageModel, progress: (Double) -> Void
    ) throws -> [Claim] {
        let material = request.material
        let (positive, negative) = (
            model.tokens(of: material.positive), model.tokens(of: material.negative)
        )
        guard positive.count >= 4, negative.count >= 4, !parts.contains(where: { $0.part == .whole }) else {
            return []
        }
        let bases = model.tokens(of: material.hidden)
        let sources = model.tokens(of: material.shown)
        let values = try [bases, sources].map { try objective.values(of: $0, in: model.network) }
        let usable = zip(zip(bases, sources), zip(values[0], values[1]))
            .filter { ($0.1.0 > 0) != ($0.1.1 > 0) }
            .map { UnitClaim.Pair(base: $0.0.0, source: $0.0.1) }
        // Neurons fire at a token; directions were learnt from means of texts.
        var reading = UnitClaim.Reading.mean
        if case .neurons = request.subject { reading = .largest }
        return try parts.enumerated().map { number, entry in
            let claim = try UnitClaim(
                that: entry.part, at: entry.site, represents: positive, against: negative, pairs: usable,
                objective: objective, reading: reading, randomParts: min(request.random, 9),
                seed: request.seed,
                in: model.network)
            progress(Double(number + 1) / Double(parts.count))
            return Claim(
                site: entry.site, f1: claim.observation.f1, typeI: claim.observation.typeI,
                typeII: claim.observation.typeII, heldOut: claim.observation.texts, pairs: usable.count,
                swap: claim.intervention?.success, randomSwap: claim.intervention?.random ?? [],
                wholeSwap: claim.intervention?.whole)
        }
    }
}
