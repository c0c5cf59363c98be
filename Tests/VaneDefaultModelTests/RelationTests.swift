import Testing
import VaneConcepts
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Linear relations and observables of the built-in model")
struct RelationTests {
    private let model: BuiltIn

    init() throws { model = try BuiltIn() }

    /// The first statement of a fact as an example; nil where the tokens of its parts run into each other.
    private func example(_ fact: PlantedFact) -> LinearRelation.Example? {
        let statement = fact.statements[0]
        guard let at = statement.firstRange(of: fact.subject),
            let to = statement.ranges(of: fact.object).last
        else { return nil }
        let head = model.tokens(String(statement[..<at.upperBound]))
        let before = model.tokens(String(statement[..<to.lowerBound].dropLast()))
        let whole = model.tokens(String(statement[..<to.upperBound]))
        guard whole.starts(with: head), whole.starts(with: before), before.count < whole.count else {
            return nil
        }
        return LinearRelation.Example(
            tokens: whole, subject: head.count - 1, object: before.count..<whole.count, name: fact.object)
    }

    private func subjects(_ examples: [LinearRelation.Example], _ site: Site) throws -> [[Float]] {
        try examples.map { example in
            let recorder = ActivationRecorder()
            let input = SequenceInput(
                state: model.network.makeSequence(),
                tokens: Array(example.tokens.prefix(example.subject + 1)),
                hooks: recorder.hooks(at: [site]), promptLength: example.subject + 1)
            _ = try model.network.forward([input], output: .none, through: site)
            return try #require(recorder.rows(at: site).last)
        }
    }

    @Test(
        "the inverse of a relation tells the objects of new subjects, at a low rank; shuffled objects do not",
        .tags(.planted, .slow))
    func relations() throws {
        // Sites and rank were chosen on "language"; the others confirm them.
        let names = ["language", "river", "profession", "dish"]
        let found = try names.map { try measure($0, .residual(2), .residual(4), rank: 16) }
        for (name, found) in zip(names, found) { print("\(name): \(found)") }
        let confirming = found.dropFirst()
        let asked = confirming.reduce(0) { $0 + $1.asked }
        let right = confirming.reduce(0) { $0 + $1.right }
        print("\(right) of \(asked) new subjects")
        #expect(found[0].right > 2 * found[0].shuffled)
        #expect(right > 2 * confirming.reduce(0) { $0 + $1.shuffled })
        #expect(right > 2 * confirming.reduce(0) { $0 + $1.fullRank })
    }

    /// How many new subjects are told right.
    private struct Found {
        let objects: Int
        let asked: Int
        let right: Int
        let shuffled: Int
        let fullRank: Int
        let meanDifference: Int
    }

    private func measure(
        _ name: String, _ site: Site, _ objectSite: Site, rank: Int
    ) throws -> Found {
        let facts = PlantedFact.all.filter { $0.relation == name }
        let examples = facts.compactMap { example($0) }
        // Objects with at least two subjects: the first teaches, the others are asked.
        let groups = Dictionary(grouping: examples, by: \.name).filter { $0.value.count > 1 }.sorted {
            $0.key < $1.key
        }.map(\.value)
        let (taught, asked) = (groups.map { $0[0] }, groups.flatMap { $0.dropFirst() })
        let relation = try LinearRelation(
            taught, from: site, to: objectSite, in: model.network)
        let states = try subjects(asked, site)
        func right(_ concepts: [String: [Float]]) -> Int {
            zip(states, asked).count {
                LinearRelation.object(of: $0, among: concepts) == $1.name
            }
        }
        // The control: every object's activations under another's name.
        let shifted = zip(taught, taught.dropFirst() + [taught[0]]).map {
            LinearRelation.Example(
                tokens: $0.tokens, subject: $0.subject, object: $0.object, name: $1.name)
        }
        let own = try subjects(taught, site)
        let middle = (0..<model.width).map { j in own.reduce(0) { $0 + $1[j] } / Float(own.count) }
        let means = Dictionary(
            uniqueKeysWithValues: zip(taught, own).map { example, state in
                (example.name, zip(state, middle).map { $0 - $1 })
            })
        func told(_ examples: [LinearRelation.Example], _ rank: Int) throws -> Int {
            right(try relation.concepts(examples, rank: rank, in: model.network))
        }
        return Found(
            objects: taught.count, asked: asked.count, right: try told(taught, rank),
            shuffled: try told(shifted, rank), fullRank: try told(taught, model.width),
            meanDifference: right(means))
    }

    @Test(
        "a feature tells by how much a move changes its observable; a random direction changes it less",
        .tags(.planted))
    func observable() throws {
        let observable = ObservablePropagation(of: try model.token(" was"), less: try model.token(" is"))
        var generator = SeededGenerator(seed: 9)
        let reference = model.tokens("In the morning, the pie")
        for site in [Site.residual(1), .residual(3), .mlpOutput(4)] {
            let feature = try #require(
                try observable.features(at: [site], reference: reference, in: model.network)[site])
            let unit = feature.map { $0 / Float(length(feature)) }
            func change(_ tokens: [Int], _ direction: [Float], _ distance: Float) throws -> Double {
                var hooks = Hooks()
                let last = tokens.count - 1
                hooks.add(
                    ShiftEdit(direction.map { $0 * distance }, at: last..<last + 1), at: site)
                return observable.value(of: try model.logits(tokens, hooks))
                    - observable.value(of: try model.logits(tokens))
            }
            let predicted = -0.5 * length(feature)
            let here = try change(reference, unit, -0.5)
            let random = try change(reference, generator.unitVector(width: model.width), -0.5)
            let elsewhere = try ["The soup", "Last week, the old garden", "She thinks the hotel", "My film"]
                .map {
                    try change(model.tokens($0), unit, -0.5)
                }
            print(
                "\(site): predicted \(predicted), measured \(here), random \(random), other texts \(elsewhere)"
            )
            #expect(abs(here / predicted - 1) < 0.2)
            #expect(abs(random) < abs(here) / 2)
            #expect(elsewhere.reduce(0, +) / 4 < 0.3 * predicted, "the same sign in other texts")
        }
        let twice = ObservablePropagation.coupling(of: [1, 2], to: [2, 4])
        #expect(twice == 2 && ObservablePropagation.coupling(of: [0, 0], to: [1, 1]) == 0)
    }

    @Test("heads with long features are those whose removal moves the observable", .tags(.planted, .slow))
    func heads() throws {
        let observable = ObservablePropagation(of: try model.token(" was"), less: try model.token(" is"))
        let texts = PlantedLanguage(seed: 51)
        let prompts = (0..<30).map { Array(model.tokens(texts.text(at: $0).text).prefix(8 + $0 % 8)) }
        var lengths: [Site: Double] = [:]
        for prompt in prompts.prefix(5) {
            let features = try observable.headFeatures(reference: prompt, in: model.network)
            for (site, feature) in features { lengths[site, default: 0] += length(feature) }
        }
        let sites = lengths.keys.sorted()
        #expect(sites.count == model.network.layout.depth * model.network.layout.heads)
        let effects = try sites.map { site in
            var hooks = Hooks()
            hooks.add(RowEdit { for i in $0.indices { $0[i] = 0 } }, at: site)
            return try prompts.reduce(0.0) { sum, prompt in
                let moved = observable.value(of: try model.logits(prompt, hooks))
                return sum + abs(moved - observable.value(of: try model.logits(prompt)))
            }
        }
        func ranks(_ values: [Double]) -> [Float] {
            values.map { value in Float(values.count { $0 < value }) - Float(values.count - 1) / 2 }
        }
        var generator = SeededGenerator(seed: 10)
        let order = ranks(sites.map { lengths[$0] ?? 0 })
        let found = cosine(order, ranks(effects))
        let control = (0..<5).map { _ in cosine(generator.shuffled(order), ranks(effects)) }.max() ?? 1
        print("rank correlation of head features with removal \(found), shuffled \(control)")
        #expect(found > 0.3 && found > control)
    }
}
