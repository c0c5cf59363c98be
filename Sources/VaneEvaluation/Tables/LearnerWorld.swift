public import VaneConcepts
import VaneSites
import VaneTensors

/// A made set of activations in which the truth is known: what a learner of directions should find, or could only seem to.
///
/// A world is drawn anew from each seed. A text is a list of row numbers; the row is the activation of that token at the only
/// site there is, the residual stream after block 0.
public struct LearnerWorld: Sendable {
    /// One draw of a world.
    public struct Sample: Sendable {
        /// Entries of an activation.
        public let width: Int
        /// The activations, `[rows][width]`, one after another.
        public let elements: [Float]
        /// The rows of each text that shows the concept.
        public let positive: [[Int]]
        /// The rows of each text that does not.
        public let negative: [[Int]]
        /// The rows of texts that stand for all there is.
        public let background: [[Int]]
        /// The unit direction along which the concept was planted; nil where there is none.
        public let truth: [Float]?
        /// How learners learn here.
        public let options: LearningOptions
    }

    /// A short name.
    public let id: String
    /// What was planted, in a line.
    public let summary: String
    /// Draws the world from a seed.
    public let sample: @Sendable (UInt64) -> Sample

    /// A world.
    public init(id: String, summary: String, sample: @escaping @Sendable (UInt64) -> Sample) {
        self.id = id
        self.summary = summary
        self.sample = sample
    }
}

extension LearnerWorld.Sample {
    /// The sample with labels that mean nothing: those of a pair are swapped by chance, others permuted.
    func shuffled(_ generator: inout SeededGenerator) -> Self {
        var (first, second) = (positive, negative)
        if options.isPaired {
            for index in first.indices where generator.uniform() < 0.5 {
                (first[index], second[index]) = (second[index], first[index])
            }
        } else {
            let all = generator.shuffled(positive + negative)
            (first, second) = (Array(all.prefix(positive.count)), Array(all.dropFirst(positive.count)))
        }
        return Self(
            width: width, elements: elements, positive: first, negative: second, background: background,
            truth: truth, options: options)
    }

    /// What `learner` finds in the sample.
    func learn(by learner: any Learner) throws -> Concept {
        let network = RowNetwork(self)
        return try ConceptLearner(learner, options).learn(
            "planted", positive: positive, negative: negative, background: background, digest: "",
            in: network, model: network.identity)
    }
}

/// A stand-in network of one block whose residual stream at token `t` is row `t`.
private final class RowNetwork: SteerableNetwork {
    let layout: NetworkLayout
    private let sample: LearnerWorld.Sample

    init(_ sample: LearnerWorld.Sample) {
        self.sample = sample
        layout = NetworkLayout(
            depth: 1, width: sample.width, heads: 1, headWidth: sample.width, mlpWidth: sample.width,
            vocabulary: sample.elements.count / max(sample.width, 1), maximumPositions: 8)
    }

    var identity: ModelIdentity {
        ModelIdentity(
            name: "planted", architecture: "rows", fingerprint: "planted", tokenizerFingerprint: "rows",
            layout: layout)
    }

    func makeSequence() -> any SequenceState { Position() }

    func forward(_ batch: [SequenceInput], output: NetworkOutput, through last: Site?) throws -> Tensor? {
        let width = layout.width
        for input in batch {
            var rows = input.tokens.flatMap { sample.elements[$0 * width..<($0 + 1) * width] }
            rows.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                input.hooks.run(
                    Activation(
                        site: .residual(0), base: base, rows: input.tokens.count, width: width,
                        rowStride: width, firstPosition: input.state.count,
                        promptLength: input.promptLength))
            }
        }
        return nil
    }

    /// Texts are read in one pass, so every pass begins at the first token.
    private final class Position: SequenceState {
        var count: Int { 0 }
    }
}
