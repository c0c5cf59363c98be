import Testing
import VaneConcepts
import VaneDefaultModel
import VaneEvidence
import VaneGeneration
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Heads of the built-in model")
struct HeadModelTests {
    private let model: BuiltIn
    private let network: any DifferentiableNetwork & InspectableNetwork

    init() throws {
        model = try BuiltIn()
        network = try #require(model.network as? any DifferentiableNetwork & InspectableNetwork)
    }

    /// Lists of tokens that begin a word, in no order.
    private func lists(_ count: Int, _ length: Int, seed: UInt64) -> [[Int]] {
        let language = PlantedLanguage(seed: 74)
        let words = Set((0..<60).flatMap { model.tokens(language.text(at: $0).text) }).sorted()
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Array(generator.shuffled(words).prefix(length)) }
    }

    @Test(
        "some heads look at the token before and some at the one after an earlier occurrence; without repetition none does",
        .tags(.planted))
    func patterns() throws {
        let lists = lists(8, 16, seed: 41)
        let scores = try HeadScores(repeating: lists, from: model.start, in: network)
        let control = try HeadScores(repeating: lists, from: model.start, repeats: false, in: network)
        let previous = try #require(scores.heads.max { $0.previous < $1.previous })
        let induction = try #require(scores.heads.max { $0.induction < $1.induction })
        let unrepeated = try #require(control.heads.first { $0.site == induction.site })
        print(
            "previous token: \(previous); induction: \(induction); without repetition \(unrepeated.induction)"
        )
        #expect(previous.previous > 0.4)
        #expect(induction.induction > 0.3 && unrepeated.induction < 0.1)
    }

    @Test(
        "taking induction heads away costs copying at least three times as much as other heads",
        .tags(.planted))
    func copying() throws {
        let scores = try HeadScores(repeating: lists(8, 16, seed: 42), from: model.start, in: network)
        let order = scores.heads.sorted { $0.induction > $1.induction }.map(\.site)
        let texts = lists(8, 16, seed: 43).map { (model.start.map { [$0] } ?? []) + $0 + $0 }
        let ablation = try HeadAblation.mean(over: texts, in: network)
        func loss(_ hooks: Hooks) throws -> Double {
            let scores = try model.engine.model.logProbabilities(of: texts, hooks: hooks)
            return -scores.reduce(0) { $0 + $1.suffix(15).reduce(0, +) } / Double(15 * texts.count)
        }
        let curve = try ablation.curve(removing: order, counts: [0, 1, 3, 6], measure: loss)
        var generator = SeededGenerator(seed: 44)
        let random =
            try (0..<5).map { _ in
                try loss(ablation.hooks(removing: Array(generator.shuffled(order.dropFirst(6)).prefix(3))))
            }.reduce(0, +) / 5
        print(
            "loss of a repeated token: \(curve.map { ($0.heads, $0.value) }), without 3 other heads \(random)"
        )
        #expect(curve[2].value - curve[0].value > 3 * max(0, random - curve[0].value))
        #expect(curve[2].value > curve[0].value + 0.2)
    }

    @Test(
        "retrieval heads are the same on two halves of the trials, and copying needs them more than others",
        .tags(.planted))
    func retrieval() throws {
        let trials = lists(24, 20, seed: 45).map { list in
            // The last word of the text is the one in front of the needle.
            RetrievalHeads.Trial(
                tokens: (model.start.map { [$0] } ?? []) + list + [list[6]], needle: 8..<12)
        }
        let first = try RetrievalHeads(Array(trials.prefix(12)), in: network)
        let second = try RetrievalHeads(Array(trials.suffix(12)), in: network)
        print(
            "recall \(first.recall) and \(second.recall), counted \(first.counted) and \(second.counted); "
                + "\(first.heads.prefix(5).map { "\($0.site) \($0.score)" })")
        let agreement = spearman(first.heads, second.heads)
        let ablation = try HeadAblation.mean(over: trials.map(\.tokens), in: network)
        let order = first.heads.map(\.site)
        let test = Array(trials.suffix(12))
        let without = try RetrievalHeads(
            test, in: network, under: ablation.hooks(removing: Array(order.prefix(5)))
        ).recall
        var generator = SeededGenerator(seed: 46)
        let random =
            try (0..<3).map { _ in
                try RetrievalHeads(
                    test, in: network,
                    under: ablation.hooks(removing: Array(generator.shuffled(order.dropFirst(5)).prefix(5)))
                ).recall
            }.reduce(0, +) / 3
        print(
            "halves agree \(agreement); recall without the top 5 heads \(without), without 5 others \(random)"
        )
        #expect(agreement >= 0.8 && without <= 0.5 * second.recall && random >= 0.9 * second.recall)
    }

    private func spearman(_ a: [RetrievalHeads.Head], _ b: [RetrievalHeads.Head]) -> Double {
        func ranks(_ heads: [RetrievalHeads.Head]) -> [Site: Double] {
            // Equal scores share their mean rank.
            Dictionary(
                uniqueKeysWithValues: heads.map { head in
                    let above = heads.count { $0.score > head.score }
                    let equal = heads.count { $0.score == head.score }
                    return (head.site, Double(above) + Double(equal - 1) / 2)
                })
        }
        let (first, second) = (ranks(a), ranks(b))
        let middle = Double(a.count - 1) / 2
        let x = a.map { Float((first[$0.site] ?? 0) - middle) }
        return cosine(x, a.map { Float((second[$0.site] ?? 0) - middle) })
    }
}
