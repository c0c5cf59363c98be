import VaneConcepts
import VaneSites
import VaneTensors

/// Values of an objective of many texts under hooks of their own.
struct ObjectiveRuns {
    let objective: Objective
    let network: any SteerableNetwork
    let batchTokens: Int

    init(_ objective: Objective, in network: any SteerableNetwork, batchTokens: Int = 1024) throws {
        try objective.check(vocabulary: network.layout.vocabulary)
        self.objective = objective
        self.network = network
        self.batchTokens = batchTokens
    }

    /// Checks that texts can be read.
    ///
    /// - Throws: ``EvidenceError`` `unusableInputs`.
    static func require(_ texts: [[Int]], _ name: String) throws {
        guard !texts.isEmpty else { throw EvidenceError(.unusableInputs, "there are no \(name)") }
        if let empty = texts.firstIndex(where: \.isEmpty) {
            throw EvidenceError(.unusableInputs, "number \(empty + 1) of the \(name) has no tokens")
        }
    }

    /// The objective after the last token of each text, under the hooks of the same number.
    func values(_ runs: [(tokens: [Int], hooks: Hooks)], progress: ((Int) -> Void)? = nil) throws -> [Double]
    {
        var values: [Double] = []
        values.reserveCapacity(runs.count)
        for range in TokenBatches.ranges(runs.map(\.tokens.count), limit: batchTokens) {
            let batch = runs[range].map {
                SequenceInput(
                    state: network.makeSequence(), tokens: $0.tokens, hooks: $0.hooks,
                    promptLength: $0.tokens.count)
            }
            guard let logits = try network.forward(batch, output: .lastLogits, through: nil) else {
                throw EvidenceError(.unsupportedNetwork, "the network gave no logits")
            }
            let (all, width) = (logits.elements, logits.width)
            for number in batch.indices {
                values.append(objective.value(of: Array(all[number * width..<(number + 1) * width])))
            }
            progress?(range.upperBound)
        }
        return values
    }

    /// The objective of every text under the same hooks.
    func values(of texts: [[Int]], under hooks: Hooks = Hooks()) throws -> [Double] {
        try values(texts.map { ($0, hooks) })
    }
}
