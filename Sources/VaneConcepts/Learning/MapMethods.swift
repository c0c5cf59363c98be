/// The ways to learn what steers beside those of two classes, for lists.
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

    /// The frames of words that each next token is guided to, of ``FrameProbe``.
    public static let guide = LearningMethod(
        id: "guided-decoding", name: "guided decoding by frames of words", rows: [22],
        summary: "writes the likely token that is nearest to the words and leads nearest to them",
        cost: "a pass for each token tried")

    /// What takes neither sentences of two classes nor maps, by the names of `vane find`.
    public static let finders: [LearningMethod] = [
        LearningMethod(
            id: "function", name: "function vector", rows: [12],
            summary: "what a few heads write after demonstrations, added without any",
            cost: "a pass of the wrong prompts a head"),
        LearningMethod(
            id: "task", name: "task vector", rows: [23, 63],
            summary: "the mean state after demonstrations in the place of one without"),
        LearningMethod(
            id: "observable", name: "observable propagation", rows: [13],
            summary: "the direction that raises one token's logit over another's, without examples",
            cost: "a backward pass a text"),
        LearningMethod(
            id: "relation", name: "linear relational concepts", rows: [44],
            summary: "the subjects of each object of a relation, by the inverse of a linear map",
            cost: "as many backward passes as a state has entries"),
        LearningMethod(
            id: "neurons", name: "LM-head neurons", rows: [139],
            summary: "neurons named by the token that their weights score highest"),
        LearningMethod(
            id: "shift", name: "fine-tuning shift", rows: [17],
            summary: "the mean move of texts' activations from one checkpoint to another",
            cost: "a pass of each checkpoint"),
    ]
}
