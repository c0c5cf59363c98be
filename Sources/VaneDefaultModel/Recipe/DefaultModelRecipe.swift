public import Foundation
import VaneGeneration
import VaneModels
public import VanePlanted
public import VaneTensors
public import VaneTokenizers
public import VaneTraining
import VaneWeights

/// How the default model is made: corpus, tokenizer, network and training. The same recipe gives the same
/// bytes for every number of threads and instruction set, on machines with the same C mathematical library.
public struct DefaultModelRecipe: Sendable, Hashable, Codable {
    /// A part of the training with its own schedule and mixture; the next goes on from its weights with a fresh
    /// optimiser.
    public struct Stage: Sendable, Hashable, Codable {
        /// The rate of each step.
        public var rate: LearningRate
        /// The last step, where the stage ends before its schedule does.
        public var lastStep: Int
        /// Percent of the documents that are lists of words which belong together.
        public var lists: Int
        /// Percent of these lists that name the value.
        public var namedLists: Int
        /// Percent of the texts that stand under a brief.
        public var briefs: Int

        /// A stage.
        public init(
            rate: LearningRate, lastStep: Int? = nil, lists: Int = 0, namedLists: Int = 0, briefs: Int = 0
        ) {
            self.rate = rate
            self.lastStep = lastStep ?? rate.steps
            self.lists = lists
            self.namedLists = namedLists
            self.briefs = briefs
        }
    }

    /// Seeds the corpus and the initial weights. The held-out corpus has the next seed.
    public var seed: UInt64
    /// The stages of the training, AdamW in each.
    ///
    /// Lists and briefs teach which words go together. Without them the model wrote the language well after 9 million
    /// tokens and still mixed the sentiments, because no word of a sentiment is frequent.
    public var stages: [Stage]
    /// Sequences a step.
    public var batch: Int
    /// Tokens a sequence, and the context of the model.
    public var context: Int
    /// Ids of the tokenizer.
    public var vocabulary: Int
    /// Width of the residual stream.
    public var width: Int
    /// Blocks.
    public var depth: Int
    /// Attention heads, each `width / heads` wide.
    public var heads: Int
    /// Key-value heads.
    public var keyValueHeads: Int
    /// Width of the gated MLP.
    public var hidden: Int

    /// The recipe of the model that is shipped.
    public init(
        seed: UInt64 = 1,
        stages: [Stage] = [
            Stage(
                rate: LearningRate(peak: 2e-3, warmup: 200, steps: 14_000, floor: 0.01), lastStep: 5200,
                lists: 8,
                briefs: 40),
            Stage(
                rate: LearningRate(peak: 1.5e-3, warmup: 100, steps: 9600, floor: 0.01), lists: 25,
                namedLists: 60, briefs: 60),
        ],
        batch: Int = 8, context: Int = 256, vocabulary: Int = 3072, width: Int = 192, depth: Int = 6,
        heads: Int = 6, keyValueHeads: Int = 3, hidden: Int = 416
    ) {
        self.seed = seed
        self.stages = stages
        self.batch = batch
        self.context = context
        self.vocabulary = vocabulary
        self.width = width
        self.depth = depth
        self.heads = heads
        self.keyValueHeads = keyValueHeads
        self.hidden = hidden
    }

    /// The documents of the last stage under a seed.
    public func corpus(seed: UInt64) -> PlantedCorpus {
        stages.last.map { Self.corpus(of: $0, seed: seed) } ?? PlantedCorpus(seed: seed)
    }

    private static func corpus(of stage: Stage, seed: UInt64) -> PlantedCorpus {
        PlantedCorpus(
            seed: seed, lists: stage.lists, namedLists: stage.namedLists, briefs: stage.briefs)
    }

    /// The token between documents.
    static let separator = "<|endoftext|>"

    /// The tokenizer, trained on the first documents of the corpus.
    ///
    /// - Throws: `TokenizerError`.
    public func trainTokenizer(documents: Int = 30_000) throws -> TrainedTokenizer {
        var trainer = try BytePairTrainer(
            .init(vocabularySize: vocabulary, specialTokens: [Self.separator]))
        let corpus = PlantedCorpus(seed: seed)
        for i in 0..<documents { trainer.add(corpus.document(at: i)) }
        return try trainer.train()
    }

    /// The contents of the model's `config.json`.
    public func configuration(for tokenizer: Tokenizer) throws -> Data {
        try JSONSerialization.data(
            withJSONObject: [
                "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": width,
                "num_hidden_layers": depth, "num_attention_heads": heads,
                "num_key_value_heads": keyValueHeads, "intermediate_size": hidden,
                "vocab_size": tokenizer.vocabularySize, "max_position_embeddings": context,
                "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "hidden_act": "silu",
                "tie_word_embeddings": true, "eos_token_id": tokenizer.id(of: Self.separator) ?? 0,
                "torch_dtype": "bfloat16",
            ] as [String: Any], options: [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes])
    }

    /// The weights before training: normal with deviation `1/√inputs` (0.02 for the embedding), those that write to
    /// the residual stream divided by `√(2·depth)`, norms 1.
    func initialParameters(vocabulary: Int) throws -> [String: Tensor] {
        var parameters: [String: Tensor] = [:]
        func add(_ name: String, _ shape: [Int], deviation: Double) throws {
            var generator = SeededGenerator(seed: seed, stream: UInt64(1_000_000 + parameters.count))
            parameters[name] = try Tensor(
                (0..<shape.reduce(1, *)).map { _ in Float(generator.normal() * deviation) },
                shape: Shape(shape))
        }
        func addNorm(_ name: String) throws {
            parameters[name] = try Tensor([Float](repeating: 1, count: width), shape: [width])
        }
        let reading = 1 / Double(width).squareRoot()
        let writing = 1 / Double(2 * depth).squareRoot()
        let keys = width / heads * keyValueHeads
        try add("model.embed_tokens.weight", [vocabulary, width], deviation: 0.02)
        for layer in 0..<depth {
            let block = "model.layers.\(layer)."
            try addNorm(block + "input_layernorm.weight")
            try add(block + "self_attn.q_proj.weight", [width, width], deviation: reading)
            try add(block + "self_attn.k_proj.weight", [keys, width], deviation: reading)
            try add(block + "self_attn.v_proj.weight", [keys, width], deviation: reading)
            try add(block + "self_attn.o_proj.weight", [width, width], deviation: reading * writing)
            try addNorm(block + "post_attention_layernorm.weight")
            try add(block + "mlp.gate_proj.weight", [hidden, width], deviation: reading)
            try add(block + "mlp.up_proj.weight", [hidden, width], deviation: reading)
            try add(
                block + "mlp.down_proj.weight", [width, hidden],
                deviation: writing / Double(hidden).squareRoot())
        }
        try addNorm("model.norm.weight")
        return parameters
    }

    /// Trains the model and writes it to `folder` as a Hugging Face folder with bfloat16 weights.
    ///
    /// The run keeps `stage-1.safetensors` and so on in the folder; killed at any moment and started again it goes on
    /// from there and ends with the same bytes. `training.tsv` has the losses.
    ///
    /// - Parameters:
    ///   - folder: an existing folder.
    ///   - documents: how many to learn the tokenizer from.
    ///   - checkpointEvery: steps between checkpoints.
    ///   - progress: called after each step with the number of the stage; an error it throws stops the run.
    /// - Throws: `TrainingError`, `WeightsError`, `TokenizerError`.
    public func train(
        into folder: String, documents: Int = 30_000, checkpointEvery: Int = 200,
        progress: ((Int, Trainer.Progress) throws -> Void)? = nil
    ) throws {
        let trained = try trainTokenizer(documents: documents)
        let description = try configuration(for: trained.tokenizer)
        let heldOut = packed(PlantedCorpus(seed: seed &+ 1), trained.tokenizer)
        let heldOutTexts = (0..<64).map { heldOut.sequence(at: $0) }
        let loss = LanguageModelLoss(try ModelConfiguration(json: description, name: "the recipe"))
        var parameters = try initialParameters(vocabulary: trained.tokenizer.vocabularySize)
        var first = 0
        var log = "stage\tstep\ttraining loss\theld-out loss\n"
        for (number, stage) in stages.enumerated() {
            let texts = packed(Self.corpus(of: stage, seed: seed), trained.tokenizer)
            let before = first
            let trainer = Trainer(
                Trainer.Options(
                    rate: stage.rate, lastStep: stage.lastStep,
                    rule: .adamW(beta1: 0.9, beta2: 0.98, decay: 0.05),
                    checkpoint: "\(folder)/stage-\(number + 1).safetensors",
                    checkpointEvery: checkpointEvery, evaluateEvery: 250,
                    run: try runDescription(stages: number + 1)))
            let state = try trainer.run(
                parameters,
                loss: { variables, step in
                    let start = (before + step - 1) * batch
                    return try loss(variables, (start..<start + batch).map { texts.sequence(at: $0) })
                },
                heldOut: { parameters in
                    let parts = try stride(from: 0, to: heldOutTexts.count, by: 8).map {
                        try Double(loss(parameters, Array(heldOutTexts[$0..<$0 + 8])).elements[0])
                    }
                    return parts.reduce(0, +) / Double(parts.count)
                }, progress: progress.map { report in { try report(number + 1, $0) } })
            parameters = state.parameters
            first += stage.lastStep
            log += Self.log(state, stage: number + 1)
        }
        try AtomicFile.write(description, to: folder + "/config.json")
        try AtomicFile.write(trained.json, to: folder + "/tokenizer.json")
        try SafetensorsFile.write(
            parameters.mapValues { $0.roundedToBFloat16() }, metadata: ["format": "pt"],
            to: folder + "/model.safetensors")
        try AtomicFile.write(Data(log.utf8), to: folder + "/training.tsv")
    }

    private func packed(_ corpus: PlantedCorpus, _ tokenizer: Tokenizer) -> PackedDocuments {
        PackedDocuments(
            corpus: corpus, tokenizer: tokenizer, separator: tokenizer.id(of: Self.separator) ?? 0,
            length: context + 1)
    }

    /// What tells the checkpoints of one recipe from another's: all that they depend on.
    private func runDescription(stages count: Int) throws -> String {
        var part = self
        part.stages = Array(stages.prefix(count))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(part), as: UTF8.self)
    }

    /// Mean training loss of each fifty steps, and the held-out losses, in nats a token.
    private static func log(_ state: TrainingState, stage: Int) -> String {
        let heldOut = Dictionary(
            state.evaluations.map { ($0.step, $0.loss) }, uniquingKeysWith: { $1 })
        func text(_ loss: Double) -> String { String(format: "%.4f", loss) }
        var lines = ""
        for end in 1...max(1, state.losses.count) where end % 50 == 0 || end == state.losses.count {
            let stretch = state.losses[max(0, end - 50)..<end]
            let mean = stretch.reduce(0, +) / Double(stretch.count)
            lines += "\(stage)\t\(end)\t\(text(mean))\t\(heldOut[end].map(text) ?? "")\n"
        }
        return lines
    }
}
