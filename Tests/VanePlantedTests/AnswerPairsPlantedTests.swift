import Testing
import VaneConcepts
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

/// A network that answers questions with letters: at an answer's letter the stream holds whether this answer
/// matches the behaviour, and which letter it is; elsewhere it holds what the question is about. A token is a
/// character.
private final class AnsweringNetwork: SteerableNetwork {
    static let width = 32
    let layout = NetworkLayout(
        depth: 1, width: width, heads: 1, headWidth: width, mlpWidth: width, vocabulary: 128,
        maximumPositions: 64)
    let behaviour: [Float]
    let letter: [Float]
    private let topic: [Float]
    private let seed: UInt64

    init(seed: UInt64) {
        self.seed = seed
        var generator = SeededGenerator(seed: seed, stream: 110)
        behaviour = generator.unitVector(width: Self.width)
        letter = generator.unitVector(width: Self.width)
        topic = generator.unitVector(width: Self.width)
    }

    var identity: ModelIdentity {
        ModelIdentity(
            name: "answering", architecture: "stand-in", fingerprint: "answering",
            tokenizerFingerprint: "characters", layout: layout)
    }

    static func tokens(_ text: String) -> [Int] { text.unicodeScalars.map { Int($0.value) % 128 } }

    /// Which letter matches the behaviour in the question with this number.
    static func matching(_ question: Int) -> String { question * 7 % 10 < 5 ? "A" : "B" }

    /// The stream at the last of some characters.
    private func state(_ tokens: [Int]) -> [Float] {
        let key = tokens.reduce(UInt64(5)) { $0 &* 131 &+ UInt64($1) }
        var generator = SeededGenerator(seed: seed &+ key, stream: 111)
        let text = String(String.UnicodeScalarView(tokens.compactMap { Unicode.Scalar(UInt32($0)) }))
        let question = Int(text.prefix { $0 != "?" }.filter(\.isNumber)) ?? 0
        var about = SeededGenerator(seed: seed &+ UInt64(question), stream: 112)
        let content = Float(6 * about.normal())
        var state = (0..<Self.width).map { content * topic[$0] + Float(generator.normal()) }
        if let last = text.last, text.hasSuffix("(\(last)"), last == "A" || last == "B" {
            let matches: Float = String(last) == Self.matching(question) ? 1.5 : -1.5
            let side: Float = last == "A" ? 3 : -3
            for j in state.indices { state[j] += matches * behaviour[j] + side * letter[j] }
        }
        return state
    }

    func makeSequence() -> any SequenceState { State() }

    func forward(_ batch: [SequenceInput], output: NetworkOutput, through last: Site?) throws -> Tensor? {
        for input in batch where input.hooks.has(.residual(0)) {
            var values = input.tokens.indices.flatMap { state(Array(input.tokens[...$0])) }
            values.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                input.hooks.run(
                    Activation(
                        site: .residual(0), base: base, rows: input.tokens.count, width: Self.width,
                        rowStride: Self.width, firstPosition: 0, promptLength: input.promptLength))
            }
        }
        return nil
    }

    private final class State: SequenceState { let count = 0 }
}

@Suite("Contrastive activation addition at the answer's letter", .tags(.planted))
struct AnswerPairsPlantedTests {
    private let folder: ProcessFolder

    init() throws { folder = try ProcessFolder() }

    /// Pairs of questions, read from a file as users give them.
    private func pairs(_ questions: some Sequence<Int>, swapped: (Int) -> Bool = { _ in false }) throws
        -> AnswerPairs
    {
        let lines = questions.map { number in
            let letters = AnsweringNetwork.matching(number) == "A" ? ["A", "B"] : ["B", "A"]
            let pair = swapped(number) ? letters.reversed() : letters
            return """
                {"question":"Question \(number)?","answer_matching_behavior":" (\(pair[0]))","answer_not_matching_behavior":" (\(pair[1]))"}
                """
        }
        return try AnswerPairs(
            contentsOf: folder.write(lines.joined(separator: "\n"), to: "pairs.jsonl"))
    }

    private func concept(
        _ pairs: AnswerPairs, pooling: Pooling = .last, by learner: any Learner = DifferenceOfMeans(),
        in network: AnsweringNetwork
    ) throws -> Concept {
        let set = try pairs.examples()
        let options = LearningOptions(
            pooling: pooling, isStandardised: false, isPaired: true, resamples: 20)
        return try ConceptLearner(learner, options).learn(
            "behaviour", positive: set.positive.map(AnsweringNetwork.tokens),
            negative: set.negative.map(AnsweringNetwork.tokens), digest: set.digest, in: network,
            model: network.identity)
    }

    @Test("pairs with both letters alike give the behaviour's direction, over 5 seeds", arguments: 1...5)
    func letter(seed: Int) throws {
        let network = AnsweringNetwork(seed: UInt64(seed))
        let pairs = try pairs(0..<400)
        #expect(pairs.imbalance == nil)
        for learner in [DifferenceOfMeans() as any Learner, PairComponent(.uncentred)] {
            let learnt = try concept(pairs, by: learner, in: network)
            let direction = learnt.layers[0].probe.direction
            if learner is DifferenceOfMeans {
                #expect(cosine(direction, network.behaviour) >= 0.95)
                #expect(learnt.verdict.isFound)
            } else {
                // The component finds what differs most, which is the letter: the mean alone cancels it.
                #expect(abs(cosine(direction, network.letter)) > abs(cosine(direction, network.behaviour)))
            }
        }
    }

    @Test("controls: other positions, pairs turned round at random and one letter alone do not give it")
    func controls() throws {
        let network = AnsweringNetwork(seed: 6)
        // In front of the letter both texts of a pair are the same.
        #expect(throws: ConceptError.self) {
            try concept(pairs(0..<200), pooling: .position(-2), in: network)
        }
        var generator = SeededGenerator(seed: 3)
        let turned = generator.shuffled((0..<200).map { $0 % 2 == 0 })
        let shuffled = try concept(pairs(0..<200) { turned[$0] }, in: network)
        #expect(abs(cosine(shuffled.layers[0].probe.direction, network.behaviour)) < 0.6)
        #expect(!shuffled.verdict.isFound)
        let one = try pairs((0..<400).filter { AnsweringNetwork.matching($0) == "A" })
        let alone = try concept(one, in: network).layers[0].probe.direction
        #expect(one.imbalance != nil)
        #expect(cosine(alone, network.letter) > cosine(alone, network.behaviour) + 0.2)
    }
}
