public import VaneSites

extension Objective {
    /// Its value after each of some texts; needs no gradients.
    ///
    /// - Parameters:
    ///   - texts: token ids.
    ///   - network: the network.
    ///   - edits: what is on meanwhile.
    /// - Returns: one number a text.
    /// - Throws: ``EvidenceError`` `unusableInputs` for no texts or an empty one, `invalidOption`;
    ///   `SiteError`.
    public func values(
        of texts: [[Int]], in network: any SteerableNetwork, under edits: Hooks = Hooks()
    ) throws -> [Double] {
        try ObjectiveRuns.require(texts, "texts")
        return try ObjectiveRuns(self, in: network).values(of: texts, under: edits)
    }
}
