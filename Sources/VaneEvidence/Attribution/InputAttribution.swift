public import VaneSites
import VaneTensors

/// How much each token of a text counts for a score of the next token.
///
/// - gradient × input: `a_i = h_i · ∂f/∂h_i` (Simonyan et al., arXiv 1312.6034; Shrikumar et al., arXiv
///   1605.01713). One pass; it does not add up to anything.
/// - integrated gradients: `a_i = (h_i - b_i) · ∫₀¹ ∂f/∂h_i (b + α(h - b)) dα` (Sundararajan et al., arXiv
///   1703.01365), the integral by the midpoint rule. The sum is `f(h) - f(b)` but for the steps' error, which
///   ``gap`` says.
///
/// A contrastive explanation, why this token and not that one (Yin and Neubig, arXiv 2202.10419), is either
/// with `Objective.difference`. `f` is linear in no state, so a score is about the path from the baseline.
public struct InputAttribution: Sendable {
    /// Where the path of integrated gradients begins.
    public enum Baseline: Hashable, Sendable {
        /// Zero at every token. A final norm turns sharply there, so many steps are needed.
        case zero
        /// The text with this token at every place, at the same positions.
        case token(Int)
    }

    /// Where the states were taken.
    public let site: Site
    /// One score a token, in the objective's units.
    public let scores: [Double]
    /// The objective's value for the text.
    public let value: Double
    /// Its value for the baseline; nil for gradient × input.
    public let baselineValue: Double?

    /// `|Σ a_i - (f(h) - f(b))|`; nil for gradient × input.
    public var gap: Double? {
        baselineValue.map { abs(scores.reduce(0, +) - (value - $0)) }
    }

    /// Gradient × input.
    ///
    /// - Parameters:
    ///   - objective: the score, read after the last token.
    ///   - tokens: the text's token ids.
    ///   - site: where to take states; the input by default.
    ///   - network: the network.
    /// - Throws: ``EvidenceError``; `SiteError`.
    public static func gradientTimesInput(
        of objective: Objective, _ tokens: [Int], at site: Site = .embedding,
        in network: any DifferentiableNetwork
    ) throws -> InputAttribution {
        let run = try OutputGradients(of: objective, [tokens], at: [site], in: network)
        guard let states = run.activations[site], let slopes = run.gradients[site],
            let value = run.values.first
        else { throw EvidenceError(.unusableSite, "nothing was read at \(site)") }
        return InputAttribution(
            site: site, scores: products(states.elements, slopes.elements, width: states.width), value: value,
            baselineValue: nil)
    }

    /// Integrated gradients.
    ///
    /// - Parameters:
    ///   - objective: the score, read after the last token.
    ///   - tokens: the text's token ids.
    ///   - baseline: where the path begins.
    ///   - steps: points on the path, one pass each.
    ///   - site: where to take states; the input by default.
    ///   - network: the network.
    ///   - progress: called with the number of steps done.
    /// - Throws: ``EvidenceError``; `SiteError`.
    public static func integratedGradients(
        of objective: Objective, _ tokens: [Int], from baseline: Baseline, steps: Int = 32,
        at site: Site = .embedding, in network: any DifferentiableNetwork, progress: ((Int) -> Void)? = nil
    ) throws -> InputAttribution {
        guard steps > 0 else {
            throw EvidenceError(.invalidOption, "integrated gradients need a step or more")
        }
        guard let states = try SiteRows(tokens, at: [site], in: network).rows[site] else {
            throw EvidenceError(.unusableSite, "nothing was read at \(site)")
        }
        let width = states.width
        let end = states.elements
        var start = [Float](repeating: 0, count: end.count)
        if case .token(let token) = baseline {
            let text = [Int](repeating: token, count: tokens.count)
            if let rows = try SiteRows(text, at: [site], in: network).rows[site] { start = rows.elements }
        }
        func hooks(_ part: Float) -> Hooks {
            let values = zip(start, end).map { $0 + part * ($1 - $0) }
            let rows = tokens.indices.map { Array(values[$0 * width..<($0 + 1) * width]) }
            var hooks = Hooks()
            hooks.add(PatchEdit(.whole, from: .rows(rows)), at: site)
            return hooks
        }
        func value(_ part: Float) throws -> Double {
            try OutputGradients(of: objective, [tokens], at: [], in: network, under: hooks(part)).values[0]
        }
        var slopes = [Double](repeating: 0, count: end.count)
        for step in 0..<steps {
            let part = (Float(step) + 0.5) / Float(steps)
            let run = try OutputGradients(
                of: objective, [tokens], at: [site], in: network, under: hooks(part))
            for (j, slope) in (run.gradients[site]?.elements ?? []).enumerated() {
                slopes[j] += Double(slope) / Double(steps)
            }
            progress?(step + 1)
        }
        return InputAttribution(
            site: site,
            scores: products(zip(end, start).map { $0 - $1 }, slopes.map { Float($0) }, width: width),
            value: try value(1), baselineValue: try value(0))
    }

    private static func products(_ a: [Float], _ b: [Float], width: Int) -> [Double] {
        stride(from: 0, to: a.count, by: width).map { row in
            (row..<row + width).reduce(0.0) { $0 + Double(a[$1]) * Double(b[$1]) }
        }
    }
}
