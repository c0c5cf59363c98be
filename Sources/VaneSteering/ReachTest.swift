public import VaneSites
import VaneTensors

extension CompiledPlan {
    /// Shows that edits at the plan's sites reach the output: nudges one site at a time by a tenth of the
    /// state's norm and compares logits.
    ///
    /// - Parameter tokens: a short text, one token is enough.
    /// - Throws: ``SteeringError`` `editWithoutEffect`, naming the site; `SiteError`.
    public func requireReach(in network: any SteerableNetwork, tokens: [Int]) throws {
        func logits(_ hooks: Hooks) throws -> [Float] {
            let input = SequenceInput(
                state: network.makeSequence(), tokens: tokens, hooks: hooks, promptLength: tokens.count)
            return try network.forward([input], output: .lastLogits, through: nil)?.elements ?? []
        }
        let plain = try logits(Hooks())
        for site in hooks.sites {
            var nudged = Hooks()
            nudged.add(Nudge(), at: site)
            if try logits(nudged) == plain {
                throw SteeringError(
                    .editWithoutEffect, "an edit at \(site) does not change the model's output; it would do nothing")
            }
        }
    }
}

/// Turns a state a little: alternating entries grow and shrink by a tenth.
private struct Nudge: Edit {
    func apply(to activation: Activation) {
        for row in 0..<activation.rows {
            let values = activation[row]
            for j in values.indices { values[j] *= j % 2 == 0 ? 1.1 : 0.9 }
        }
    }
}
