import Testing
import VaneModels
import VaneSites
import VaneTensors
import VaneTestSupport
import VaneTraining
import VaneWeights

@Suite("Checkpointed blocks", .tags(.law))
struct BlockCheckpointTests {
    private static let fixtures = [ModelFixture.gpt2, .gptNeo, .llama]
    private let texts = [[5, 9, 7, 30, 2, 17, 5, 9, 60, 11], [40, 41, 42, 43, 44]]

    private func parameters(_ fixture: ModelFixture) throws -> [String: Tensor] {
        let file = try SafetensorsFile(path: fixture.folder + "/model.safetensors")
        return try Dictionary(
            uniqueKeysWithValues: file.tensorNames.map {
                ($0, try #require(try file.tensor(named: $0)).copied())
            })
    }

    private func gradients(
        _ fixture: ModelFixture, checkpointing: Bool
    ) throws -> (loss: [Float], slopes: [[UInt32]], entries: Int) {
        let tape = Tape()
        let variables = try parameters(fixture).mapValues { tape.watch($0) }
        let objective = LanguageModelLoss(try fixture.configuration(), checkpointsBlocks: checkpointing)
        let loss = try objective(variables, texts)
        let entries = tape.count
        let names = variables.keys.sorted()
        let watched = try names.map { try #require(variables[$0]) }
        let slopes = try tape.gradients(of: loss, at: watched).map { bitPatterns($0.elements) }
        let again = try tape.gradients(of: loss, at: watched).map { bitPatterns($0.elements) }
        #expect(slopes == again && tape.count == entries)
        return (loss.elements, slopes, entries)
    }

    @Test("loss and gradients have the same bits, and the tape is shorter", arguments: fixtures)
    func sameBits(_ fixture: ModelFixture) throws {
        let plain = try gradients(fixture, checkpointing: false)
        let marked = try gradients(fixture, checkpointing: true)
        #expect(marked.loss == plain.loss && marked.slopes == plain.slopes)
        #expect(plain.slopes.contains { $0.contains { $0 << 1 != 0 } })
        // One entry a block is left of many.
        let depth = try fixture.load().layout.depth
        #expect(
            plain.entries >= marked.entries + 10 * depth, "\(plain.entries), \(marked.entries), \(depth)")
    }

    @Test("a training run ends with the same parameters")
    func training() throws {
        let options = Trainer.Options(rate: LearningRate(peak: 0.01, steps: 5, decay: .constant))
        let ends = try [false, true].map { checkpointing in
            let objective = LanguageModelLoss(
                try ModelFixture.gpt2.configuration(), checkpointsBlocks: checkpointing)
            return try Trainer(options).run(parameters(.gpt2)) { variables, _ in
                try objective(variables, texts)
            }
        }
        #expect(ends[0].losses == ends[1].losses && ends[0].losses[4] < ends[0].losses[0])
        #expect(
            ends[0].parameters.mapValues { bitPatterns($0.elements) }
                == ends[1].parameters.mapValues { bitPatterns($0.elements) })
    }

    @Test("plain parameters give the plain loss; the pass fills the sequence's own caches")
    func plain() throws {
        let configuration = try ModelFixture.llama.configuration()
        let plain = try parameters(.llama)
        let losses = try [false, true].map {
            try LanguageModelLoss(configuration, checkpointsBlocks: $0)(plain, texts)
        }
        #expect(losses[0].elements == losses[1].elements && !losses[1].isRecorded)
        // A sequence goes on from a checkpointed pass as from any other.
        let network = try ModelFixture.llama.load()
        let states = [network.makeSequence(), network.makeSequence()]
        let inputs = states.map { SequenceInput(state: $0, tokens: texts[0], promptLength: 10) }
        let tape = Tape()
        _ = try network.forward([inputs[0]], output: .allLogits)
        _ = try network.forward([inputs[1]], output: .allLogits, checkpointingBlocksOn: tape)
        let next = try states.map {
            try #require(
                try network.forward(
                    [SequenceInput(state: $0, tokens: [3], promptLength: 10)], output: .lastLogits)
            ).elements
        }
        #expect(next[0] == next[1])
    }

    @Test("hooks and sequences with a past are refused")
    func refused() throws {
        let network = try ModelFixture.gpt2.load()
        func pass(_ state: any SequenceState, _ hooks: Hooks = Hooks()) throws {
            let input = SequenceInput(state: state, tokens: [1, 2], hooks: hooks, promptLength: 2)
            _ = try network.forward([input], output: .allLogits, checkpointingBlocksOn: Tape())
        }
        let used = network.makeSequence()
        try pass(used)
        let past = #expect(throws: SiteError.self) { try pass(used) }
        #expect(past?.code == .notDifferentiable)
        let recorder = ActivationRecorder()
        let hooked = #expect(throws: SiteError.self) {
            try pass(network.makeSequence(), recorder.hooks(at: [.residual(0)]))
        }
        #expect(hooked?.code == .notDifferentiable && recorder.rows.isEmpty)
    }
}
