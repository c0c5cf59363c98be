import ArgumentParser
import Foundation
import Vane

struct ShowDictionary: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "List directions of a sparse autoencoder: what they raise and where they are active.",
        discussion: """
              vane sae show dictionary --texts other.txt --model MODEL --top 20
              vane sae show dictionary --texts other.txt --model MODEL --latent 17 --latent 204

            The words are those whose scores the direction raises most, by the unembedding; they are given for the residual
            stream and what is added to it, and say most in the last blocks.
            """)

    @Argument(help: "The folder of the dictionary.", completion: .directory)
    var folder: String

    @OptionGroup var sentences: DictionaryTexts
    @OptionGroup var model: ModelOptions

    @Option(
        name: .customLong("latent"),
        help: ArgumentHelp("A direction to show; may be repeated.", valueName: "index"))
    var chosen: [Int] = []

    @Option(help: ArgumentHelp("How many to list, the most often active first.", valueName: "count"))
    var top = 20

    @Option(help: ArgumentHelp("Words and places a direction.", valueName: "count"))
    var places = 5

    @OptionGroup var display: OutputOptions

    private struct Latent: Encodable {
        let index: Int
        let density: Double
        let raised: [String]?
        let lowered: [String]?
        let places: [Example]
    }

    private struct Example: Encodable {
        let value: Float
        let before: String
        let token: String
        let after: String
    }

    private struct Report: Encodable {
        let folder: String
        let site: Site
        let latents: Int
        let tokens: Int
        let active: Double
        let dead: Double
        let shown: [Latent]
    }

    func validate() throws {
        guard top > 0 && places > 0 else { throw ValidationError("--top and --places must be positive") }
    }

    func run() async throws {
        let dictionary = try SparseDictionary(folder: folder)
        for index in chosen { _ = try dictionary.direction(index) }
        let model = try model.load()
        let site = try dictionary.requireSite(in: model.network.layout)
        let texts = try sentences.read(for: model)
        let bar = ProgressBar()
        let places = places
        let activity = try await Engine(model).perform { model in
            try DictionaryActivity(of: dictionary, on: texts, in: model.network, places: places) {
                bar.update($0, "reading the texts")
            }
        }
        bar.finish()
        let order = (0..<dictionary.latents).sorted {
            (activity.counts[$1], $0) < (activity.counts[$0], $1)
        }
        let words =
            dictionary.width == model.network.layout.width
            ? try (model.network as? any ReadableNetwork).map { try LatentWords($0) } : nil
        let shown = try (chosen.isEmpty ? Array(order.prefix(top)) : chosen).map { index in
            let near = try words?.words(of: dictionary.direction(index), count: places)
            return Latent(
                index: index, density: activity.density(index),
                raised: near?.raised.map { model.tokenizer.decode([$0.token], skippingSpecialTokens: false) },
                lowered: near?.lowered.map {
                    model.tokenizer.decode([$0.token], skippingSpecialTokens: false)
                },
                places: activity.strongest[index].map { example($0, texts, model) })
        }
        let report = Report(
            folder: folder, site: site, latents: dictionary.latents, tokens: activity.rows,
            active: activity.active, dead: activity.dead, shown: shown)
        if display.json { return try printJSON(report) }
        let terminal = Terminal(display.color)
        print(
            "\(report.latents) directions of \(site); over \(report.tokens) tokens \(report.active.text(1)) are active at a "
                + "time and \((100 * report.dead).text(1))% never")
        for latent in shown {
            print(
                "\n" + terminal.bold("\(latent.index)")
                    + "  active at \((100 * latent.density).text(2))% of the tokens")
            if let raised = latent.raised {
                print("  raises " + raised.map { terminal.safe($0.debugDescription) }.joined(separator: " "))
            }
            for place in latent.places {
                let value = Double(place.value).text(2)
                print(
                    "  \(value)  " + terminal.safe(flat(place.before))
                        + terminal.bold(terminal.safe(flat(place.token)))
                        + terminal.safe(flat(place.after)))
            }
        }
    }

    private func flat(_ text: String) -> String { text.replacing("\n", with: "⏎") }

    private func example(_ place: DictionaryActivity.Place, _ texts: [[Int]], _ model: LanguageModel)
        -> Example
    {
        let text = texts[place.text]
        func decode(_ tokens: ArraySlice<Int>) -> String {
            model.tokenizer.decode(tokens, skippingSpecialTokens: false)
        }
        return Example(
            value: place.value, before: decode(text[max(0, place.token - 10)..<place.token]),
            token: decode(text[place.token...place.token]),
            after: decode(text[(place.token + 1)..<min(text.count, place.token + 5)]))
    }
}
