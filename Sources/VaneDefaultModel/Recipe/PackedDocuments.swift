import VanePlanted
import VaneTensors
import VaneTokenizers

/// Token sequences of one length, cut from a corpus whose documents follow each other with the end-of-text
/// token before each.
///
/// Sequence `i` depends on `i` alone. Every second one begins inside a document, so that the model also learns
/// to go on from the middle of a sentence without anything before it: that is what a prompt is.
struct PackedDocuments: Sendable {
    /// The most documents that one sequence can take.
    private static let stride = 64

    let corpus: PlantedCorpus
    let tokenizer: Tokenizer
    let separator: Int
    let length: Int

    func sequence(at index: Int) -> [Int] {
        var generator = SeededGenerator(seed: 11, stream: UInt64(index))
        var tokens: [Int] = []
        for offset in 0..<Self.stride {
            let document = tokenizer.encode(corpus.document(at: index * Self.stride + offset))
            if offset == 0, index % 2 == 1, !document.isEmpty {
                tokens += document.dropFirst(generator.integer(below: document.count))
            } else {
                tokens.append(separator)
                tokens += document
            }
            if tokens.count >= length { break }
        }
        return Array(tokens.prefix(length))
    }
}
