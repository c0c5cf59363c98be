import Testing
import VaneConcepts
import VaneDefaultModel
import VaneEvidence
import VaneGeneration
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Lenses on the built-in model")
struct LensModelTests {
    private let model: BuiltIn
    private let network: any DifferentiableNetwork & InspectableNetwork

    init() throws {
        model = try BuiltIn()
        network = try #require(model.network as? any DifferentiableNetwork & InspectableNetwork)
    }

    private func prompts(_ count: Int) -> [[Int]] {
        let language = PlantedLanguage(seed: 71)
        return (0..<count).map { Array(model.tokens(language.text(at: $0).text).prefix(7 + $0 % 9)) }
    }

    @Test(
        "a planted filler tops the lens, and the ranking without it shows what stood there; at an early layer it does not",
        .tags(.planted))
    func fillers() throws {
        let layout = network.layout
        let filler = try model.token(" and")
        let last = layout.depth - 1
        let rows = try #require(try network.weights(of: .unembedding)).elements
        let gain = try #require(try network.weights(of: .finalNormGain)).elements
        /// A token's row times the norm's factors, without its mean, which the norm would take away.
        func row(_ token: Int) -> [Float] {
            let row = zip(rows[token * layout.width..<(token + 1) * layout.width], gain).map { $0 * $1 }
            let mean = row.reduce(0, +) / Float(layout.width)
            return row.map { $0 - mean }
        }
        var (covered, recovered, early, count) = (0, 0, 0, 0)
        for prompt in prompts(30) {
            let plain = try LogitLens(prompt, in: network)
            let position = prompt.count - 1
            let truth = try #require(plain.top(1, at: .residual(last), position: position).first).token
            guard truth != filler else { continue }
            // The filler's own part: what the likeliest tokens' rows share with it would raise some of them too.
            var own = row(filler)
            var basis: [[Float]] = []
            for token in plain.top(12, at: .residual(last), position: position).map(\.token)
            where token != filler {
                var next = row(token)
                for unit in basis { next = without(unit, next) }
                let size = Float(length(next))
                basis.append(next.map { $0 / size })
            }
            for unit in basis { own = without(unit, own) }
            // As much of it as it takes to be on top.
            var part: Float = 0.05
            var lens = plain
            while part <= 4, lens.ranks(of: filler, position: position).last != 1 {
                let size = try part * Float(length(state(prompt)) / length(own))
                lens = try LogitLens(
                    prompt, in: network, under: model.adding(own.map { $0 * size }, at: .residual(last)))
                part += 0.05
            }
            let excluded: Set = [filler]
            count += 1
            covered += lens.ranks(of: filler, position: position).last == 1 ? 1 : 0
            recovered += lens.ranks(of: truth, position: position, excluding: excluded).last == 1 ? 1 : 0
            early += lens.ranks(of: truth, position: position, excluding: excluded)[1] == 1 ? 1 : 0
        }
        print("filler on top \(covered), recovered \(recovered), at block 0 \(early), of \(count)")
        #expect(covered >= count * 9 / 10 && recovered >= count * 8 / 10 && early <= count / 2)
    }

    private func without(_ unit: [Float], _ vector: [Float]) -> [Float] {
        let part = Float(dot(unit, vector))
        return zip(vector, unit).map { $0 - part * $1 }
    }

    /// The state that the last block leaves at the last token.
    private func state(_ prompt: [Int]) throws -> [Float] {
        let recorder = ActivationRecorder()
        let site = Site.residual(network.layout.depth - 1)
        let input = SequenceInput(
            state: network.makeSequence(), tokens: prompt, hooks: recorder.hooks(at: [site]),
            promptLength: prompt.count)
        _ = try network.forward([input], output: .none, through: site)
        return try #require(recorder.rows(at: site).last)
    }

    @Test("a concept's readings are its probes' at every token, in the order of its sites", .tags(.law))
    func readings() throws {
        let concept = try #require(try DefaultModel.concept(named: "sentiment"))
        let tokens = try #require(prompts(1).first)
        let found = try ConceptReadings(concept, tokens, in: network)
        #expect(found.sites == concept.layers.map(\.site) && found.concept == "sentiment")
        for (place, layer) in concept.layers.enumerated() {
            let recorder = ActivationRecorder()
            let input = SequenceInput(
                state: network.makeSequence(), tokens: tokens, hooks: recorder.hooks(at: [layer.site]),
                promptLength: tokens.count)
            _ = try network.forward([input], output: .none, through: layer.site)
            let own = recorder.rows(at: layer.site).map { layer.probe.probability($0) }
            #expect(own == found.probabilities[place])
        }
        #expect(throws: EvidenceError.self) { try ConceptReadings(concept, [], in: network) }
    }

    @Test(
        "the nearest token at the last layer is mostly the prediction, at the first seldom", .tags(.planted))
    func trajectory() throws {
        var (late, early) = (0, 0)
        let prompts = prompts(40)
        for prompt in prompts {
            let logits = try model.logits(prompt)
            let best = logits.indices.max { logits[$0] < logits[$1] }
            let steps = try StateTrajectory(prompt, in: network).steps
            late += steps.last?.nearest.first?.token == best ? 1 : 0
            early += steps.first?.nearest.first?.token == best ? 1 : 0
            #expect(steps[0].turn == nil && steps.dropFirst().allSatisfy { $0.turn ?? -1 >= 0 })
        }
        print("nearest token is the prediction: last layer \(late), embedding \(early), of \(prompts.count)")
        #expect(late >= prompts.count * 6 / 10 && early <= late / 2)
    }

    @Test(
        "a topic's direction writes that topic's words; a random direction writes them at the base rate",
        .tags(.planted))
    func topics() throws {
        let counts = topicCounts()
        let names = ["food", "sport", "weather", "travel", "music", "school", "garden", "work", "film"]
        var generator = SeededGenerator(seed: 21)
        var (own, random, base) = (0.0, 0.0, 0.0)
        for name in names {
            let concept = try #require(try DefaultModel.concept(named: name))
            let layer = try #require(concept.layers.filter { $0.site.layer ?? 9 >= 3 }.last)
            let belonging = try #require(counts[name])
            func share(_ direction: [Float]) throws -> Double {
                let top = try VocabularyProjection(direction, in: network).top(10)
                return Double(top.count { belonging.contains($0.token) }) / 10
            }
            own += try share(layer.steering.direction) / Double(names.count)
            for _ in 0..<5 {
                random += try share(generator.unitVector(width: model.width)) / Double(5 * names.count)
            }
            base += Double(belonging.count) / Double(network.layout.vocabulary) / Double(names.count)
        }
        print("top-10 tokens of the topic: its direction \(own), random \(random), base rate \(base)")
        // The row asks for 0.8 of whole words; here many tokens are pieces that several topics' words share.
        #expect(own >= 0.5 && own > 10 * random && abs(random - base) < 0.05)
    }

    /// The tokens of which four in five occurrences stand in texts of one topic.
    private func topicCounts() -> [String: Set<Int>] {
        let language = PlantedLanguage(seed: 72)
        let topics = PlantedAttribute.topic.values
        var occurrences: [Int: [String: Int]] = [:]
        for topic in topics {
            for text in language.texts(150, attributes: [.topic: topic]) {
                for token in model.tokens(text.text) {
                    occurrences[token, default: [:]][topic, default: 0] += 1
                }
            }
        }
        var result: [String: Set<Int>] = [:]
        for (token, counts) in occurrences {
            let total = counts.values.reduce(0, +)
            for (topic, count) in counts where total >= 3 && count * 5 >= total * 4 {
                result[topic, default: []].insert(token)
            }
        }
        return result
    }

    @Test(
        "token changes have the divergence asked for and are the same on other texts; a random direction's are others",
        .tags(.planted))
    func tokenChange() throws {
        let language = PlantedLanguage(seed: 73)
        let texts = (0..<24).map { Array(model.tokens(language.text(at: $0).text).prefix(24)) }
        let concept = try #require(try DefaultModel.concept(named: "sentiment"))
        let layer = try #require(concept.layers.last { $0.site.layer == 3 })
        let direction = layer.steering.direction
        let (some, others) = (Array(texts.prefix(12)), Array(texts.suffix(12)))
        let change = try TokenChange(
            adding: direction, divergence: 0.25, at: layer.site, to: some, in: network)
        #expect(abs(change.divergence - 0.25) <= 0.025 && change.size > 0)
        let again = try TokenChange(
            adding: direction, size: change.size, at: layer.site, to: others, in: network)
        var generator = SeededGenerator(seed: 22)
        let random = try TokenChange(
            adding: generator.unitVector(width: model.width), divergence: 0.25, at: layer.site, to: others,
            in: network)
        let (same, other) = (
            rankCorrelation(change.changes, again.changes), rankCorrelation(change.changes, random.changes)
        )
        print("token change: rank correlation with other texts' \(same), with a random direction's \(other)")
        #expect(same >= 0.9 && other < 0.5)
        let description = try DirectionDescription(
            of: direction, at: layer.site, on: some, count: 10, in: network)
        #expect(description.tokens.count == 10 && description.examples.examples.count == 12)
        #expect(description.reversedChange.size < 0)
        let values = description.examples.examples.map(\.value)
        #expect(values == values.sorted(by: >))
    }

    private func rankCorrelation(_ a: [Float], _ b: [Float]) -> Double {
        func ranks(_ values: [Float]) -> [Float] {
            var ranks = [Float](repeating: 0, count: values.count)
            for (rank, index) in values.indices.sorted(by: { values[$0] < values[$1] }).enumerated() {
                ranks[index] = Float(rank) - Float(values.count - 1) / 2
            }
            return ranks
        }
        return cosine(ranks(a), ranks(b))
    }
}
