import Testing
import VaneModels
import VaneSites
import VaneTestSupport

@Suite("A pass can stop early")
struct PartialPassTests {
    @Test("up to its end it reads the bits of a whole pass", .tags(.law), arguments: ModelFixture.allCases)
    func sameBits(fixture: ModelFixture) throws {
        let network = try fixture.load()
        let tokens = network.layout.randomTokens(11, seed: 9)
        let whole = try ModelRun(network, tokens)
        for last in network.layout.everySite where last != .logits {
            let recorder = ActivationRecorder()
            let input = SequenceInput(
                state: network.makeSequence(), tokens: tokens,
                hooks: recorder.hooks(at: network.layout.everySite), promptLength: 11)
            #expect(try network.forward([input], output: .allLogits, through: last) == nil, "\(last)")
            let read = recorder.rows
            for site in network.layout.everySite where site <= last {
                #expect(read[site].map { bitPatterns($0) } == whole.sites[site], "\(site) through \(last)")
            }
            #expect(read[.logits] == nil, "through \(last)")
            // Blocks after the last site are not run.
            let later = read.keys.compactMap(\.layer).filter { $0 > last.layer ?? ($0 - 1) }
            #expect(last == .finalNorm || later.isEmpty, "through \(last)")
            #expect(last >= .finalNorm || read[.finalNorm] == nil, "through \(last)")
        }
    }

    @Test("a state it left unfinished is refused, and still refused later")
    func unfinished() throws {
        let network = try ModelFixture.llama.load()
        for last in [Site.embedding, .residual(0), .mlpOutput(1), .residual(2)] {
            let state = network.makeSequence()
            let input = SequenceInput(state: state, tokens: [1, 2, 3], promptLength: 3)
            _ = try network.forward([input], output: .none, through: last)
            for _ in 0..<2 {
                let error = #expect(throws: SiteError.self, "\(last)") {
                    try network.forward([input], output: .lastLogits)
                }
                #expect(
                    error?.code == .unusableState && error?.message.contains("cannot be continued") == true)
            }
        }
    }

    @Test("after the final norm every block has its keys, so the state goes on")
    func finished() throws {
        let network = try ModelFixture.llama.load()
        let tokens = network.layout.randomTokens(6, seed: 10)
        let state = network.makeSequence()
        let start = SequenceInput(state: state, tokens: Array(tokens[..<5]), promptLength: 6)
        _ = try network.forward([start], output: .none, through: .finalNorm)
        let rest = SequenceInput(state: state, tokens: [tokens[5]], promptLength: 6)
        let logits = rowBits(try #require(try network.forward([rest], output: .lastLogits)))
        #expect(try logits == [#require(try ModelRun(network, tokens).logits.last)])
    }

    @Test(
        "a last site that does not exist is refused",
        arguments: [Site.residual(3), .residual(-1), .head(layer: 0, head: 6)])
    func unknown(site: Site) throws {
        let network = try ModelFixture.llama.load()
        let input = SequenceInput(state: network.makeSequence(), tokens: [1], promptLength: 1)
        let error = #expect(throws: SiteError.self) {
            try network.forward([input], output: .none, through: site)
        }
        #expect(error?.code == .unknownSite)
        #expect(error?.message.contains("\(site)") == true)
    }
}
