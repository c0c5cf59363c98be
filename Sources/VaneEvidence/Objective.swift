import Foundation

/// A number that the scores of the next token give: what a network's output is about, as far as a test or an
/// attribution asks.
///
/// `f(z) = log Σ_{t ∈ A} exp z_t - log Σ_{t ∈ B} exp z_t` for logits `z`, without the second part where there
/// is no `B`. One token in `A` gives a logit, one in each a logit difference, all tokens in `B` the
/// log-probability of `A`.
public struct Objective: Hashable, Sendable {
    /// What the raised tokens are compared with.
    public enum Reference: Hashable, Sendable {
        /// Nothing: the logit itself.
        case nothing
        /// Other tokens.
        case tokens([Int])
        /// The whole vocabulary.
        case everything
    }

    /// The tokens whose scores raise it.
    public let tokens: [Int]
    /// What they are compared with.
    public let reference: Reference

    /// The score of some tokens against a reference.
    public init(_ tokens: [Int], against reference: Reference = .nothing) {
        self.tokens = tokens
        self.reference = reference
    }

    /// The logit of a token.
    public static func logit(_ token: Int) -> Objective { Objective([token]) }

    /// The logit of a token less that of another.
    public static func difference(_ token: Int, _ other: Int) -> Objective {
        Objective([token], against: .tokens([other]))
    }

    /// The log-probability of one of some tokens, nats.
    public static func logProbability(_ tokens: [Int]) -> Objective {
        Objective(tokens, against: .everything)
    }

    /// Checks that all tokens are of the vocabulary and both sides have some.
    ///
    /// - Throws: ``EvidenceError`` `invalidOption`.
    public func check(vocabulary: Int) throws {
        var sides = [tokens]
        if case .tokens(let others) = reference { sides.append(others) }
        for side in sides {
            guard !side.isEmpty, side.allSatisfy({ (0..<vocabulary).contains($0) }) else {
                throw EvidenceError(
                    .invalidOption,
                    "an objective needs tokens on each of its sides, numbered from 0 to \(vocabulary - 1)")
            }
        }
    }

    /// Its value for one row of logits; tokens beyond the row do not count.
    public func value(of logits: [Float]) -> Double {
        let raised = Objective.logSum(logits, of: tokens)
        return switch reference {
        case .nothing: raised
        case .tokens(let others): raised - Objective.logSum(logits, of: others)
        case .everything: raised - Objective.logSum(logits, of: Array(logits.indices))
        }
    }

    /// Its gradient with respect to one row of logits: the softmax within `A` less that within `B`.
    public func slope(of logits: [Float]) -> [Float] {
        var slope = [Float](repeating: 0, count: logits.count)
        func add(_ tokens: [Int], _ sign: Double) {
            let total = Objective.logSum(logits, of: tokens)
            for token in Set(tokens) where logits.indices.contains(token) {
                slope[token] += Float(sign * exp(Double(logits[token]) - total))
            }
        }
        add(tokens, 1)
        switch reference {
        case .nothing: break
        case .tokens(let others): add(others, -1)
        case .everything: add(Array(logits.indices), -1)
        }
        return slope
    }

    private static func logSum(_ logits: [Float], of tokens: [Int]) -> Double {
        let scores = Set(tokens).filter(logits.indices.contains).map { Double(logits[$0]) }.sorted()
        guard let largest = scores.last, largest.isFinite else { return scores.last ?? -.infinity }
        return largest + log(scores.reduce(0) { $0 + exp($1 - largest) })
    }
}
