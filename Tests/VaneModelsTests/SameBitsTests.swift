import Testing
import VaneModels
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("The way a sequence is run does not change one bit", .tags(.law))
struct SameBitsTests {
    @Test("tokens at once, in pieces and one by one give the same bits", arguments: ModelFixture.allCases)
    func pieces(fixture: ModelFixture) throws {
        let network = try fixture.load()
        let tokens = network.layout.randomTokens(40, seed: 1)
        let whole = try ModelRun(network, tokens)
        #expect(whole.logits.count == 40 && whole.residuals.count == network.layout.depth)
        for pieces in [[1, 39], [16, 16, 8], [7, 1, 17, 15], [Int](repeating: 1, count: 40)] {
            let run = try ModelRun(network, tokens, pieces: pieces)
            #expect(run.logits == whole.logits, "\(fixture.rawValue) \(pieces)")
            #expect(run.sites == whole.sites, "\(fixture.rawValue) \(pieces)")
        }
        // The other control: other tokens give other bits.
        #expect(try ModelRun(network, network.layout.randomTokens(40, seed: 2)).logits != whole.logits)
    }

    @Test(
        "sixteen ragged sequences in one batch give the bits of each alone", arguments: ModelFixture.allCases)
    func batch(fixture: ModelFixture) throws {
        let network = try fixture.load()
        let lengths = [1, 2, 3, 5, 8, 13, 16, 17, 21, 24, 31, 32, 33, 36, 39, 40]
        let prompts = lengths.map { network.layout.randomTokens($0 + 1, seed: UInt64($0)) }
        let recorders = prompts.map { _ in ActivationRecorder() }
        let states = prompts.map { _ in network.makeSequence() }
        func inputs(_ tokens: (Int) -> [Int]) -> [SequenceInput] {
            prompts.indices.map {
                SequenceInput(
                    state: states[$0], tokens: tokens($0),
                    hooks: recorders[$0].hooks(at: network.layout.everySite), promptLength: lengths[$0])
            }
        }
        // First half of the sequences starts; then the other half joins while the first decodes one token.
        let first = try #require(
            try network.forward(Array(inputs { Array(prompts[$0].dropLast()) }[..<8]), output: .lastLogits))
        let second = try #require(
            try network.forward(
                inputs { $0 < 8 ? [prompts[$0][lengths[$0]]] : prompts[$0] }, output: .lastLogits))
        #expect(
            first.shape == [8, network.layout.vocabulary] && second.shape == [16, network.layout.vocabulary])
        let (firstBits, secondBits) = (rowBits(first), rowBits(second))
        for (i, prompt) in prompts.enumerated() {
            let alone = try ModelRun(network, prompt)
            let comment: Comment = "\(fixture.rawValue), \(prompt.count) tokens"
            #expect(secondBits[i] == alone.logits.last, comment)
            if i < 8 { #expect(firstBits[i] == alone.logits[prompt.count - 2], comment) }
            for site in network.layout.everySite where site != .logits {
                #expect(bitPatterns(recorders[i].rows(at: site)) == alone.sites[site], "\(site), \(comment)")
            }
            #expect(recorders[i].rows(at: .logits).last.map { bitPatterns($0) } == alone.logits.last, comment)
        }
    }

    @Test("asking for the last logits gives the last row of all", arguments: ModelFixture.allCases)
    func lastLogits(fixture: ModelFixture) throws {
        let network = try fixture.load()
        let tokens = network.layout.randomTokens(9, seed: 3)
        let input = SequenceInput(state: network.makeSequence(), tokens: tokens, promptLength: 9)
        let last = try #require(try network.forward([input], output: .lastLogits))
        #expect(try rowBits(last) == [#require(try ModelRun(network, tokens).logits.last)])
        let silent = SequenceInput(state: network.makeSequence(), tokens: tokens, promptLength: 9)
        #expect(try network.forward([silent], output: .none) == nil)
    }
}

@Suite("The number of threads does not change one bit", .tags(.law), .serialized)
struct ThreadTests {
    static func expectSame(_ network: DecoderNetwork, tokens count: Int) throws {
        let before = Compute.threads
        defer { Compute.threads = before }
        let tokens = network.layout.randomTokens(count, seed: 4)
        Compute.threads = 1
        let reference = try ModelRun(network, tokens)
        for threads in [2, 3] {
            Compute.threads = threads
            #expect(try ModelRun(network, tokens) == reference, "\(threads) threads")
            #expect(try ModelRun(network, tokens, pieces: [count - 1, 1]) == reference, "\(threads) threads")
        }
    }

    @Test("one, two and three threads agree", arguments: ModelFixture.allCases)
    func fixtures(fixture: ModelFixture) throws { try ThreadTests.expectSame(fixture.load(), tokens: 40) }

    @Test("they agree on a model wide enough to be split", .enabled(if: PublishedModel.isPresent))
    func published() throws { try ThreadTests.expectSame(PublishedModel.tinytalk.load(), tokens: 24) }
}
