import VaneConcepts
public import VaneSites

extension AblationTest {
    /// Ablates a whole attention head, beside every other head of the network ablated in the same way, and
    /// beside all that its
    /// block's attention writes.
    ///
    /// A head has no random part that is as large, so other heads take that place: ``random`` has one value
    /// for each, in the
    /// order of the forward pass, and the p-value says how many of them do as much.
    ///
    /// - Parameters:
    ///   - layer: the block.
    ///   - head: the head.
    ///   - texts: token ids of the texts to measure on.
    ///   - objective: what is measured after each text's last token.
    ///   - filling: what takes the head's place.
    ///   - reference: texts that the filling comes from; `texts` if empty.
    ///   - onlyLast: whether only the last position is edited.
    ///   - seed: seeds the draws and the interval.
    ///   - network: the network.
    ///   - progress: called with the number of finished heads and their total.
    /// - Throws: ``EvidenceError`` `unusableInputs`, `invalidOption`; `SiteError`.
    public init(
        ofHead layer: Int, _ head: Int, on texts: [[Int]], objective: Objective, filling: Filling = .mean,
        reference: [[Int]] = [], onlyLast: Bool = false, seed: UInt64 = 0, in network: any SteerableNetwork,
        progress: ((Int, Int) -> Void)? = nil
    ) throws {
        let own = Site.head(layer: layer, head: head)
        _ = try network.layout.width(of: own)
        let others = HeadAblation.heads(of: network.layout).filter { $0 != own }
        let total = others.count + 2
        func ablated(_ site: Site) throws -> AblationTest {
            try AblationTest(
                of: .whole, at: site, on: texts, objective: objective, filling: filling, reference: reference,
                onlyLast: onlyLast, randomParts: 0, seed: seed, in: network)
        }
        let test = try ablated(own)
        progress?(1, total)
        let random = try others.enumerated().map { number, site in
            defer { progress?(number + 2, total) }
            return try ablated(site).effect.value
        }
        let whole = try ablated(.attentionOutput(layer)).effect.value
        progress?(total, total)
        self.init(plain: test.plain, effect: test.effect, random: random, whole: whole)
    }
}
