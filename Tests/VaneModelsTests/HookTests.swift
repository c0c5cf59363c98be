import Testing
import VaneModels
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Hooks read and change the pass that runs, and nothing else", .tags(.law))
struct HookTests {
    private func logits(_ network: DecoderNetwork, _ tokens: [Int], _ hooks: Hooks) throws -> [[UInt32]] {
        let input = SequenceInput(
            state: network.makeSequence(), tokens: tokens, hooks: hooks, promptLength: tokens.count)
        return rowBits(try #require(try network.forward([input], output: .allLogits)))
    }

    @Test("an edit that changes nothing gives the bits of no hooks", arguments: ModelFixture.allCases)
    func identity(fixture: ModelFixture) throws {
        let network = try fixture.load()
        let tokens = network.layout.randomTokens(12, seed: 5)
        let plain = try logits(network, tokens, Hooks())
        for site in network.layout.everySite {
            var identity = Hooks()
            identity.add(RowEdit { for i in $0.indices { $0[i] *= 1 } }, at: site)
            #expect(try logits(network, tokens, identity) == plain, "\(site)")
            // The control: a real edit at the same place arrives at the logits.
            var changing = Hooks()
            changing.add(RowEdit { for i in $0.indices where i % 2 == 0 { $0[i] += 1 } }, at: site)
            let changed = try logits(network, tokens, changing)
            for (row, bits) in changed.enumerated() { #expect(bits != plain[row], "\(site), row \(row)") }
        }
    }

    @Test("an edit reaches the hooked sequence only", arguments: ModelFixture.allCases)
    func neighbours(fixture: ModelFixture) throws {
        let network = try fixture.load()
        let tokens = network.layout.randomTokens(10, seed: 6)
        let plain = try logits(network, tokens, Hooks())
        for site in network.layout.everySite {
            var hooks = Hooks()
            hooks.add(RowEdit { $0[0] += 3 }, at: site)
            let batch = [Hooks(), hooks, Hooks()].map {
                SequenceInput(state: network.makeSequence(), tokens: tokens, hooks: $0, promptLength: 10)
            }
            let rows = rowBits(try #require(try network.forward(batch, output: .allLogits)))
            #expect(Array(rows[..<10]) == plain && Array(rows[20...]) == plain, "\(site)")
            #expect(Array(rows[10..<20]) != plain, "\(site)")
        }
    }

    @Test("an edit of the last logits is the same whether all or the last are asked for")
    func logitEdits() throws {
        let network = try ModelFixture.gpt2.load()
        let tokens = network.layout.randomTokens(6, seed: 7)
        for site in [Site.finalNorm, .logits] {
            var hooks = Hooks()
            hooks.add(RowEdit { $0[1] = 7 }, at: site)
            let input = SequenceInput(
                state: network.makeSequence(), tokens: tokens, hooks: hooks, promptLength: 6)
            let last = rowBits(try #require(try network.forward([input], output: .lastLogits)))
            #expect(try last == [#require(try logits(network, tokens, hooks).last)], "\(site)")
        }
    }

    @Test("taps are told where they stand")
    func positions() throws {
        struct Places: Tap {
            let check: @Sendable (Activation) -> Void
            func read(_ activation: Activation) { check(activation) }
        }
        let network = try ModelFixture.llama.load()
        let state = network.makeSequence()
        for (start, length) in [(0, 5), (5, 1), (6, 3)] {
            var hooks = Hooks()
            for site in network.layout.everySite {
                let width = try network.layout.width(of: site)
                hooks.add(
                    Places {
                        // The logits of the last token alone are one row.
                        let rows = site == .logits ? 1 : length
                        #expect(
                            $0.site == site && $0.width == width && $0.rows == rows && $0.promptLength == 5)
                        #expect($0.firstPosition == start + length - rows)
                    }, at: site)
            }
            let input = SequenceInput(
                state: state, tokens: network.layout.randomTokens(length, seed: 8), hooks: hooks,
                promptLength: 5)
            _ = try network.forward([input], output: .lastLogits)
            #expect(state.count == start + length)
        }
    }
}
