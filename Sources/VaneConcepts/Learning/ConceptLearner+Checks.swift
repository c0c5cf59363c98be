import Foundation
import VaneSites
import VaneTensors

extension ConceptLearner {
    /// How many random directions a probe is compared with.
    static let randomDirections = 40
    /// How often labels are permuted for the maximum over the sites.
    static let permutations = 1000

    /// The 95% quantile of what random directions reach on the held-out texts, each turned by the training
    /// texts.
    func randomAUROC(
        at site: Site, _ activations: Tensor, _ rows: [Range<Int>], _ labels: [Bool], _ split: Split
    ) -> Double {
        var generator = SeededGenerator(seed: options.seed, stream: 200)
        func logits(_ texts: [Int], _ probe: LinearProbe) -> [Double] {
            probe.logits(of: texts.map { rows[$0] }, in: activations)
        }
        func area(_ texts: [Int], _ scores: [Double]) -> Double {
            Statistics.auroc(scores: scores, positive: texts.map { labels[$0] })
        }
        let reached = (0..<Self.randomDirections).map { _ in
            let probe = LinearProbe(weights: generator.unitVector(width: activations.width), bias: 0)
            let training = area(split.training, logits(split.training, probe))
            let heldOut = area(split.heldOut, logits(split.heldOut, probe))
            return training < 0.5 ? 1 - heldOut : heldOut
        }
        return Statistics.quantile(reached, 0.95)
    }

    /// The cosine of two probes' directions; 0 if there are not two.
    static func cosine(_ probes: [FittedProbe]) -> Double {
        guard probes.count == 2 else { return 0 }
        return Numbers.dot(probes[0].probe.direction, probes[1].probe.direction)
    }

    /// What may explain a result other than the concept.
    struct Checks {
        /// AUROC of the number of tokens alone on the held-out texts, in the direction that does better.
        let lengthAUROC: Double
        /// Held-out texts that share at least 9 in 10 of their tokens with a training text of the same class.
        let leaked: Int
        /// See ``Concept/Verdict/maximumPValue``.
        let maximumPValue: Double

        init(
            texts: [[Int]], labels: [Bool], split: Split, scores: [[Double]], options: LearningOptions
        ) {
            let truth = split.heldOut.map { labels[$0] }
            let byLength = Statistics.auroc(
                scores: split.heldOut.map { Double(texts[$0].count) }, positive: truth)
            lengthAUROC = max(byLength, 1 - byLength)
            leaked = Self.leaked(texts, labels, split)
            var generator = SeededGenerator(seed: options.seed, stream: 300)
            maximumPValue = Statistics.maximumPValue(
                scores: scores, positive: truth, permutations: permutations, generator: &generator)
        }

        /// Held-out texts with a near copy among the training texts of their class: the tokens in common
        /// (counted as often as they occur in both) are at least 9 in 10 of the longer one's.
        private static func leaked(_ texts: [[Int]], _ labels: [Bool], _ split: Split) -> Int {
            var holders: [Int: [Int]] = [:]
            for text in split.training {
                for token in Set(texts[text]) { holders[token, default: []].append(text) }
            }
            return split.heldOut.count { heldOut in
                let tokens = texts[heldOut]
                // A near copy holds one of the rarest tenth (and one more) of the tokens.
                let rare = Set(tokens).sorted {
                    (holders[$0]?.count ?? 0, $0) < (holders[$1]?.count ?? 0, $1)
                }
                let candidates = Set(rare.prefix(tokens.count / 10 + 1).flatMap { holders[$0] ?? [] })
                return candidates.contains {
                    labels[$0] == labels[heldOut]
                        && shared(tokens, texts[$0]) * 10 >= 9 * max(tokens.count, texts[$0].count)
                }
            }
        }

        private static func shared(_ a: [Int], _ b: [Int]) -> Int {
            var counts: [Int: Int] = [:]
            for token in a { counts[token, default: 0] += 1 }
            return b.count { token in
                guard let left = counts[token], left > 0 else { return false }
                counts[token] = left - 1
                return true
            }
        }
    }
}

extension Concept.Verdict {
    /// The reasons for doubt that results and checks give.
    static func cautions(_ best: Concept.LayerResult, _ checks: ConceptLearner.Checks, heldOut: Int)
        -> [String]
    {
        func text(_ value: Double) -> String { String(format: "%.2f", value) }
        var cautions: [String] = []
        if checks.lengthAUROC >= best.auroc.low && checks.lengthAUROC > 0.6 && best.auroc.high > 0.5 {
            cautions.append(
                "the number of tokens alone parts the classes about as well (AUROC \(text(checks.lengthAUROC))): "
                    + "it may be the length that was learnt")
        }
        if checks.leaked > 0 {
            cautions.append(
                "\(checks.leaked) of \(heldOut) held-out texts are nearly the same as a training text of their class, "
                    + "which flatters the results")
        }
        if best.auroc.high < 0.5 {
            cautions.append(
                "held-out texts of the concept lie lower along the direction, not higher: it may make the model write the "
                    + "concept, which only steering shows, but it reads the concept backwards")
        } else if best.randomAUROC >= best.auroc.value {
            cautions.append(
                "random directions do as well (95% stay below AUROC \(text(best.randomAUROC))): this one reads no better than "
                    + "any")
        }
        if best.agreement < 0.5 {
            cautions.append(
                "two halves of the examples give different directions (cosine \(text(best.agreement))): more examples "
                    + "would make it firmer")
        }
        return cautions
    }
}
