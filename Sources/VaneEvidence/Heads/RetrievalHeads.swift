public import VaneSites
import VaneTensors

/// Retrieval heads: heads that look at the very token they copy out of a long text (row 176, Wu et al., arXiv
/// 2404.15574).
///
/// The network continues a text that holds a needle by greedy decoding. At each step, if the position a head
/// looks at most lies in the needle and holds the token that is written, the head gets `1/|needle|`. A trial
/// counts only if the continuation holds more than half of the needle's tokens; scores are means over the
/// trials that count. The paper calls a mean above 0.1 a retrieval head.
public struct RetrievalHeads: Sendable {
    /// A text with the tokens that are to be retrieved from it.
    public struct Trial: Sendable, Hashable {
        /// The text, ending where the needle should be written.
        public let tokens: [Int]
        /// Where the needle stands in it.
        public let needle: Range<Int>

        /// A trial.
        public init(tokens: [Int], needle: Range<Int>) {
            self.tokens = tokens
            self.needle = needle
        }
    }

    /// A head with its score.
    public struct Head: Sendable, Hashable {
        /// The head, a `Site` `.head`.
        public let site: Site
        /// Its mean score, 0...1.
        public let score: Double
    }

    /// Every head, the best first; scores are 0 when no trial counted.
    public let heads: [Head]
    /// How many trials counted.
    public let counted: Int
    /// The mean part of the needle's tokens that was written.
    public let recall: Double

    /// Scores every head.
    ///
    /// - Parameters:
    ///   - trials: the texts.
    ///   - network: the network.
    ///   - edits: what is on meanwhile.
    ///   - progress: called with the number of trials done.
    /// - Throws: ``EvidenceError`` `unusableInputs` without trials or for a needle outside its text;
    ///   `SiteError`.
    public init(
        _ trials: [Trial], in network: any InspectableNetwork, under edits: Hooks = Hooks(),
        progress: ((Int) -> Void)? = nil
    ) throws {
        guard !trials.isEmpty,
            trials.allSatisfy({ !$0.needle.isEmpty && $0.tokens.indices.contains($0.needle) })
        else {
            throw EvidenceError(.unusableInputs, "retrieval needs trials, each with a needle inside its text")
        }
        let layout = network.layout
        var sums = [[Double]](repeating: [Double](repeating: 0, count: layout.heads), count: layout.depth)
        var counted = 0
        var recalls = 0.0
        for (number, trial) in trials.enumerated() {
            let count = trial.needle.count
            let written = try RetrievalHeads.continuation(trial.tokens, count, in: network, under: edits)
            let recall = RetrievalHeads.recall(of: Array(trial.tokens[trial.needle]), in: written)
            recalls += recall
            progress?(number + 1)
            guard recall > 0.5 else { continue }
            counted += 1
            let text = trial.tokens + written.dropLast()
            let patterns = try network.attentionPatterns(of: text, layers: nil, under: edits)
            for (layer, heads) in patterns {
                for (head, matrix) in heads.enumerated() {
                    let weights = matrix.elements
                    for (step, token) in written.enumerated() {
                        let row = trial.tokens.count - 1 + step
                        let places = row * text.count..<row * text.count + row + 1
                        let top = (places.max { weights[$0] < weights[$1] } ?? 0) - row * text.count
                        if trial.needle.contains(top), text[top] == token {
                            sums[layer][head] += 1 / Double(count)
                        }
                    }
                }
            }
        }
        heads = sums.enumerated().flatMap { layer, block in
            block.enumerated().map { head, sum in
                Head(site: .head(layer: layer, head: head), score: sum / Double(max(counted, 1)))
            }
        }.sorted { ($1.score, $0.site) < ($0.score, $1.site) }
        self.counted = counted
        recall = recalls / Double(trials.count)
    }

    /// `count` tokens after `tokens`, each the likeliest.
    private static func continuation(
        _ tokens: [Int], _ count: Int, in network: any SteerableNetwork, under edits: Hooks
    ) throws -> [Int] {
        let state = network.makeSequence()
        var next = tokens
        var written: [Int] = []
        for _ in 0..<count {
            let input = SequenceInput(state: state, tokens: next, hooks: edits, promptLength: tokens.count)
            let logits = try network.forward([input], output: .lastLogits, through: nil)?.elements ?? []
            guard let token = ScoredToken.top(logits, 1).first?.token else { break }
            written.append(token)
            next = [token]
        }
        return written
    }

    /// The part of `needle`'s tokens found in `written`, each as often as it stands there.
    private static func recall(of needle: [Int], in written: [Int]) -> Double {
        var left = Dictionary(written.map { ($0, 1) }, uniquingKeysWith: +)
        let found = needle.count { token in
            guard let count = left[token], count > 0 else { return false }
            left[token] = count - 1
            return true
        }
        return Double(found) / Double(needle.count)
    }
}

extension Range where Bound == Int {
    /// Whether all of `other` lies inside.
    fileprivate func contains(_ other: Range<Int>) -> Bool {
        other.lowerBound >= lowerBound && other.upperBound <= upperBound
    }
}
