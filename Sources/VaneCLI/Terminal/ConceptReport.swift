import Vane

/// A concept in words: the table of its layers and what they mean.
struct ConceptReport: Encodable {
    let name: String
    let file: String
    let verdict: Concept.Verdict
    let defaultSites: [Site]
    let siteConvention = Site.convention
    let layers: [Concept.LayerResult]
    let provenance: Concept.Provenance

    init(_ concept: Concept, file: String) {
        name = concept.name
        self.file = file
        verdict = concept.verdict
        defaultSites = concept.defaultSites
        layers = concept.layers.map(\.result)
        provenance = concept.provenance
    }

    /// The text for people.
    func text(_ terminal: Terminal) -> String {
        var table = TextTable([
            "site", "accuracy", "95%", "AUROC", "95%", "shuffled acc.", "shuffled AUROC", "penalty",
        ])
        for layer in layers {
            let mark = defaultSites.contains(layer.site) ? " *" : ""
            table.add([
                layer.site.description + mark, layer.accuracy.value.text(3), interval(layer.accuracy),
                layer.auroc.value.text(3), interval(layer.auroc),
                "\(layer.shuffledAccuracy.value.text(3)) \(interval(layer.shuffledAccuracy))",
                "\(layer.shuffledAUROC.value.text(3)) \(interval(layer.shuffledAUROC))", "\(layer.lambda)",
            ])
        }
        var lines = table.lines
        lines[0] = terminal.bold(lines[0])
        let examples = "\(provenance.positives) positive and \(provenance.negatives) negative examples"
        return """
            \(terminal.bold(terminal.safe(name))): \(terminal.safe(verdict.sentence))
            \(examples), \(provenance.heldOut) held out\(truncation), pooled by \(provenance.options.pooling), seed \
            \(provenance.options.seed); model \(terminal.safe("\(provenance.model.name) (\(provenance.model.architecture)")), \
            fingerprint \(provenance.model.fingerprint.prefix(16))…)\(steering)

            \(lines.joined(separator: "\n"))
            \(terminal.dim("* steered by default; \(Site.convention)"))
            """
    }

    private var steering: String { provenance.steering.map { "\nsteered by \($0)" } ?? "" }

    private var truncation: String {
        provenance.truncated == 0 ? "" : ", \(provenance.truncated) cut to the model's context"
    }

    private func interval(_ estimate: Estimate) -> String {
        "[\(estimate.low.text(2)), \(estimate.high.text(2))]"
    }
}
