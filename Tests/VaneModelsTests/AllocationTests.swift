import Foundation
import Testing
import VaneModels
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Warm decoding takes no memory")
struct AllocationTests {
    @Test("twenty warm decode steps take no fresh block", arguments: ModelFixture.allCases)
    func decode(fixture: ModelFixture) async throws {
        let network = try fixture.load()
        let tokens = network.layout.randomTokens(40, seed: 14)
        // The counter belongs to the process: another test at the same time may take blocks, ours among them.
        // A decoder that allocates does so in every attempt; one quiet attempt shows that this does not.
        var taken: [Int] = []
        for _ in 0..<200 {
            let state = network.makeSequence()
            // The cache starts with room for 64 positions: it does not grow in this test.
            _ = try network.forward(
                [SequenceInput(state: state, tokens: Array(tokens[..<10]), promptLength: 10)],
                output: .lastLogits)
            func step(_ token: Int) throws {
                _ = try network.forward(
                    [SequenceInput(state: state, tokens: [token], promptLength: 10)], output: .lastLogits)
            }
            for token in tokens[10..<14] { try step(token) }
            let before = Storage.freshAllocations
            for token in tokens[14..<34] { try step(token) }
            taken.append(Storage.freshAllocations - before)
            if taken.last == 0 { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(taken.last == 0, "blocks taken in each attempt: \(taken)")
    }

    @Test("the counter sees a block that is not in the pool")
    func counter() {
        let before = Storage.freshAllocations
        let blocks = (0..<50).map { _ in Storage(byteCount: 7_654_321) }
        #expect(Storage.freshAllocations > before && blocks.count == 50)
    }
}
