import Vane

/// What `vane learn --auto` chose, and from what.
struct SelectionReport: Encodable {
    let concept: ConceptReport
    let trialsFile: String
    let trials: Int
    let chosen: MethodSelection.Trial
    let finalists: [MethodSelection.Finalist]
    let gain: Estimate
    let randomGain: Estimate
    let cost: Double
    let restraint: Double
    let reportedTexts: Int

    init(_ selection: MethodSelection, file: String, trials: String) {
        concept = ConceptReport(selection.concept, file: file)
        trialsFile = trials
        self.trials = selection.trials.count
        chosen = selection.chosen
        gain = selection.reportedGain
        randomGain = selection.randomGain
        cost = selection.reportedCost
        restraint = selection.restraint
        reportedTexts = selection.reportedTexts
        finalists = selection.finalists.sorted { $0.matchedShift > $1.matchedShift }
    }

    /// The text for people.
    func text(_ terminal: Terminal) -> String {
        var table = TextTable(
            ["method", "sites", "tokens", "round", "texts", "gain", "cost", "shift", "harm"],
            words: [0, 1, 2])
        for finalist in finalists {
            let trial = finalist.trial
            table.add([
                trial.candidate.method, Self.range(trial.candidate.sites), trial.candidate.scope.rawValue,
                "\(trial.round + 1)", "\(trial.texts)", trial.gain.text(3), trial.cost.text(3),
                finalist.shift.text(2), finalist.harm.text(2),
            ])
        }
        var lines = table.lines
        lines[0] = terminal.bold(lines[0])
        let found = gain.low > max(0, randomGain.value)
        return """
            \(concept.text(terminal))

            \(terminal.bold("chosen")) from \(trials) trials; the best at a target of 0.99: gain and cost in nats a token on given texts, and by how \
            many logits texts written with it move, with the part of the allowed harm they take up:
            \(lines.joined(separator: "\n"))

            on \(reportedTexts) texts that took no part: gain \(Self.interval(gain)) at cost \(cost.text(3)), a random direction \
            as costly \(Self.interval(randomGain)): \
            \(found ? "steering does what it should" : "no effect of steering is certain with these examples")
            \(unjudged)\(restrained)use it with --scope \(chosen.candidate.scope.rawValue); all trials are in \(trialsFile)
            wrote \(concept.file)
            """
    }

    private var unjudged: String {
        concept.effect == nil
            ? "the effect on written texts was not judged: that takes 20 different examples a class that words alone tell apart\n"
            : ""
    }

    private var restrained: String {
        restraint == 1
            ? ""
            : "its reach is \(restraint.text(2)) of what the budget allows: generated texts were harmed more than given ones\n"
    }

    private static func interval(_ estimate: Estimate) -> String {
        "\(estimate.value.text(3)) [\(estimate.low.text(3)), \(estimate.high.text(3))]"
    }

    /// `blocks[2..4].residual` for a run of residual streams.
    private static func range(_ sites: [Site]) -> String {
        let layers = sites.compactMap(\.layer)
        guard let first = layers.first, let last = layers.last, first < last else {
            return sites.map(\.description).joined(separator: ", ")
        }
        return "blocks[\(first)..\(last)].residual"
    }
}
