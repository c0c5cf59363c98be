import Testing
import VaneEvidence
import VaneModels
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Heads")
struct HeadTests {
    @Test(
        "scores are attention weights, one set a head, and removed heads do not matter to a pattern below",
        .tags(.law))
    func scores() throws {
        let network = try ModelFixture.llama.load()
        let layout = network.layout
        let lists = [layout.randomTokens(4, seed: 1), layout.randomTokens(4, seed: 2)]
        let scores = try HeadScores(repeating: lists, in: network)
        #expect(scores.heads.map(\.site) == HeadAblation.heads(of: layout))
        for head in scores.heads {
            for score in [head.previous, head.duplicate, head.induction] { #expect((0...1).contains(score)) }
        }
        // By hand for one head.
        var previous = 0.0
        for list in lists {
            let weights = try #require(try network.attentionPatterns(of: list + list)[1])[0].elements
            previous += (1..<8).reduce(0.0) { $0 + Double(weights[$1 * 8 + $1 - 1]) } / 7 / 2
        }
        let own = try #require(scores.heads.first { $0.site == .head(layer: 1, head: 0) })
        #expect(abs(own.previous - previous) < 1e-6)
        #expect(throws: EvidenceError.self) { try HeadScores(repeating: [], in: network) }
        #expect(throws: EvidenceError.self) { try HeadScores(repeating: [[1, 2], [1]], in: network) }
    }

    @Test("taking no head away changes nothing, taking all away leaves only attention biases", .tags(.law))
    func ablation() throws {
        let network = try ModelFixture.llama.load()
        let tokens = network.layout.randomTokens(5, seed: 3)
        let zero = HeadAblation.zero(in: network)
        let all = HeadAblation.heads(of: network.layout)
        #expect(try lastLogits(network, tokens) == lastLogits(network, tokens, zero.hooks(removing: [])))
        let direct = try DirectLogitAttribution(
            of: .logit(2), tokens, in: network, under: zero.hooks(removing: all))
        #expect(direct.heads.allSatisfy { $0.value == 0 } && abs(direct.sum - direct.total) < 1e-3)
        let curve = try zero.curve(removing: all, counts: [0, 1, all.count]) { hooks in
            Double(try lastLogits(network, tokens, hooks)[2])
        }
        #expect(curve.map(\.heads) == [0, 1, all.count] && curve[0].value != curve[2].value)
        #expect(abs(curve[2].value - direct.total) < 1e-4)
        let mean = try HeadAblation.mean(over: [tokens], in: network)
        #expect(mean.replacements.count == all.count)
        #expect(throws: EvidenceError.self) { try zero.hooks(removing: [.residual(0)]) }
        #expect(throws: EvidenceError.self) { try zero.curve(removing: all, counts: [99]) { _ in 0 } }
        #expect(throws: EvidenceError.self) { try HeadAblation.mean(over: [], in: network) }
    }

    @Test(
        "planted previous-token and induction heads are found, in texts that repeat and in no others",
        .tags(.planted))
    func induction() throws {
        let network = PlantedHeads()
        let lists = (0..<6).map { list in (0..<12).map { 1 + (list * 17 + $0 * 7) % 96 } }
        let scores = try HeadScores(repeating: lists, in: network)
        let control = try HeadScores(repeating: lists, repeats: false, in: network)
        for (head, plain) in zip(scores.heads, control.heads) {
            #expect((head.previous > 0.9) == (head.site == PlantedHeads.previous), "\(head)")
            #expect((head.induction > 0.9) == (head.site == PlantedHeads.induction), "\(head)")
            #expect(head.duplicate < 0.2 && plain.induction < 0.2, "\(head) \(plain)")
        }
    }

    @Test(
        "the head that looks at what it copies is the retrieval head; if nothing is copied there is none",
        .tags(.planted))
    func retrieval() throws {
        let trials = (0..<6).map { trial in
            let text = (0..<30).map { 1 + (trial * 13 + $0 * 7) % 96 }
            return RetrievalHeads.Trial(tokens: text + [text[9]], needle: 10..<15)
        }
        let found = try RetrievalHeads(trials, in: PlantedHeads())
        #expect(found.counted == 6 && found.recall == 1)
        #expect(found.heads[0].site == PlantedHeads.induction && abs(found.heads[0].score - 1) < 1e-9)
        #expect(found.heads.dropFirst().allSatisfy { $0.score < 0.1 })
        let none = try RetrievalHeads(trials, in: PlantedHeads(copies: false))
        #expect(none.counted == 0 && none.heads.allSatisfy { $0.score == 0 })
    }

    @Test("trials and facts that cannot be are refused")
    func errors() throws {
        let network = try ModelFixture.llama.load()
        #expect(throws: EvidenceError.self) { try RetrievalHeads([], in: network) }
        #expect(throws: EvidenceError.self) {
            try RetrievalHeads([.init(tokens: [1, 2], needle: 1..<5)], in: network)
        }
        #expect(throws: EvidenceError.self) { try FactualRecall([], in: network) }
        #expect(throws: EvidenceError.self) {
            try FactualRecall([.init(prompt: [1], answer: 1 << 20)], removing: 1, in: network)
        }
        #expect(throws: EvidenceError.self) {
            try FactualRecall([.init(prompt: [1], answer: 1)], removing: 99, in: network)
        }
    }
}

/// A stand-in whose heads look where they are told: one at the token before, one at the token after the last
/// earlier occurrence, the others evenly. It writes what the second one looks at.
private final class PlantedHeads: InspectableNetwork {
    static let previous = Site.head(layer: 0, head: 1)
    static let induction = Site.head(layer: 1, head: 2)

    let layout = NetworkLayout(
        depth: 2, width: 4, heads: 3, headWidth: 2, mlpWidth: 4, vocabulary: 100, maximumPositions: 200)
    private let copies: Bool

    init(copies: Bool = true) { self.copies = copies }

    private final class State: SequenceState, @unchecked Sendable {
        // Sendable: one forward pass at a time holds a state.
        var tokens: [Int] = []
        var count: Int { tokens.count }
    }

    func makeSequence() -> any SequenceState { State() }

    /// The position after the last earlier occurrence of the token at `row`.
    private static func followed(_ tokens: [Int], _ row: Int) -> Int? {
        tokens[..<row].lastIndex(of: tokens[row]).map { $0 + 1 }
    }

    func forward(_ batch: [SequenceInput], output: NetworkOutput, through last: Site?) throws -> Tensor? {
        var logits: [Float] = []
        for input in batch {
            guard let state = input.state as? State else { continue }
            state.tokens += input.tokens
            var row = [Float](repeating: 0, count: layout.vocabulary)
            let place = Self.followed(state.tokens, state.count - 1)
            row[copies ? place.map { state.tokens[$0] } ?? 0 : 0] = 5
            logits += row
        }
        return try Tensor(logits, shape: [batch.count, layout.vocabulary])
    }

    func weights(of part: NetworkPart) throws -> Tensor? { nil }

    func readOut(_ states: Tensor) throws -> Tensor { states }

    func attentionPatterns(of tokens: [Int], layers: [Int]?, under hooks: Hooks) throws -> [Int: [Tensor]] {
        let count = tokens.count
        func matrix(_ looksAt: (Int) -> Int?) throws -> Tensor {
            var values = [Float](repeating: 0, count: count * count)
            for row in 0..<count {
                if let target = looksAt(row) {
                    values[row * count + target] = 1
                } else {
                    for column in 0...row { values[row * count + column] = 1 / Float(row + 1) }
                }
            }
            return try Tensor(values, shape: [count, count])
        }
        var patterns: [Int: [Tensor]] = [:]
        for layer in layers ?? [0, 1] {
            patterns[layer] = try (0..<layout.heads).map { head in
                switch Site.head(layer: layer, head: head) {
                case Self.previous: try matrix { max(0, $0 - 1) }
                case Self.induction: try matrix { Self.followed(tokens, $0) }
                default: try matrix { _ in nil }
                }
            }
        }
        return patterns
    }
}
