import ArgumentParser
import Vane

extension TestImportance {
    private struct Report: Encodable {
        let concept: String
        let tokens: [String]
        let against: [String]
        let texts: Int
        let random: Int
        let sites: [DirectionTest]
    }

    /// Tests the directions of concept files.
    func testDirections() async throws {
        let concepts = try names.map { try Concept(contentsOf: $0) }
        let inputs = try prediction.given()
        guard !inputs.isEmpty else {
            throw ValidationError("give beginnings to test a concept file on with --prompt or --texts")
        }
        guard random != nil || model.model == nil else {
            throw ValidationError(
                "a concept file holds no examples; give texts of all kinds with --random to compare it with")
        }
        let background = try random.map { try ExampleFile.texts(path: $0) } ?? Self.languageSentences(120)
        let engine = Engine(try model.load())
        for concept in concepts { try concept.requireModel(engine.model.identity) }
        let options = TCAV.Options(runs: runs, solver: solver, level: level, seed: seed)
        let objective = try prediction.objective.objective(in: engine.model)
        let (words, others, selector) = (prediction.objective.token, prediction.objective.against, sites)
        let bar = ProgressBar()
        defer { bar.finish() }
        let found = try await engine.perform { model in
            guard let network = model.network as? any DifferentiableNetwork else {
                throw ValidationError("\(model.identity.name) has no gradients, which this test needs")
            }
            return try concepts.map { concept in
                let places =
                    try selector.map { try SiteSelector($0).sites(in: network.layout) }
                    ?? concept.layers.map(\.site)
                var directions: [Site: [Float]] = [:]
                for place in places {
                    directions[place] = try concept.layer(at: place).steering.direction
                }
                let gradients = try OutputGradients(
                    of: objective, model.tokens(of: inputs), at: places, in: network, keeping: .sum)
                let harvest = try Harvest(
                    model.tokens(of: background), at: places, in: network, pooling: .mean)
                let results = try DirectionTest.run(
                    directions, gradients: gradients.gradients, random: harvest.activations,
                    options: options
                ) { bar.update($0, "\(options.runs) runs a site") }
                return Report(
                    concept: concept.name, tokens: words, against: others,
                    texts: gradients.values.count, random: harvest.rows.count, sites: results)
            }
        }
        bar.finish()
        let reports = zip(found, DirectionTest.corrected(together: found.map(\.sites))).map { report, sites in
            Report(
                concept: report.concept, tokens: words, against: others, texts: report.texts,
                random: report.random, sites: sites)
        }
        if display.json {
            return try reports.count == 1 ? reports.first.map(printJSON) ?? () : printJSON(reports)
        }
        print(reports.map { text($0, Terminal(display.color)) }.joined(separator: "\n\n"))
    }

    private func text(_ report: Report, _ terminal: Terminal) -> String {
        var table = TextTable(["site", "score", "95%", "derivative", "by chance", "p", "q"])
        for site in report.sites {
            table.add([
                site.site.description + (site.qValue <= level ? " *" : ""), site.score.value.text(3),
                "[\(site.score.low.text(2)), \(site.score.high.text(2))]", site.magnitude.text(4),
                "±" + site.nullMagnitude.text(4), site.pValue.text(3), site.qValue.text(3),
            ])
        }
        let certain = report.sites.filter { $0.qValue <= level }
        let best = certain.max { abs($0.magnitude) < abs($1.magnitude) }
        let words = report.tokens.map { "'\($0)'" }.joined(separator: ", ")
        let verdict =
            best.map {
                "moving along '\(report.concept)' makes \(words) \($0.magnitude > 0 ? "likelier" : "less likely") "
                    + "than random directions do, at \(certain.count) of \(report.sites.count) sites"
            } ?? "'\(report.concept)' does no more for \(words) than random directions"
        return
            ([
                terminal.bold(terminal.safe(verdict)),
                "\(report.texts) inputs; \(runs) random directions a site from \(report.random) texts", "",
            ] + table.lines + [
                terminal.dim(
                    "* certain after correction over the sites; random directions reach 'by chance' in 1 of 20"
                ), "",
                "The directions are taken as they are, and the effects to first order: vane test cause takes the concept out and looks.",
            ]).joined(separator: "\n")
    }

    /// Sentences of the built-in model's language, each from a text of its own.
    static func languageSentences(_ count: Int) -> [String] {
        let language = PlantedLanguage(seed: 11)
        var found: [String] = []
        var index = 0
        while found.count < count {
            let sentences = language.text(at: index).sentences
            if let sentence = sentences.dropFirst(index % max(sentences.count, 1)).first,
                !found.contains(sentence)
            {
                found.append(sentence)
            }
            index += 1
        }
        return found
    }
}
