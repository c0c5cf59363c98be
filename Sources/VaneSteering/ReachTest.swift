import Synchronization
public import VaneSites
import VaneTensors

extension CompiledPlan {
    /// Shows that edits at the plan's sites reach the output: nudges one site at a time by a tenth of the
    /// state's norm, in the plan's scope, and compares logits. An edit of prompt states at the last block
    /// does not reach: no later token reads them.
    ///
    /// - Parameters:
    ///   - network: the network to steer.
    ///   - tokens: a short prompt; one token is enough unless the scope is `prompt`.
    /// - Throws: ``SteeringError`` `editWithoutEffect`, naming the site; `SiteError`.
    public func requireReach(in network: any SteerableNetwork, tokens: [Int]) throws {
        // Generation refuses an empty prompt in words that fit it.
        guard !tokens.isEmpty else { return }
        func logits(_ hooks: Hooks) throws -> [Float] {
            let input = SequenceInput(
                state: network.makeSequence(), tokens: tokens, hooks: hooks, promptLength: tokens.count)
            return try network.forward([input], output: .lastLogits, through: nil)?.elements ?? []
        }
        let plain = try logits(Hooks())
        for site in scopes.keys.sorted() {
            let witness = TokenWitness()
            var nudged = Hooks()
            nudged.add(witness, at: site)
            nudged.add(Nudge(scopes: scopes[site] ?? []), at: site)
            if try logits(nudged) == plain {
                let tokens = (scopes[site] ?? []).map(\.rawValue).sorted().joined(separator: " and ")
                throw SteeringError(
                    .editWithoutEffect,
                    "an edit of \(tokens) tokens at \(site) does not change the model's output; it would do nothing"
                )
            }
            if readsTokens && witness.tokens != tokens {
                throw SteeringError(
                    .editWithoutEffect,
                    "the model does not tell its tokens at \(site), so a schedule after a marker would never begin"
                )
            }
        }
    }
}

/// Keeps the tokens an activation carries.
private final class TokenWitness: Tap {
    private let kept = Mutex<[Int]>([])

    var tokens: [Int] { kept.withLock { $0 } }

    func read(_ activation: Activation) { kept.withLock { $0 = activation.tokens } }
}

/// Turns a state a little: alternating entries grow and shrink by a tenth.
private struct Nudge: Edit {
    let scopes: Set<TokenScope>

    func apply(to activation: Activation) {
        let ranges = scopes.map { activation.rows(in: $0) }
        for row in 0..<activation.rows where ranges.contains(where: { $0.contains(row) }) {
            let values = activation[row]
            for j in values.indices { values[j] *= j % 2 == 0 ? 1.1 : 0.9 }
        }
    }
}
