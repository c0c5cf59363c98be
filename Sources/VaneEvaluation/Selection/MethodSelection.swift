import Foundation
public import VaneConcepts
public import VaneSites
import VaneTensors

/// Chooses method, layers, token scope and strength for a concept, by what steering does to texts that no learner saw.
///
/// The examples are split in three: half to learn from, a quarter to select on, a quarter to report on. Every learner, and the
/// natural gradient where the network has gradients, is tried at runs of layers and token scopes. A trial finds the strength at
/// which a target of ``Options/target`` costs ``Options/budget`` nats a token (mean divergence of the steered from the unsteered
/// network) and counts the *gain* at that cost: by how many nats a token steering towards the concept favours texts that
/// show it over texts that do not, and steering away the reverse, averaged. Successive halving (Jamieson and Talwalkar, 2016)
/// gives more texts to fewer trials. What favours given texts need not decide what is written, so at last the best trial of each
/// method and the best three of all write texts, and the one whose texts move furthest, as the unsteered model reads them, within
/// the limits on perplexity and repetition, is chosen. It is learnt again from the first three quarters, weakened until its texts
/// are within the limits, and reported on the last quarter.
///
/// The matched cost is that of row 51.
public struct MethodSelection: Sendable {
    /// What to try and how.
    public struct Options: Sendable {
        /// The learners to try.
        public var learners: [any Learner]
        /// Whether to try the natural gradient, where the network has gradients.
        public var includesGradient: Bool
        /// Token scopes to try.
        public var scopes: [TokenScope]
        /// The target whose cost is matched; removing aims at one minus it.
        public var target: Double
        /// What the target may cost, in nats a token.
        public var budget: Double
        /// The most that perplexity of generated texts, under the unsteered model, may be of that of unsteered ones.
        public var maximumPerplexity: Double
        /// The same for the tokens a Lempel-Ziv phrase.
        public var maximumCompression: Double
        /// The largest part of four-token runs that may repeat an earlier one, beyond that of unsteered texts.
        public var maximumRepetition: Double
        /// Continuations that the effect is measured on, at most; half as many check the three limits and decide among
        /// finalists.
        public var continuations: Int
        /// Multiplications and additions that the trials may take, about; a larger model gets fewer trials and texts. The default is
        /// some minutes of two cores.
        public var maximumWork: Double
        /// Texts of each class in the first round; each round has three times as many and keeps a third of the trials.
        public var firstTexts: Int
        /// How the learners learn; also seeds the split.
        public var learning: LearningOptions

        /// Default options: every learner that is no control and needs nothing but the examples.
        public init(
            learners: [any Learner] = [
                LogisticCAV(), RidgeProbe(), DifferenceOfMeans(), LinearDiscriminant(.withinClasses),
                PairComponent(.uncentred), InContextVector(.paper),
            ],
            includesGradient: Bool = true, scopes: [TokenScope] = [.all, .generated], target: Double = 0.99,
            budget: Double = 0.1, maximumPerplexity: Double = 1.5, maximumCompression: Double = 1.25,
            maximumRepetition: Double = 0.1, continuations: Int = 128, maximumWork: Double = 3e13,
            firstTexts: Int = 8, learning: LearningOptions = LearningOptions()
        ) {
            self.learners = learners
            self.includesGradient = includesGradient
            self.scopes = scopes
            self.target = target
            self.budget = budget
            self.maximumPerplexity = maximumPerplexity
            self.maximumCompression = maximumCompression
            self.maximumRepetition = maximumRepetition
            self.continuations = continuations
            self.maximumWork = maximumWork
            self.firstTexts = firstTexts
            self.learning = learning
        }
    }

    /// A way of steering.
    public struct Candidate: Sendable, Codable, Hashable {
        /// The learner's id, or `natural-gradient`.
        public let method: String
        /// Where the edits are.
        public let sites: [Site]
        /// Which tokens' states are edited.
        public let scope: TokenScope
    }

    /// What a candidate did.
    public struct Trial: Sendable, Codable, Hashable {
        /// What was tried.
        public let candidate: Candidate
        /// The round, from 0.
        public let round: Int
        /// Texts it was tried on.
        public let texts: Int
        /// What the distances that the learner's probe asks for were multiplied by.
        public let reach: Double
        /// The cost at that reach, in nats a token.
        public let cost: Double
        /// The gain at that reach, in nats a token.
        public let gain: Double
        /// The standard error of the gain, over the texts.
        public let error: Double
        /// The gain at the budget, as far as it was not met: the gain grows with the reach, the cost with its square.
        public var matchedGain: Double { cost > 0 ? gain * (budget / cost).squareRoot() : 0 }
        /// The budget.
        let budget: Double
    }

    /// A trial whose way of steering wrote texts.
    public struct Finalist: Sendable, Codable, Hashable {
        /// The trial that brought it here.
        public let trial: Trial
        /// What the best logistic probe reads in texts steered towards the concept less in texts steered away, in logits, by the
        /// unsteered model.
        public let shift: Double
        /// How much of the limits on perplexity and repetition its texts take up; above 1 is too much.
        public let harm: Double
        /// The shift as far as the limits allow: it grows with the reach, the harm with its square.
        public var matchedShift: Double { harm > 1 ? shift / harm.squareRoot() : shift }
    }

    /// Everything that was tried, in order.
    public let trials: [Trial]
    /// What wrote at the end.
    public let finalists: [Finalist]
    /// What was chosen, on the selection texts.
    public let chosen: Trial
    /// The chosen concept: learnt from all but the report texts, its target worth the budget or, where generated texts pass
    /// a limit, less. Its `Concept/effect` is measured on continuations of the report texts' first thirds.
    public let concept: Concept
    /// By what the reach that costs the budget was multiplied to keep generated texts within the limits; 1 where they were.
    public let restraint: Double
    /// Its gain on texts that took no part, in nats a token, with a 95% bootstrap interval over the texts.
    public let reportedGain: Estimate
    /// Its cost there, in nats a token.
    public let reportedCost: Double
    /// The gain on the same texts of a random direction at the same sites, scope and cost.
    public let randomGain: Estimate
    /// Texts reported on.
    public let reportedTexts: Int
}

extension MethodSelection {
    /// The runs of layers to try among `sites`: single ones, quarters, halves and all, half overlapping.
    static func runs(of sites: [Site]) -> [[Site]] {
        let depth = sites.count
        var runs: [[Site]] = []
        for length in Set([1, depth / 4, depth / 2, depth].map { max(1, $0) }).sorted() {
            let stride = length == 1 ? max(1, depth / 8) : max(1, length / 2)
            for start in Swift.stride(from: 0, through: depth - length, by: stride) {
                runs.append(Array(sites[start..<start + length]))
            }
        }
        return runs
    }

    /// Three parts of each class: to learn from, to select on, to report on. Pairs stay together.
    struct Parts {
        let training: (positive: [Int], negative: [Int])
        let selection: (positive: [Int], negative: [Int])
        let report: (positive: [Int], negative: [Int])

        init(positives: Int, negatives: Int, options: LearningOptions) throws {
            guard min(positives, negatives) >= 8 else {
                throw EvaluationError(
                    .unusableInput,
                    "\(positives) positive and \(negatives) negative examples are too few to choose a method with; at "
                        + "least 8 of each are needed")
            }
            var generator = SeededGenerator(seed: options.seed, stream: 500)
            let first = generator.shuffled(0..<positives)
            let second = options.isPaired ? first : generator.shuffled(0..<negatives)
            func part(_ order: [Int], _ from: Double, _ to: Double) -> [Int] {
                Array(order[Int(from * Double(order.count))..<Int(to * Double(order.count))])
            }
            training = (part(first, 0, 0.5), part(second, 0, 0.5))
            selection = (part(first, 0.5, 0.75), part(second, 0.5, 0.75))
            report = (part(first, 0.75, 1), part(second, 0.75, 1))
        }
    }
}
