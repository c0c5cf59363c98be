/// The ways to learn what steers without being a single direction, for lists.
public enum MapMethods {
    /// Maps of two classes, by the names of `vane transport --form`: one a form of ``ActivationTransport``,
    /// then ``AurA``.
    public static let transport: [LearningMethod] =
        ActivationTransport.Form.allCases.map { form in
            let slope =
                switch form {
                case .linear: "least squares on sorted pairs"
                case .mean: "a shift of every unit"
                case .gaussian: "the ratio of the deviations"
                }
            return LearningMethod(
                id: form.rawValue, name: "\(form.rawValue) activation transport", rows: [150],
                summary: "carries every unit's values of one class over to the other's: \(slope)",
                cost: "with --causal a pass a site")
        } + [
            LearningMethod(
                id: "aura", name: "AurA", rows: [150],
                summary: "dampens the neurons that tell a concept; it can only take away")
        ]

    /// The block of two prompts' differences, of ``ActivationAddition``.
    public static let promptPair = LearningMethod(
        id: "activation-addition", name: "activation addition", rows: [56],
        summary: "adds what one prompt leaves in the stream beyond another, position by position",
        cost: "two short passes")
}
