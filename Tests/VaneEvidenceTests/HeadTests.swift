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
