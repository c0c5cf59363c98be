import ArgumentParser
import Vane

extension TestImportance {
    /// The score of words, each by the first of its tokens inside a sentence, against others or against all.
    static func objective(_ words: [String], against others: [String], in model: LanguageModel) throws
        -> Objective
    {
        func first(_ word: String) throws -> Int {
            guard let id = model.tokenizer.encode(" " + word).first else {
                throw ValidationError("'\(word)' has no tokens")
            }
            return id
        }
        return Objective(
            try words.map(first), against: others.isEmpty ? .everything : .tokens(try others.map(first)))
    }

    private struct Report: Encodable {
        let concept: String
        let tokens: [String]
        let against: [String]
        let texts: Int
        let random: Int
        let sites: [DirectionTest]
    }

    /// Tests the directions of a concept file.
    func testDirections() async throws {
        let concept = try Concept(contentsOf: name)
        var inputs = prompt
        if let texts { inputs += try promptTexts(path: texts) }
        guard !inputs.isEmpty else {
            throw ValidationError("give beginnings to test a concept file on with --prompt or --texts")
        }
        guard random != nil || model.model == nil else {
            throw ValidationError(
                "a concept file holds no examples; give texts of all kinds with --random to compare it with")
        }
        let background = try random.map { try ExampleFile.texts(path: $0) } ?? Self.languageSentences(120)
        let engine = Engine(try model.load())
        try concept.requireModel(engine.model.identity)
        let options = TCAV.Options(runs: runs, level: level, seed: seed)
        let (words, others, selector, prompts) = (token, against, sites, inputs)
        let bar = ProgressBar()
        let report = try await engine.perform { model in
            guard let network = model.network as? any DifferentiableNetwork else {
                throw ValidationError("\(model.identity.name) has no gradients, which this test needs")
            }
            func tokens(_ texts: [String]) -> [[Int]] {
                texts.map { Array(model.tokenizer.encode($0).prefix(network.layout.maximumPositions)) }
                    .filter { !$0.isEmpty }
            }
            let places =
                try selector.map { try SiteSelector($0).sites(in: network.layout) }
                ?? concept.layers.map(\.site)
            var directions: [Site: [Float]] = [:]
            for place in places { directions[place] = try concept.layer(at: place).steering.direction }
            let gradients = try OutputGradients(
                of: try Self.objective(words, against: others, in: model), tokens(prompts), at: places,
                in: network, keeping: .sum)
            let harvest = try Harvest(tokens(background), at: places, in: network, pooling: .mean)
            let results = try DirectionTest.run(
                directions, gradients: gradients.gradients, random: harvest.activations, options: options
            ) { bar.update($0, "\(options.runs) runs a site") }
            return Report(
                concept: concept.name, tokens: words, against: others, texts: gradients.values.count,
                random: harvest.rows.count, sites: results)
        }
        bar.finish()
        if display.json { return try printJSON(report) }
        print(text(report, Terminal(display.color)))
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
                )
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
