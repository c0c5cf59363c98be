import Foundation
import Testing
import VaneConcepts
import VaneEvidence
import VaneModels
import VaneSites
import VaneTensors
import VaneTestSupport
import VaneTraining
import VaneWeights

/// The controlled experiment of the TCAV paper as text: a caption token that agrees with the label in 0, 33, 66 or 100% of the
/// training texts, beside cues that are right in 80% each.
@Suite("TCAV finds how far a model relies on a planted caption")
struct CaptionTests {
    /// Tokens: 0 begins, 1 asks; 2 and 3 are captions, 4 no caption, 5 and 6 the cues, 7 and 8 the labels, 9... filler.
    private static let vocabulary = 16
    private static let width = 32

    private struct Example {
        let tokens: [Int]
        let label: Int
    }

    /// A text: begin, caption, three cues among three fillers, question.
    private func example(
        label: Int, caption: Int, _ generator: inout SeededGenerator
    ) -> Example {
        let cues = (0..<3).map { _ in generator.integer(below: 5) == 0 ? 6 - label : 5 + label }
        let filler = (0..<3).map { _ in 9 + generator.integer(below: 7) }
        return Example(tokens: [0, caption] + generator.shuffled(cues + filler) + [1], label: label)
    }

    private func training(_ agreement: Double, _ generator: inout SeededGenerator) -> Example {
        let label = generator.integer(below: 2)
        let agrees = generator.uniform() < agreement || generator.integer(below: 2) == 0
        return example(label: label, caption: 2 + (agrees ? label : 1 - label), &generator)
    }

    private func model(agreement: Double, seed: UInt64) throws -> DecoderNetwork {
        let json = """
            {"model_type": "llama", "hidden_size": \(Self.width), "intermediate_size": 64,
             "vocab_size": \(Self.vocabulary), "num_hidden_layers": 2, "num_attention_heads": 4,
             "num_key_value_heads": 4, "max_position_embeddings": 16, "rms_norm_eps": 1e-5,
             "tie_word_embeddings": false, "hidden_act": "silu"}
            """
        let configuration = try ModelConfiguration(json: Data(json.utf8), name: "caption")
        var generator = SeededGenerator(seed: seed)
        func matrix(_ rows: Int, _ columns: Int) throws -> Tensor {
            try Tensor(
                (0..<rows * columns).map { _ in Float(generator.normal() * 0.15) }, shape: [rows, columns])
        }
        func ones() throws -> Tensor {
            try Tensor([Float](repeating: 1, count: Self.width), shape: [Self.width])
        }
        var start = [
            "model.embed_tokens.weight": try matrix(Self.vocabulary, Self.width),
            "lm_head.weight": try matrix(Self.vocabulary, Self.width), "model.norm.weight": try ones(),
        ]
        for layer in 0..<2 {
            let name = "model.layers.\(layer)"
            start["\(name).input_layernorm.weight"] = try ones()
            start["\(name).post_attention_layernorm.weight"] = try ones()
            for part in ["q", "k", "v", "o"] {
                start["\(name).self_attn.\(part)_proj.weight"] = try matrix(Self.width, Self.width)
            }
            start["\(name).mlp.gate_proj.weight"] = try matrix(64, Self.width)
            start["\(name).mlp.up_proj.weight"] = try matrix(64, Self.width)
            start["\(name).mlp.down_proj.weight"] = try matrix(Self.width, 64)
        }
        func load(_ parameters: [String: Tensor]) throws -> DecoderNetwork {
            try Registry.load(
                configuration: configuration,
                checkpoint: MemoryCheckpoint(name: "caption", tensors: parameters))
        }
        let options = Trainer.Options(rate: LearningRate(peak: 0.004, warmup: 20, steps: 250))
        let state = try Trainer(options).run(
            start,
            loss: { variables, step in
                var generator = SeededGenerator(seed: seed, stream: UInt64(step + 1))
                let batch = (0..<32).map { _ in training(agreement, &generator) }
                let recorded = try load(variables)
                let inputs = batch.map {
                    SequenceInput(
                        state: recorded.makeSequence(), tokens: $0.tokens, promptLength: $0.tokens.count)
                }
                let logits = try #require(try recorded.forward(inputs, output: .allLogits))
                let last = batch.indices.map { Int32(($0 + 1) * batch[$0].tokens.count - 1) }
                return try logits.gatherRows(last).crossEntropy(batch.map { Int32(7 + $0.label) })
            })
        return try load(state.parameters)
    }

    /// Part of the texts whose label comes out likelier, the caption being what `caption` says of the label.
    private func accuracy(_ network: DecoderNetwork, caption: (Int) -> Int) throws -> Double {
        var generator = SeededGenerator(seed: 77)
        let examples = (0..<400).map { number in
            example(label: number % 2, caption: caption(number % 2), &generator)
        }
        let right = try examples.count { example in
            let logits = try lastLogits(network, example.tokens)
            return (logits[8] > logits[7]) == (example.label == 1)
        }
        return Double(right) / Double(examples.count)
    }

    /// The states at the caption.
    private func states(_ texts: [[Int]], _ network: DecoderNetwork) throws -> Tensor {
        try #require(
            try Harvest(texts, at: [.residual(0)], in: network, pooling: .position(1))
                .activations[.residual(0)])
    }

    /// The gradients at the caption.
    private func slopes(_ texts: [[Int]], _ network: DecoderNetwork) throws -> Tensor {
        let all = try OutputGradients(
            of: .difference(8, 7), texts, at: [.residual(0)], in: network, keeping: .each)
        let rows = try #require(all.gradients[.residual(0)])
        return try rows.gatherRows(all.rows.map { Int32($0.lowerBound + 1) }).contiguous()
    }

    @Test(
        "the order of the models by the score is that by what they lose with the caption",
        .tags(.planted, .slow))
    func ranking() throws {
        var rows: [(agreement: Double, loss: Double, caption: TCAV.Site)] = []
        var rejected = 0
        for (number, agreement) in [0.0, 0.33, 0.66, 1].enumerated() {
            let network = try model(agreement: agreement, seed: UInt64(40 + number))
            let loss =
                try accuracy(network) { 2 + $0 } - accuracy(network) { _ in 4 }
            var generator = SeededGenerator(seed: 88)
            func text(_ caption: Int) -> [Int] {
                example(label: generator.integer(below: 2), caption: caption, &generator).tokens
            }
            let targets = (0..<60).map { _ in text(4) }
            // The concept: the caption of label 1. Random texts have any caption.
            let concept = (0..<40).map { _ in text(3) }
            let random = (0..<160).map { _ in text(2 + generator.integer(below: 2)) }
            let gradients = try slopes(targets, network)
            func test(_ texts: [[Int]], _ options: TCAV.Options) throws -> TCAV.Site {
                let result = try TCAV(
                    gradients: [.residual(0): gradients], concept: [.residual(0): states(texts, network)],
                    random: [.residual(0): states(random, network)], options: options)
                return try #require(result.sites.first)
            }
            rows.append((agreement, loss, try test(concept, TCAV.Options(runs: 50, permutations: 999))))
            // Random concepts, 50 a model.
            for _ in 0..<50 {
                let texts = (0..<40).map { _ in text(2 + generator.integer(below: 2)) }
                let null = try test(texts, TCAV.Options(runs: 2, permutations: 199))
                rejected += null.permutation <= 0.05 ? 1 : 0
            }
        }
        for row in rows {
            print(
                "agreement \(row.agreement): loses \(row.loss) without the caption; score \(row.caption.score.value), derivative "
                    + "\(row.caption.magnitude), effect \(row.caption.effect), null below \(row.caption.nullEffect), p \(row.caption.permutation)"
            )
        }
        print("random concepts rejected: \(rejected) of 200")
        #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.loss < $1.loss + 0.02 }, "the truth is ordered")
        for values in [rows.map(\.caption.magnitude), rows.map(\.caption.effect)] {
            #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 }, "\(values)")
            // What a model does that was not trained on the caption's meaning is next to nothing.
            #expect(abs(try #require(values.first)) < 0.05 * (try #require(values.last)))
        }
        #expect(try #require(rows.last).caption.permutation <= 0.05)
        let rate = Statistics.wilson(successes: rejected, of: 200)
        #expect(rate.low <= 0.05, "\(rate)")
    }
}
