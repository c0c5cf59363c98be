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
    let effect: Concept.Effect?
    let depth: Concept.Depth?
    /// What a second set of texts taught, where there was one.
    var secondSet: ProbeSetComparison?

    init(_ concept: Concept, file: String) {
        name = concept.name
        self.file = file
        verdict = concept.verdict
        defaultSites = concept.defaultSites
        layers = concept.layers.map(\.result)
        provenance = concept.provenance
        effect = concept.effect
        depth = concept.depth
    }

    /// The text for people.
    func text(_ terminal: Terminal) -> String {
        guard provenance.heldOut > 0 else { return untested(terminal) }
        var table = TextTable([
            "site", "accuracy", "95%", "AUROC", "95%", "shuffled", "random", "precision", "halves", "q",
            "penalty",
        ])
        for layer in layers {
            let mark = defaultSites.contains(layer.site) ? " *" : ""
            table.add([
                layer.site.description + mark, layer.accuracy.value.text(3), interval(layer.accuracy),
                layer.auroc.value.text(3), interval(layer.auroc),
                layer.shuffledAUROC.value.text(3), layer.randomAUROC.text(3),
                layer.averagePrecision.text(3), layer.agreement.text(2),
                layer.qValue < 1e-4 ? "<0.0001" : layer.qValue.text(4), "\(layer.lambda)",
            ])
        }
        var lines = table.lines
        lines[0] = terminal.bold(lines[0])
        let examples = "\(provenance.positives) positive and \(provenance.negatives) negative examples"
        return """
            \(terminal.bold(terminal.safe(name))): \(terminal.safe(verdict.sentence))
            \(examples), \(provenance.heldOut) held out\(truncation), pooled by \(provenance.options.pooling), seed \
            \(provenance.options.seed); model \(terminal.safe("\(provenance.model.name) (\(provenance.model.architecture)")), \
            fingerprint \(provenance.model.fingerprint.prefix(16))…)
            learnt by \(terminal.safe(provenance.method))\(steering)

            \(lines.joined(separator: "\n"))
            \(terminal.dim(legend))\(depthText)\(effectText(terminal))\(cautions(terminal))
            """
    }

    /// Of a concept that nothing was measured of only what is known.
    private func untested(_ terminal: Terminal) -> String {
        var table = TextTable(["site", "result"])
        for layer in layers {
            let mark = defaultSites.contains(layer.site) ? " *" : ""
            table.add([layer.site.description + mark, "untested"])
        }
        var lines = table.lines
        lines[0] = terminal.bold(lines[0])
        return """
            \(terminal.bold(terminal.safe(name))): \(terminal.safe(verdict.sentence))
            model \(terminal.safe("\(provenance.model.name) (\(provenance.model.architecture)")), fingerprint \
            \(provenance.model.fingerprint.prefix(16))…)
            made of \(terminal.safe(provenance.method))\(steering)

            \(lines.joined(separator: "\n"))
            \(terminal.dim("* steered by default; \(Site.convention)"))\(effectText(terminal))\(cautions(terminal))
            """
    }

    private var legend: String {
        """
        * steered by default; \(Site.convention)
        AUROC on held-out texts, of the method on shuffled labels, and what 95 of 100 random directions stay below; average \
        precision at equal classes (0.5 by guessing); cosine of what two halves of the examples give; q: p corrected for the \
        number of sites
        """
    }

    /// The accuracy of each residual stream as a bar from guessing to always right.
    private var depthText: String {
        guard let depth else { return "" }
        let bars = Array("▁▂▃▄▅▆▇█")
        let curve = depth.accuracies.map { accuracy in
            String(bars[min(bars.count - 1, max(0, Int((accuracy - 0.5) * 2 * Double(bars.count))))])
        }.joined()
        let jump = depth.jump.map { "jumps at \($0), " } ?? ""
        return
            "\ndepth: \(curve) (accuracy from a half to one), \(jump)about settled from \(depth.convergence) on"
    }

    private func effectText(_ terminal: Terminal) -> String {
        guard let effect else { return "" }
        var table = TextTable(
            ["steered", "change", "95%", "perplexity", "repeats", "compression"], words: [0])
        for (name, condition) in [
            ("to \(effect.target)", effect.added), ("away", effect.removed), ("at random", effect.random),
        ] {
            table.add([
                name, condition.shift.value.text(3), interval(condition.shift),
                "× \(condition.perplexity.text(2))", condition.repetition.text(3),
                "× \(condition.compression.text(2))",
            ])
        }
        let count = effect.prompts * effect.seeds
        return """


            \(terminal.bold("effect")) on \(count) texts that the model wrote, \(effect.scope.rawValue) tokens edited; \
            \(terminal.safe(effect.judge)), \((effect.judgeAccuracy * 100).text(0))% right, calls \
            \((effect.unsteeredRate * 100).text(0))% of unsteered texts positive:
            \(table.lines.joined(separator: "\n"))
            """
    }

    private func cautions(_ terminal: Terminal) -> String {
        verdict.cautions.map { "\n" + terminal.bold("caution: ") + terminal.safe($0) }.joined()
    }

    private var steering: String { provenance.steering.map { ", steered by \($0)" } ?? "" }

    private var truncation: String {
        provenance.truncated == 0 ? "" : ", \(provenance.truncated) cut to the model's context"
    }

    private func interval(_ estimate: Estimate) -> String {
        "[\(estimate.low.text(2)), \(estimate.high.text(2))]"
    }
}
