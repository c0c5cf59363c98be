import Vane

/// A statement of the built-in model's world up to its object, which the model completes right.
struct KnownFact: Sendable {
    let relation: String
    /// The statement up to its object.
    let text: String
    let prompt: [Int]
    /// The object's first token.
    let answer: Int
    /// Where the subject's tokens are in the prompt.
    let subject: Range<Int>

    /// The first `count` facts, in a drawn order, that the model knows.
    static func known(to model: LanguageModel, _ count: Int, seed: UInt64 = 31) throws -> [KnownFact] {
        var generator = SeededGenerator(seed: seed)
        let candidates = generator.shuffled(PlantedFact.all).compactMap { KnownFact($0, model) }
        var found: [KnownFact] = []
        for first in stride(from: 0, to: candidates.count, by: 32) where found.count < count {
            let batch = candidates[first..<min(first + 32, candidates.count)]
            let inputs = batch.map {
                SequenceInput(
                    state: model.network.makeSequence(), tokens: $0.prompt, hooks: Hooks(),
                    promptLength: $0.prompt.count)
            }
            guard let logits = try model.network.forward(inputs, output: .lastLogits, through: nil) else {
                throw EvidenceError(.unsupportedNetwork, "the network gave no logits")
            }
            let (values, width) = (logits.elements, logits.width)
            for (row, fact) in batch.enumerated() {
                let scores = values[row * width..<(row + 1) * width]
                let best = scores.indices.max { scores[$0] < scores[$1] }
                if best == row * width + fact.answer { found.append(fact) }
            }
        }
        return Array(found.prefix(count))
    }

    /// A fact that someone names; the subject is not known.
    init(_ argument: FactArgument, _ model: LanguageModel) throws {
        relation = ""
        text = argument.prompt
        prompt = model.tokenizer.encode(argument.prompt)
        answer = try model.nextToken(argument.answer)
        subject = 0..<0
    }

    /// A fact with its tokens; nil where its object does not begin with a token of its own.
    private init?(_ fact: PlantedFact, _ model: LanguageModel) {
        guard let statement = fact.statements.first, let place = statement.ranges(of: fact.object).last else {
            return nil
        }
        let text = String(statement[..<place.lowerBound].dropLast())
        let before = model.tokenizer.encode(text)
        let whole = model.tokenizer.encode(String(statement[..<place.upperBound]))
        guard whole.starts(with: before), before.count < whole.count,
            let name = text.ranges(of: fact.subject).first
        else { return nil }
        let start = model.endOfText.min().map { [$0] } ?? []
        // Tokens that end behind the subject's first letter and begin before its last.
        let from = text.distance(from: text.startIndex, to: name.lowerBound)
        let to = text.distance(from: text.startIndex, to: name.upperBound)
        let lengths = (0...before.count).map { model.tokenizer.decode(before[..<$0]).count }
        let inside = before.indices.filter { lengths[$0 + 1] > from && lengths[$0] < to }
        guard let first = inside.first, let last = inside.last else { return nil }
        relation = fact.relation
        self.text = text
        prompt = start + before
        answer = whole[before.count]
        subject = first + start.count..<last + 1 + start.count
    }
}
