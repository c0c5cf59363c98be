import Vane

/// Which texts are odd for a class.
struct AlertReport: Encodable, Sendable {
    /// A text to check, with what is known of it.
    struct Input: Encodable, Sendable {
        let text: String
        let group: String
    }

    struct Request: Sendable {
        let concept: Concept
        let site: Site?
        let members: [String]
        let inputs: [Input]
        let level: Double
        let token: [String]
        let against: [String]
    }

    struct Checked: Encodable, Sendable {
        let text: String
        let group: String
        let result: SensitivityAlert.Result
    }

    /// A class's reading and derivative.
    struct Member: Encodable, Sendable {
        let reading: Double
        let derivative: Double
    }

    let concept: String
    let site: Site
    let tokens: [String]
    let against: [String]
    let level: Double
    let members: [Member]
    let checked: [Checked]

    init(
        _ request: Request, _ objective: Objective, in model: LanguageModel,
        progress: @escaping (Double) -> Void
    ) throws {
        guard let network = model.network as? any DifferentiableNetwork else {
            throw EvidenceError(
                .unsupportedNetwork, "\(model.identity.name) has no gradients, which the alert needs")
        }
        guard let place = request.site ?? request.concept.bestLayer?.site else {
            throw ConceptError(.unknownSite, "the concept '\(request.concept.name)' holds no layers")
        }
        let direction = try request.concept.layer(at: place).probe.direction
        // A text without tokens has neither a reading nor a prediction.
        let inputs = request.inputs.filter { !model.tokenizer.encode($0.text).isEmpty }
        let own = model.tokens(of: request.members)
        let total = Double(own.count + inputs.count)
        // Read as the direction's examples were.
        let rows: OutputGradients.Rows = request.concept.provenance.options.pooling == .last ? .last : .sum
        func gradients(_ texts: [[Int]], from start: Int) throws -> OutputGradients {
            try OutputGradients(of: objective, texts, at: [place], in: network, keeping: rows) {
                progress(Double(start + $0) / total)
            }
        }
        let known = try gradients(own, from: 0)
        let new = try gradients(model.tokens(of: inputs.map(\.text)), from: own.count)
        guard let states = known.activations[place], let slopes = known.gradients[place],
            let newStates = new.activations[place], let newSlopes = new.gradients[place]
        else { throw EvidenceError(.unusableSite, "nothing was read at \(place)") }
        let alert = try SensitivityAlert(
            direction: direction, activations: states, gradients: slopes, level: request.level)
        members = try alert.check(activations: states, gradients: slopes).map {
            Member(reading: $0.reading, derivative: $0.derivative)
        }
        let results = try alert.check(activations: newStates, gradients: newSlopes)
        checked = zip(inputs, results).map { Checked(text: $0.text, group: $0.group, result: $1) }
        (concept, site, level) = (request.concept.name, place, request.level)
        (tokens, against) = (request.token, request.against)
    }

    /// Groups in their first order.
    private var groups: [String] {
        checked.map(\.group).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// One sentence.
    var verdict: String {
        let odd = checked.count { $0.result.isOdd }
        return "\(odd) of \(checked.count) texts are odd for the class in '\(concept)'"
    }

    /// The text for people.
    func text(_ terminal: Terminal) -> String {
        var parts = [
            terminal.bold(terminal.safe(verdict)),
            "a class of \(members.count) texts, read at \(site); the prediction is \(terminal.safe(ObjectiveOptions.words(tokens, against: against)))",
        ]
        var shares = TextTable(["texts", "odd", "share", "95%"])
        for group in groups {
            let all = checked.filter { $0.group == group }
            let share = Statistics.wilson(successes: all.count { $0.result.isOdd }, of: all.count)
            shares.add([
                group, "\(all.count { $0.result.isOdd }) of \(all.count)", share.value.text(2),
                "[\(share.low.text(2)), \(share.high.text(2))]",
            ])
        }
        parts.append(shares.lines.joined(separator: "\n"))
        let odd = checked.filter(\.result.isOdd).sorted { $0.result.pValue < $1.result.pValue }
        if !odd.isEmpty {
            var table = TextTable(["p", "reading", "p", "derivative", "p", "text"], words: [5])
            for entry in odd.prefix(12) {
                table.add([
                    entry.result.pValue.text(3), entry.result.reading.text(2),
                    entry.result.readingPValue.text(3), entry.result.derivative.text(3),
                    entry.result.derivativePValue.text(3), terminal.safe(String(entry.text.prefix(60))),
                ])
            }
            var lines = table.lines
            lines[0] = terminal.bold(lines[0])
            parts.append("the oddest\n" + lines.joined(separator: "\n"))
        }
        parts.append(
            "One more text of the class is called odd with a chance of at most \((100 * level).text(0))%, so as many "
                + "false alarms are to be expected; a text that is odd in another way than this concept passes unseen."
        )
        return parts.joined(separator: "\n\n")
    }

    /// Readings and derivatives of the class and of what was checked.
    var chart: ScatterChart {
        let points =
            members.map {
                ScatterChart.Point(x: $0.reading, y: $0.derivative, group: 0, label: "of the class")
            }
            + checked.map {
                ScatterChart.Point(
                    x: $0.result.reading, y: $0.result.derivative, group: $0.result.isOdd ? 1 : 2,
                    label: $0.text)
            }
        return ScatterChart(
            "\(concept) at \(site)", axes: ("reading", "derivative of the prediction"),
            groups: ["the class", "odd", "not odd"], points: points)
    }

    /// Everything, with the chart.
    func page() -> HTMLPage {
        var page = HTMLPage("Texts that are odd in \(concept)")
        page.add(paragraph: verdict + ".")
        page.add(svg: chart.svg)
        page.add(report: text(Terminal(.never)))
        return page
    }
}
