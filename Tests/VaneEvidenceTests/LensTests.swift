import Foundation
import Testing
import VaneEvidence
import VaneModels
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Lenses")
struct LensTests {
    @Test(
        "at the last block the lens is the network's own prediction, bit for bit its logits; at the embedding it is not",
        .tags(.law), arguments: [ModelFixture.llama, .gpt2, .gptNeo])
    func identity(fixture: ModelFixture) throws {
        let network = try fixture.load()
        let tokens = network.layout.randomTokens(7, seed: 3)
        let last = Site.residual(network.layout.depth - 1)
        let lens = try LogitLens(tokens, positions: Array(tokens.indices), in: network)
        let recorder = ActivationRecorder()
        let input = SequenceInput(
            state: network.makeSequence(), tokens: tokens, hooks: recorder.hooks(at: [last]),
            promptLength: tokens.count)
        let logits = try #require(try network.forward([input], output: .allLogits))
        let states = recorder.rows(at: last)
        let again = try network.readOut(
            Tensor(states.flatMap(\.self), shape: [states.count, network.layout.width]))
        #expect(again.elements == logits.elements)
        let scores = logits.logSoftmax().elements
        var (worst, early) = (0.0, 0.0)
        for position in tokens.indices {
            let rows = [last, .embedding].map { lens.logProbabilities(at: $0, position: position) }
            for token in 0..<network.layout.vocabulary {
                let own = exp(Double(scores[position * network.layout.vocabulary + token]))
                worst = max(worst, abs(exp(Double(rows[0][token])) - own))
                early = max(early, abs(exp(Double(rows[1][token])) - own))
            }
        }
        #expect(worst < 1e-4 && early > 1e-4, "\(worst) \(early)")
    }

    @Test("ranks, token sets and entropies are those of the distribution", .tags(.law))
    func summaries() throws {
        let network = try ModelFixture.llama.load()
        let tokens = network.layout.randomTokens(5, seed: 4)
        let lens = try LogitLens(tokens, in: network)
        #expect(lens.sites.count == network.layout.depth + 1 && lens.positions == [4])
        let site = lens.sites[1]
        let top = lens.top(3, at: site, position: 4)
        for (place, token) in top.enumerated() {
            #expect(lens.ranks(of: token.token, position: 4)[1] == place + 1)
        }
        let excluded: Set = [top[0].token]
        #expect(lens.ranks(of: top[1].token, position: 4, excluding: excluded)[1] == 1)
        #expect(lens.ranks(of: top[0].token, position: 4, excluding: excluded)[1] == nil)
        #expect(lens.top(1, at: site, position: 4, excluding: excluded)[0].token == top[1].token)
        let all = lens.probabilities(of: Array(0..<network.layout.vocabulary), position: 4)
        #expect(all.allSatisfy { abs($0 - 1) < 1e-5 })
        #expect(
            lens.entropies(position: 4).allSatisfy { $0 > 0 && $0 <= log(Double(network.layout.vocabulary)) })
        #expect(LogitLens.disjoint([[1, 2, 3], [3, 4]]) == [[1, 2], [4]])
        #expect(lens.logProbabilities(at: site, position: 0).isEmpty)
    }

    @Test("the energy of the rows themselves is 1 and that of random vectors 1 ± 0.05", .tags(.law, .planted))
    func energy() throws {
        var generator = SeededGenerator(seed: 5)
        let (vocabulary, width) = (3000, 24)
        let rows = (0..<vocabulary).map { _ in generator.unitVector(width: width) }
        let energy = try TokenEnergy(
            unitRows: Tensor(rows.flatMap(\.self), shape: [vocabulary, width]))
        func meanSquare(_ states: [[Float]]) -> Double {
            (states.reduce(0.0) { $0 + energy.energy(of: $1) * energy.energy(of: $1) }
                / Double(states.count)).squareRoot()
        }
        #expect(abs(meanSquare(rows) - 1) < 1e-4, "\(meanSquare(rows))")
        let random = (0..<500).map { _ in generator.unitVector(width: width) }
        #expect(abs(meanSquare(random) - 1) < 0.05, "\(meanSquare(random))")
        // What the rows do not read has no energy: rows in half the space, a state in the other half.
        let half = rows.map { row in row.enumerated().map { $0 < width / 2 ? $1 : 0 } }
        let units = half.map { row in
            let length = row.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
            return row.map { $0 / length }
        }
        let narrow = try TokenEnergy(unitRows: Tensor(units.flatMap(\.self), shape: [vocabulary, width]))
        let blind = (0..<width).map { Float($0 < width / 2 ? 0 : 1) }
        #expect(narrow.energy(of: blind) < 1e-3 && narrow.energy(of: units[0]) > 0.5)
    }

    @Test("a projection mirrors, does not mind length, and a row's own token comes first", .tags(.law))
    func projection() throws {
        let network = try ModelFixture.llama.load()
        let layout = network.layout
        let gain = try #require(try network.weights(of: .finalNormGain)).elements
        let rows = try #require(try network.weights(of: .unembedding)).elements
        var found = 0
        for token in 0..<20 {
            let row = Array(rows[token * layout.width..<(token + 1) * layout.width])
            let direction = zip(row, gain).map { $0 * $1 }
            let projection = try VocabularyProjection(direction, in: network)
            let longer = try VocabularyProjection(direction.map { $0 * 50 }, in: network)
            let mirrored = try VocabularyProjection(direction.map { -$0 }, in: network)
            #expect(projection.top(5).map(\.token) == longer.top(5).map(\.token))
            #expect(projection.top(5).map(\.token) == mirrored.bottom(5).map(\.token))
            found += projection.top(3).contains { $0.token == token } ? 1 : 0
        }
        #expect(found >= 15, "\(found)")
        #expect(throws: EvidenceError.self) { try VocabularyProjection([1, 2], in: network) }
        #expect(throws: EvidenceError.self) {
            try VocabularyProjection([Float](repeating: 0, count: layout.width), in: network)
        }
    }

    @Test("hostile input gives errors")
    func errors() throws {
        let network = try ModelFixture.llama.load()
        #expect(throws: EvidenceError.self) { try LogitLens([], in: network) }
        #expect(throws: EvidenceError.self) { try LogitLens([1, 2], positions: [2], in: network) }
        #expect(throws: EvidenceError.self) { try LogitLens([1, 2], at: [.finalNorm], in: network) }
        #expect(throws: SiteError.self) { try LogitLens([1, 2], at: [.residual(99)], in: network) }
        #expect(throws: (any Error).self) { try LogitLens([1, 1 << 40], in: network) }
        #expect(throws: EvidenceError.self) { try StateTrajectory([], in: network) }
        #expect(throws: EvidenceError.self) { try StateTrajectory([1], position: 4, in: network) }
        #expect(throws: SiteError.self) { try network.readOut(Tensor([1, 2], shape: [1, 2])) }
        #expect(throws: EvidenceError.self) {
            try TokenChange(
                adding: [1], divergence: 0.1, at: .residual(0), to: [[1, 2]], in: network)
        }
        #expect(throws: EvidenceError.self) {
            try TokenChange(
                adding: [Float](repeating: 1, count: network.layout.width), divergence: 1e9, at: .residual(0),
                to: [[1, 2]], in: network)
        }
    }
}
