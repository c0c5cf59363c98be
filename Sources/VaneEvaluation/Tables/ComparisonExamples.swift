public import VaneConcepts
import VaneTensors

/// Examples in parts that never meet: to teach, to test what was learnt, and to train a judge of generated texts.
public struct ComparisonExamples: Sendable {
    /// What learners see; they hold a quarter of it out themselves, on which a layer is chosen.
    public let teaching: ExampleSet
    /// Positive texts to test on.
    public let positiveTest: [String]
    /// Negative texts to test on.
    public let negativeTest: [String]
    /// Positive texts for a judge.
    public let positiveJudging: [String]
    /// Negative texts for a judge.
    public let negativeJudging: [String]

    /// Splits examples by chance, each class apart or pair by pair.
    ///
    /// - Parameters:
    ///   - examples: all there are.
    ///   - isPaired: whether the i-th positive and the i-th negative belong together.
    ///   - testing: the part of each class to test on.
    ///   - judging: the part of each class for a judge.
    ///   - seed: seeds the split.
    /// - Throws: ``EvaluationError`` `unusableInput` when a part is empty or the parts leave nothing to learn from;
    ///   `ConceptError` `unusableExamples` when what is left to learn from is too little.
    public init(
        _ examples: ExampleSet, isPaired: Bool = false, testing: Double = 0.25, judging: Double = 0,
        seed: UInt64 = 0
    ) throws {
        guard testing > 0, judging >= 0, testing + judging < 1 else {
            throw EvaluationError(
                .unusableInput,
                "the parts for testing and judging must leave something to learn from, not \(testing) and \(judging)"
            )
        }
        var generator = SeededGenerator(seed: seed, stream: 600)
        let first = generator.shuffled(examples.positive.indices)
        let second = isPaired ? first : generator.shuffled(examples.negative.indices)
        func parts(_ order: [Int], _ texts: [String]) -> (test: [String], judge: [String], teach: [String]) {
            let tests = max(1, Int(testing * Double(order.count)))
            let judges = Int(judging * Double(order.count))
            let ordered = order.map { texts[$0] }
            return (
                Array(ordered.prefix(tests)), Array(ordered.dropFirst(tests).prefix(judges)),
                Array(ordered.dropFirst(tests + judges))
            )
        }
        let positive = parts(first, examples.positive)
        let negative = parts(second, examples.negative)
        teaching =
            try isPaired
            ? ExampleSet(pairs: zip(positive.teach, negative.teach).map { (positive: $0, negative: $1) })
            : ExampleSet(positive: positive.teach, negative: negative.teach)
        (positiveTest, negativeTest) = (positive.test, negative.test)
        (positiveJudging, negativeJudging) = (positive.judge, negative.judge)
    }
}
