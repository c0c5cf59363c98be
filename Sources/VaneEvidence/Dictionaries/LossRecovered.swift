import VaneConcepts
public import VaneSites
import VaneTensors

/// What the network loses when it must do with the dictionary's reconstruction: the mean cross-entropy of the next
/// token, nats, with every activation at the site replaced.
///
///     recovered = (ablated - replaced) / (ablated - clean)
///
/// 1 means that nothing is lost, 0 that the reconstruction is no better than the ablation. Ablation by the mean is the
/// harder reference; zero ablation flatters where the mean is far from zero.
public struct LossRecovered: Sendable, Hashable, Codable {
    /// Untouched.
    public let clean: Double
    /// With the reconstruction in place of the activation.
    public let replaced: Double
    /// With zero in its place.
    public let zero: Double
    /// With the mean activation in its place.
    public let mean: Double
    /// Tokens predicted.
    public let tokens: Int

    /// The part recovered of what ablation by zero loses; NaN where that loses nothing.
    public var ofZero: Double { LossRecovered.part(zero, replaced, clean) }
    /// The part recovered of what ablation by the mean loses; NaN where that loses nothing.
    public var ofMean: Double { LossRecovered.part(mean, replaced, clean) }

    private static func part(_ ablated: Double, _ replaced: Double, _ clean: Double) -> Double {
        ablated > clean ? (ablated - replaced) / (ablated - clean) : .nan
    }

    /// Measures on whole texts.
    ///
    /// - Parameters:
    ///   - dictionary: the dictionary.
    ///   - mean: the mean activation at the site, as ``DictionaryActivity/mean``.
    ///   - texts: token ids; those of one token predict nothing.
    ///   - network: the network.
    ///   - batchTokens: tokens a pass takes at most.
    ///   - progress: called with the part that is done.
    /// - Throws: ``EvidenceError`` `unusableInputs` when no text has two tokens, `unusableSite`; `SiteError`.
    public init(
        of dictionary: SparseDictionary, mean: [Float], on texts: [[Int]], in network: any SteerableNetwork,
        batchTokens: Int = 1024, progress: ((Double) throws -> Void)? = nil
    ) throws {
        let site = try dictionary.requireSite(in: network.layout)
        let texts = texts.filter { $0.count > 1 }
        guard !texts.isEmpty, mean.count == dictionary.width else {
            throw EvidenceError(
                .unusableInputs,
                "the next token needs texts of two tokens or more, and a mean of \(dictionary.width)")
        }
        let edits: [any Edit] = [
            ReconstructionEdit(dictionary),
            PatchEdit(.whole, from: .constant([Float](repeating: 0, count: mean.count))),
            PatchEdit(.whole, from: .constant(mean)),
        ]
        var sums = [Double](repeating: 0, count: edits.count + 1)
        var tokens = 0
        for batch in TokenBatches.ranges(texts.map(\.count), limit: batchTokens) {
            let targets = texts[batch].flatMap { $0.dropFirst().map { Int32(clamping: $0) } }
            for number in 0...edits.count {
                var hooks = Hooks()
                if number > 0 { hooks.add(edits[number - 1], at: site) }
                let inputs = texts[batch].map {
                    SequenceInput(
                        state: network.makeSequence(), tokens: Array($0.dropLast()), hooks: hooks,
                        promptLength: $0.count)
                }
                guard let logits = try network.forward(inputs, output: .allLogits, through: nil) else {
                    throw EvidenceError(.unsupportedNetwork, "the network gave no logits")
                }
                sums[number] += Double(try logits.crossEntropy(targets).elements[0]) * Double(targets.count)
            }
            tokens += targets.count
            try progress?(Double(batch.upperBound) / Double(texts.count))
        }
        let losses = sums.map { $0 / Double(tokens) }
        (clean, replaced, zero, self.mean) = (losses[0], losses[1], losses[2], losses[3])
        self.tokens = tokens
    }
}

/// Puts a dictionary's reconstruction in the place of each activation.
public struct ReconstructionEdit: Edit {
    private let dictionary: SparseDictionary

    /// An edit for the dictionary's site.
    public init(_ dictionary: SparseDictionary) { self.dictionary = dictionary }

    /// Replaces every row; rows of another width stay as they are.
    public func apply(to activation: Activation) {
        let (rows, width) = (activation.rows, activation.width)
        let values = (0..<rows).flatMap { Array(activation[$0]) }
        guard let matrix = try? Tensor(values, shape: [rows, width]),
            let result = try? dictionary.reconstruct(matrix).elements
        else { return }
        for row in 0..<rows {
            let target = activation[row]
            for j in 0..<width { target[j] = result[row * width + j] }
        }
    }
}
