import Testing
import VaneConcepts
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Learners that train through a network")
struct TrainedLearnerTests {
    private let site = Site.residual(0)

    private func network(_ planted: PlantedModels) throws -> any DifferentiableNetwork & ReadableNetwork {
        try #require(try planted.network() as? any DifferentiableNetwork & ReadableNetwork)
    }

    private func texts(_ layout: NetworkLayout, _ count: Int, seed: UInt64) -> [PromptedText] {
        (0..<count).map {
            PromptedText(layout.randomTokens(6 + $0 % 3, seed: seed + UInt64($0)), promptLength: 1 + $0 % 2)
        }
    }

    @Test(
        "ReFT-r1's gradient is the slope of its whole loss; across it the loss is flat",
        .tags(.law), arguments: PlantedModels.allCases)
    func gradient(_ planted: PlantedModels) throws {
        let network = try network(planted)
        let texts = texts(network.layout, 4, seed: 3)
        let learner = RankOneReFT(top: 3)
        var generator = SeededGenerator(seed: 4)
        let width = network.layout.width
        let direction = generator.unitVector(width: width).map { 3 * $0 }
        func loss(_ direction: [Float]) throws -> Double {
            try learner.slope(texts, direction, weight: 0.3, at: site, in: network).loss
        }
        let slope = try learner.slope(texts, direction, weight: 0.3, at: site, in: network).gradient
        let norm = slope.reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(norm > 0)
        let step = 0.01
        let unit = slope.map { Float($0 / norm * step) }
        let ends = try [1, -1].map { sign in
            try loss(zip(direction, unit).map { $0 + Float(sign) * $1 })
        }
        let measured = (ends[0] - ends[1]) / (2 * step)
        #expect(abs(measured / norm - 1) < 0.03, "\(measured) for \(norm)")
        // The control: a direction at right angles to the gradient has no slope.
        let other = generator.unitVector(width: width)
        let along = zip(other, slope).reduce(0) { $0 + Double($1.0) * $1.1 } / (norm * norm)
        let across = zip(other, slope).map { Float((Double($0) - along * $1) * step) }
        let flat = try [1, -1].map { sign in
            try loss(zip(direction, across).map { $0 + Float(sign) * $1 })
        }
        #expect(abs(flat[0] - flat[1]) / (2 * step) < 0.1 * norm)
    }

    @Test("training moves: the loss falls, and the same seed gives the same bits", .tags(.law))
    func training() throws {
        let network = try network(.llama)
        let texts = texts(network.layout, 8, seed: 20)
        let learner = TrainedVector(rate: 0.2, epochs: 20, batchTokens: 64, seed: 5)
        let result = try learner.train(positive: texts, at: site, in: network)
        #expect(result.firstGradient > 0 && result.lossAfter < result.lossBefore - 0.02)
        #expect(try learner.train(positive: texts, at: site, in: network) == result)
        // With a negative weight there is more to train on, and another vector.
        let others = self.texts(network.layout, 8, seed: 60)
        var both = learner
        both.negativeWeight = 0.5
        let against = try both.train(positive: texts, negative: others, at: site, in: network)
        #expect(against.losses.count > result.losses.count && against.vector != result.vector)
        var short = learner
        short.maximumLength = 0.05
        let limited = try short.train(positive: texts, at: site, in: network)
        func norm(_ a: [Float]) -> Float { a.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        #expect(norm(limited.vector) < norm(result.vector))
    }

    @Test("a sentence's vector does not depend on how sentences are packed into passes", .tags(.law))
    func neighbours() throws {
        let network = try network(.gpt2)
        let sentences = (0..<3).map { network.layout.randomTokens(4 + $0, seed: UInt64(70 + $0)) }
        let learner = LatentVectors(rate: 0.5, steps: 15)
        let together = try learner.vectors(of: sentences, start: 0, at: site, in: network)
        let alone = try LatentVectors(rate: 0.5, steps: 15, batchTokens: 1).vectors(
            of: sentences, start: 0, at: site, in: network)
        for (a, b) in zip(together, alone) {
            let distance = zip(a.vector, b.vector).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            #expect(distance < 1e-4 * a.vector.reduce(0) { $0 + $1 * $1 })
            #expect(abs(a.loss - b.loss) < 1e-2 * max(1, b.loss) && a.isRecovered == b.isRecovered)
        }
        #expect(together.allSatisfy { $0.loss.isFinite })
        let moved = LatentVectors.moved([1, 1], from: [[0, 0], [2, 0]], to: [[3, 4]], by: 2)
        #expect(moved == [5, 9])
    }

    @Test("what cannot be learnt from is refused in words")
    func refusals() throws {
        let network = try network(.gpt2)
        let texts = texts(network.layout, 2, seed: 1)
        let impossible = PromptedText(prompt: [1, 2], continuation: [network.layout.vocabulary])
        #expect(try TaskVectors().accuracy(on: [impossible], replacing: nil, in: network) == 0)
        func message(_ body: () throws -> Void) -> String {
            do {
                try body()
                return ""
            } catch { return "\(error)" }
        }
        #expect(
            message { _ = try TrainedVector().train(positive: [], at: site, in: network) }
                .contains("positive examples"))
        #expect(
            message { _ = try TrainedVector(rate: .nan).train(positive: texts, at: site, in: network) }
                .contains("must be positive"))
        #expect(
            message {
                _ = try TrainedVector(negativeWeight: 1).train(positive: texts, at: site, in: network)
            }.contains("negative examples"))
        #expect(
            message {
                _ = try LatentVectors().vectors(of: [[1], []], start: 0, at: site, in: network)
            }.contains("sentence 2 has 0 tokens"))
        #expect(
            message {
                _ = try RankOneReFT(start: [0]).train(
                    positive: texts, negative: texts, at: site, in: network)
            }.contains("a start of 1 entries"))
        #expect(
            message {
                _ = try TrainedVector().train(
                    positive: [PromptedText([1, network.layout.vocabulary + 5])], at: site, in: network)
            }.isEmpty == false)
        #expect(
            message {
                _ = try ObservablePropagation([-1: 1]).features(
                    at: [site], reference: [1], in: network)
            }.contains("each below"))
        #expect(
            message {
                _ = try LinearRelation(
                    [.init(tokens: [1, 2], subject: 1, object: 0..<1, name: "a")], from: .residual(0),
                    to: .residual(1), in: network)
            }.contains("behind the subject"))
        #expect(
            message {
                _ = try LinearRelation([], from: .residual(1), to: .residual(0), in: network)
            }.contains("to a later one"))
        #expect(message { _ = try network.weights(of: .mlpInput(99)) }.contains("does not exist"))
    }

    @Test(
        "the last block's state decides the answer: a task vector there makes another prompt answer as its own",
        .tags(.planted), arguments: PlantedModels.allCases)
    func taskVectors(_ planted: PlantedModels) throws {
        let network = try network(planted)
        let learner = TaskVectors()
        let last = Site.residual(network.layout.depth - 1)
        let prompts = (0..<6).map { network.layout.randomTokens(5, seed: UInt64(200 + $0)) }
        let answers = try prompts.map { prompt in
            let logits = try lastLogits(network, prompt)
            return logits.indices.max { logits[$0] < logits[$1] } ?? 0
        }
        let other = network.layout.randomTokens(4, seed: 300)
        let before = try lastLogits(network, other)
        let own = before.indices.max { before[$0] < before[$1] } ?? 0
        var (right, wrong, count) = (0.0, 0.0, 0.0)
        for (place, (prompt, answer)) in zip(prompts, answers).enumerated() where answer != own {
            let query = [PromptedText(prompt: other, continuation: [answer])]
            #expect(try learner.accuracy(on: query, replacing: nil, in: network) == 0)
            let vectors = try learner.vectors(of: [prompt], at: [.residual(0), last], in: network)
            let best = try learner.best(of: vectors, on: query, in: network)
            right += best.accuracy
            #expect(
                try learner.accuracy(
                    on: query, replacing: (last, vectors[last] ?? []), in: network) == 1)
            let next = (place + 1) % prompts.count
            guard answers[next] != answer else { continue }
            let control = try learner.vectors(of: [prompts[next]], at: [last], in: network)
            wrong += try learner.accuracy(
                on: query, replacing: (last, control[last] ?? []), in: network)
            count += 1
        }
        #expect(right > 0 && wrong == 0 && count > 0)
    }

    @Test(
        "a head's parts make what the block's attention writes", .tags(.law),
        arguments: PlantedModels.allCases)
    func headWeights(_ planted: PlantedModels) throws {
        let network = try network(planted)
        let layout = network.layout
        let recorder = ActivationRecorder()
        let heads = (0..<layout.heads).map { Site.head(layer: 1, head: $0) }
        // One token: every head's output is its value of that token.
        _ = try lastLogits(network, [7], recorder.hooks(at: heads + [.attentionOutput(1)]))
        let written = try #require(recorder.rows(at: .attentionOutput(1)).first)
        let means = Dictionary(
            uniqueKeysWithValues: heads.map { ($0, recorder.rows(at: $0).first ?? []) })
        let sum = try FunctionVectors().vector(of: heads, means, in: network)
        let none = try FunctionVectors().vector(
            of: heads, means.mapValues { $0.map { _ in 0 } }, in: network)
        #expect(none.allSatisfy { $0 == 0 })
        // Up to the output's bias, which is the same for every token.
        let second = ActivationRecorder()
        _ = try lastLogits(network, [9], second.hooks(at: heads + [.attentionOutput(1)]))
        let otherMeans = Dictionary(
            uniqueKeysWithValues: heads.map { ($0, second.rows(at: $0).first ?? []) })
        let otherSum = try FunctionVectors().vector(of: heads, otherMeans, in: network)
        let other = try #require(second.rows(at: .attentionOutput(1)).first)
        for j in 0..<layout.width {
            #expect(abs((sum[j] - otherSum[j]) - (written[j] - other[j])) < 1e-4)
        }
    }
}

/// A network that adds a vector after one block: a tuned copy of another.
private final class TunedNetwork: SteerableNetwork {
    private let inner: any SteerableNetwork
    private let site: Site
    private let vector: [Float]
    var layout: NetworkLayout { inner.layout }

    init(_ inner: any SteerableNetwork, _ vector: [Float], at site: Site) {
        (self.inner, self.vector, self.site) = (inner, vector, site)
    }

    func makeSequence() -> any SequenceState { inner.makeSequence() }

    func forward(_ batch: [SequenceInput], output: NetworkOutput, through last: Site?) throws -> Tensor? {
        let tuned = batch.map { input in
            var hooks = Hooks()
            hooks.add(ShiftEdit(vector), at: site)
            return SequenceInput(
                state: input.state, tokens: input.tokens, hooks: hooks.followed(by: input.hooks),
                promptLength: input.promptLength)
        }
        return try inner.forward(tuned, output: output, through: last)
    }
}

@Suite("Shifts between checkpoints")
struct ShiftVectorTests {
    @Test(
        "the vector by which a copy was tuned comes back, and imitates it; elsewhere nothing moved",
        .tags(.planted))
    func planted() throws {
        let network = try PlantedModels.gpt2.network()
        var generator = SeededGenerator(seed: 2)
        let vector = generator.unitVector(width: network.layout.width)
        let tuned = TunedNetwork(network, vector, at: .residual(1))
        let texts = (0..<6).map { network.layout.randomTokens(5, seed: UInt64($0)) }
        let shifts = try ShiftVectors().shifts(
            of: ["a": Array(texts.prefix(3)), "b": Array(texts.suffix(3))],
            at: [.residual(0), .residual(1), .residual(2)], from: network, to: tuned)
        for group in ["a", "b"] {
            let shift = try #require(shifts[group]?[.residual(1)])
            #expect(zip(shift.vector, vector).allSatisfy { abs($0 - $1) < 1e-5 })
            #expect(abs(shift.agreement - 1) < 1e-4)
            #expect(shifts[group]?[.residual(0)]?.vector.allSatisfy { $0 == 0 } == true)
            #expect(shifts[group]?[.residual(2)].map { $0.agreement < 1 } == true)
        }
        var hooks = Hooks()
        hooks.add(ShiftEdit(try #require(shifts["a"]?[.residual(1)]).vector), at: .residual(1))
        let imitated = try lastLogits(network, texts[5], hooks)
        let (wanted, before) = (try lastLogits(tuned, texts[5]), try lastLogits(network, texts[5]))
        #expect(zip(imitated, wanted).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(zip(before, wanted).contains { abs($0 - $1) > 1e-3 })
        let other = try PlantedModels.llama.network()
        #expect(throws: ConceptError.self) {
            try ShiftVectors().shifts(of: ["a": texts], at: [.residual(0)], from: network, to: other)
        }
    }
}

@Suite("Frames of tokens")
struct TokenFrameTests {
    @Test(
        "a concept's frame is orthonormal and nearest to the words' sum; random frames are not",
        .tags(.planted))
    func polar() throws {
        var generator = SeededGenerator(seed: 3)
        let (vocabulary, width) = (200, 24)
        let unembedding = try Tensor(
            (0..<vocabulary * width).map { Float(generator.normal() * (1 + Double($0 % width))) },
            shape: [vocabulary, width])
        let frames = try TokenFrames(unembedding: unembedding)
        let words = [[1, 2, 3], [4, 5], [6, 7, 8], [9]]
        let concept = try frames.concept(words)
        func dot(_ a: [Float], _ b: [Float]) -> Double {
            zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        for (i, a) in concept.columns.enumerated() {
            for (j, b) in concept.columns.enumerated() { #expect(abs(dot(a, b) - (i == j ? 1 : 0)) < 1e-5) }
        }
        let sum = (0..<3).map { k in
            (0..<width).map { j in
                words.reduce(Float(0)) { sum, word in
                    sum + ((try? frames.word(word).columns).flatMap { k < $0.count ? $0[k][j] : nil } ?? 0)
                }
            }
        }
        func fit(_ frame: TokenFrames.Frame) -> Double {
            zip(frame.columns, sum).reduce(0) { $0 + dot($1.0, $1.1) }
        }
        for _ in 0..<50 {
            // The polar factor of a random sum of words is an orthonormal frame like any other.
            let random = (0..<3).map { _ in (0..<3).map { _ in generator.integer(below: vocabulary) } }
            #expect(try fit(frames.concept(random)) < fit(concept))
        }
        // Whitened: the mean square of an entry is 1 in every direction.
        let squares = try (0..<vocabulary).reduce(0.0) { sum, token in
            let row = try frames.word([token]).columns[0]
            return sum + dot(row, row)
        }
        #expect(abs(squares / Double(vocabulary * width) - 1) < 0.01)
        let difference = try TokenFrames.difference(concept, try frames.concept([[20, 21, 22]]))
        #expect(difference.correlation(with: concept) > 0)
        #expect(throws: ConceptError.self) { try TokenFrames.difference(concept, concept) }
        #expect(throws: ConceptError.self) { try frames.word([vocabulary]) }
    }
}
