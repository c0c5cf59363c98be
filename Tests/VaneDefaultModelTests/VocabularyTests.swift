import Testing
import VaneConcepts
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("What the unembedding names")
struct VocabularyTests {
    private let model: BuiltIn

    init() throws { model = try BuiltIn() }

    private var prompts: [[Int]] {
        let language = PlantedLanguage(seed: 61)
        return (0..<30).map { Array(model.tokens(language.text(at: $0).text).prefix(6 + $0 % 6)) }
    }

    @Test(
        "setting a peaked neuron raises the token that its weights name; the same on a random neuron does not",
        .tags(.planted, .slow), arguments: VocabularyNeurons.Weights.allCases)
    func neurons(_ weights: VocabularyNeurons.Weights) throws {
        let (right, wrong) = try gains(weights, 12)
        print(
            "neurons by \(weights): log-probability of the named token \(right), at another neuron \(wrong)")
        // Writing weights decide what is said; reading weights only tend to agree with them.
        #expect(right > (weights == .writing ? 0.8 : 0.1) && right > 3 * abs(wrong))
    }

    private func gains(_ weights: VocabularyNeurons.Weights, _ clamp: Float) throws -> (Double, Double) {
        let depth = model.network.layout.depth
        let named = try VocabularyNeurons(model.network)
        let all = try (0..<depth).flatMap { try named.neurons(inLayer: $0, by: weights) }
        #expect(all.count == depth * model.network.layout.mlpWidth)
        let peaked = Array(all.sorted { $0.margin > $1.margin }.prefix(30))
        var generator = SeededGenerator(seed: 12)
        let others = Array(generator.shuffled(all).prefix(30))
        let prompts = prompts
        func scores(_ hooks: Hooks) throws -> [[Float]] {
            let batch = prompts.map {
                SequenceInput(
                    state: model.network.makeSequence(), tokens: $0, hooks: hooks, promptLength: $0.count)
            }
            let logits = try #require(
                try model.network.forward(batch, output: .lastLogits, through: nil))
            let rows = logits.logSoftmax().elements
            return prompts.indices.map { Array(rows[$0 * logits.shape[1]..<($0 + 1) * logits.shape[1]]) }
        }
        let plain = try scores(Hooks())
        // How much likelier the named token gets with the neuron set to ± `clamp`.
        func gain(_ neuron: VocabularyNeurons.Neuron, _ index: Int) throws -> Double {
            var hooks = Hooks()
            let value: Float = neuron.isNegative ? -clamp : clamp
            hooks.add(RowEdit { $0[index] = value }, at: .mlpHidden(neuron.layer))
            let moved = try scores(hooks)
            return zip(moved, plain).reduce(0) {
                $0 + Double($1.0[neuron.token] - $1.1[neuron.token])
            } / Double(plain.count)
        }
        let right = try peaked.map { try gain($0, $0.index) }.reduce(0, +) / 30
        let wrong = try zip(peaked, others).map { try gain($0, $1.index) }.reduce(0, +) / 30
        return (right, wrong)
    }

    @Test(
        "a direction made of words' rows raises the other words of their kind; random words' do not",
        .tags(.planted))
    func words() throws {
        let (right, wrong) = try days(30)
        print("days raised by other days' rows: \(right), by random rows: \(wrong)")
        #expect(right > 1 && right > wrong + 1)
    }

    private func days(_ size: Float) throws -> (Double, Double) {
        let named = try VocabularyNeurons(model.network)
        let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
        let tokens = days.compactMap { try? model.token(" " + $0) }
        try #require(tokens.count >= 5, "\(tokens)")
        let (shown, kept) = (Array(tokens.prefix(3)), Array(tokens.dropFirst(3)))
        var generator = SeededGenerator(seed: 13)
        let random = (0..<3).map { _ in generator.integer(below: model.network.layout.vocabulary) }
        func gain(_ words: [Int]) throws -> Double {
            let direction = try named.direction(of: words)
            let hooks = model.adding(direction.map { size * $0 }, at: .residual(5))
            return try prompts.reduce(0.0) { sum, prompt in
                let scores = try [Hooks(), hooks].map { hooks in
                    try Tensor(model.logits(prompt, hooks), shape: [1, model.network.layout.vocabulary])
                        .logSoftmax().elements
                }
                return sum + kept.reduce(0.0) { $0 + Double(scores[1][$1] - scores[0][$1]) }
            } / Double(prompts.count * kept.count)
        }
        return (try gain(shown), try gain(random))
    }

    @Test("held-out words lie nearer to their concept's frame than words of other concepts", .tags(.planted))
    func frames() throws {
        let frames = try TokenFrames(
            unembedding: try #require(try model.network.weights(of: .unembedding)))
        let kinds = [
            ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
            ["January", "February", "March", "April", "August", "September", "October", "November"],
            PlantedFact.objects(of: "profession"), PlantedFact.objects(of: "language"),
            PlantedFact.objects(of: "river"),
        ].map { $0.map { model.tokens(" " + $0) }.filter { $0.count <= 4 } }
        let concepts = try kinds.map { try frames.concept(Array($0.prefix($0.count / 2))) }
        var (right, count) = (0, 0)
        for (kind, words) in kinds.enumerated() {
            for word in words.dropFirst(words.count / 2) {
                let frame = try frames.word(word)
                let scores = concepts.map { $0.correlation(with: frame) }
                right += scores[kind] == scores.max() ? 1 : 0
                count += 1
            }
        }
        var generator = SeededGenerator(seed: 14)
        let everything = generator.shuffled(kinds.joined())
        let mixed = try kinds.map { kind in
            try frames.concept(
                (0..<kind.count / 2).map { _ in everything[generator.integer(below: everything.count)] })
        }
        var chance = 0
        for (kind, words) in kinds.enumerated() {
            for word in words.dropFirst(words.count / 2) {
                let frame = try frames.word(word)
                let scores = mixed.map { $0.correlation(with: frame) }
                chance += scores[kind] == scores.max() ? 1 : 0
            }
        }
        print(
            "frames: \(right) of \(count) held-out words nearest to their own concept, shuffled concepts \(chance)"
        )
        #expect(Double(right) > 0.5 * Double(count) && right > 2 * chance)
    }
}
