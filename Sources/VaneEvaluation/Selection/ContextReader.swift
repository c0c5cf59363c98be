import VaneConcepts
package import VaneGeneration
import VaneSites
import VaneTensors

/// Reads how far a text shows a concept from what the model expects, without any direction in its states: how much likelier the
/// text is after examples that show the concept than after examples that do not,
///
///     r(x) = 1/|x| · ( mean_c log p(x | c⁺) - mean_c log p(x | c⁻) ),   nats a token
///
/// over some contexts `c`, each a run of examples. A probe is no judge of texts that were written by steering along
/// directions much like its own: it finds in them what was put in, whether or not it shows. This reader shares nothing with
/// the probes but the examples.
package struct ContextReader: Sendable {
    /// Contexts of examples with and without the concept, in tokens.
    private let shown: [[Int]]
    private let hidden: [[Int]]

    /// Contexts of at most half of the model's positions and 160 tokens.
    ///
    /// - Parameters:
    ///   - positive: token ids of examples that show the concept.
    ///   - negative: token ids of examples that do not.
    ///   - count: contexts a side.
    ///   - limit: the most positions of the model.
    ///   - seed: draws the examples of each context.
    package init(positive: [[Int]], negative: [[Int]], count: Int, limit: Int, seed: UInt64) {
        var generator = SeededGenerator(seed: seed, stream: 11)
        func contexts(_ texts: [[Int]]) -> [[Int]] {
            (0..<max(1, count)).map { _ in
                var context: [Int] = []
                for text in generator.shuffled(texts) where context.count + text.count <= min(160, limit / 2)
                { context += text }
                return context.isEmpty ? Array(texts.first?.prefix(limit / 2) ?? []) : context
            }
        }
        shown = contexts(positive)
        hidden = contexts(negative)
    }

    /// What is read in each text.
    ///
    /// - Parameters:
    ///   - texts: token ids.
    ///   - starts: where in each text the part begins that is read; what is in front is given.
    ///   - model: the unsteered model.
    package func read(_ texts: [[Int]], from starts: [Int], in model: LanguageModel) throws -> [Double] {
        var sums = [Double](repeating: 0, count: texts.count)
        for (contexts, sign) in [(shown, 1.0), (hidden, -1.0)] {
            for context in contexts {
                let scores = try scores(texts, after: context, in: model)
                for (number, (row, start)) in zip(scores, starts).enumerated() {
                    let part = row.dropFirst(start)
                    sums[number] +=
                        sign * part.reduce(0, +) / Double(max(1, part.count)) / Double(contexts.count)
                }
            }
        }
        return sums
    }

    /// The log-probability of each token of each text after a context, which runs once.
    private func scores(_ texts: [[Int]], after context: [Int], in model: LanguageModel) throws -> [[Double]]
    {
        let network = model.network
        let limit = network.layout.maximumPositions - context.count
        let texts = texts.map { Array($0.prefix(limit)) }
        guard let beginning = network.makeSequence() as? any BranchingState, let last = context.last else {
            return try model.logProbabilities(of: texts.map { context + $0 })
                .map { Array($0.dropFirst(max(0, context.count - 1))) }
        }
        if context.count > 1 {
            let input = SequenceInput(
                state: beginning, tokens: Array(context.dropLast()), promptLength: context.count)
            _ = try network.forward([input], output: .none, through: nil)
        }
        var results: [[Double]] = []
        for batch in TokenBatches.ranges(texts.map { $0.count + 1 }, limit: 1024) {
            let inputs = texts[batch].map { text in
                SequenceInput(
                    state: beginning.fork(), tokens: [last] + text.dropLast(), promptLength: context.count)
            }
            guard let logits = try network.forward(inputs, output: .allLogits, through: nil) else { continue }
            let scores = logits.logSoftmax()
            scores.read { base in
                var row = 0
                for text in texts[batch] {
                    results.append(
                        text.enumerated().map { place, token in
                            Double(base[(row + place) * scores.width + token])
                        })
                    // A text without tokens has a row all the same.
                    row += max(1, text.count)
                }
            }
        }
        return results
    }
}
