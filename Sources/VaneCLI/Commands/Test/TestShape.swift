import ArgumentParser
import Foundation
import Vane

struct TestShape: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shape",
        abstract: "Look at the shape of a feature: direction, circle, mixture, subspace or magnitudes.",
        discussion: """
            The activations of texts of two classes or more are compared at every block: how much of their variance lies between the \
            classes, along how many axes, and whether the classes lie on a circle in the order given.

              vane test shape sentiment
              vane test shape past present future --html shape.html
              vane test shape joy --positive happy.txt --negative sad.txt --paired --model MODEL
              vane test shape --classes days.tsv --pooling last --model MODEL

            Lines of --classes are a class, a tab and a text; classes come in the order of their first lines. If all classes are lists \
            of as many words ("a c b"), the states are asked for a sequence of symbols instead: one size a place (onion), one direction a \
            place, or a bag.
            """)

    @Argument(help: "A concept's name; several built-in ones are classes of one feature.")
    var names: [String] = []

    @Option(help: ArgumentHelp("Texts that show the concept.", valueName: "file"), completion: .file())
    var positive: String?

    @Option(help: ArgumentHelp("Texts that do not.", valueName: "file"), completion: .file())
    var negative: String?

    @Option(
        help: ArgumentHelp("Texts with their classes, tab-separated.", valueName: "file"), completion: .file()
    )
    var classes: String?

    @Flag(
        help: "Line i of both files differs in the concept alone: also ask whether pairs share a direction.")
    var paired = false

    @OptionGroup var model: ModelOptions

    @Option(help: ArgumentHelp("Sites such as 'blocks[2..<6].residual'; all residual streams if not given."))
    var sites: String?

    @Option(
        help: ArgumentHelp("Which tokens stand for a text: mean, last or an index.", valueName: "pooling"))
    var pooling: Pooling = .mean

    @Option(help: ArgumentHelp("Permutations of the labels.", valueName: "count"))
    var permutations = 199

    @Option(help: ArgumentHelp("Seeds all draws.", valueName: "number"))
    var seed: UInt64 = 0

    @OptionGroup var pictures: PictureOptions
    @OptionGroup var display: OutputOptions

    func validate() throws {
        guard (positive == nil) == (negative == nil) else {
            throw ValidationError("--positive and --negative go together")
        }
        let ways = [positive != nil, classes != nil].count { $0 }
        guard ways == 1 || (ways == 0 && !names.isEmpty) else {
            throw ValidationError("give built-in concepts, --positive and --negative, or --classes")
        }
        guard !paired || positive != nil else {
            throw ValidationError("--paired is about the lines of --positive and --negative")
        }
        guard pooling != .tokens else { throw ValidationError("--pooling takes mean, last or an index") }
        guard permutations >= 19 else { throw ValidationError("--permutations is at least 19") }
    }

    /// Texts with the number of their class.
    private struct Labelled: Sendable {
        var groups: [String]
        var texts: [String]
        var labels: [Int]
    }

    private func labelled() throws -> Labelled {
        if let positive, let negative {
            let (shown, hidden) = (
                try ExampleFile.texts(path: positive), try ExampleFile.texts(path: negative)
            )
            guard !paired || shown.count == hidden.count else {
                throw ValidationError(
                    "pairs need as many lines in both files; there are \(shown.count) and \(hidden.count)")
            }
            return Labelled(
                groups: ["without", "with"], texts: hidden + shown,
                labels: hidden.map { _ in 0 } + shown.map { _ in 1 })
        }
        if let classes { return try Self.classes(path: classes) }
        let starters = try names.map { name in
            guard model.model == nil, let starter = StarterConcept.all.first(where: { $0.name == name })
            else {
                throw ValidationError(
                    "'\(name)' needs --positive and --negative; built-in concepts are "
                        + StarterConcept.all.map(\.name).joined(separator: ", "))
            }
            return starter
        }
        if let only = starters.first, starters.count == 1 {
            let examples = try only.examples(150, seed: 17)
            return Labelled(
                groups: ["without", "with"], texts: examples.negative + examples.positive,
                labels: examples.negative.map { _ in 0 } + examples.positive.map { _ in 1 })
        }
        let texts = try starters.map { try $0.examples(100, seed: 17).positive }
        return Labelled(
            groups: names, texts: Array(texts.joined()),
            labels: texts.enumerated().flatMap { number, own in own.map { _ in number } })
    }

    private static func classes(path: String) throws -> Labelled {
        var result = Labelled(groups: [], texts: [], labels: [])
        for row in try ExampleFile.columns(["class", "text"], path: path) {
            let label =
                result.groups.firstIndex(of: row[0])
                ?? {
                    result.groups.append(row[0])
                    return result.groups.count - 1
                }()
            result.texts.append(row[1])
            result.labels.append(label)
        }
        return result
    }

    func run() async throws {
        let material = try labelled()
        let engine = Engine(try model.load())
        let sequences = Self.sequences(material.groups)
        let (selector, pooling, permutations, seed, paired) = (sites, pooling, permutations, seed, paired)
        let bar = ProgressBar()
        defer { bar.finish() }
        let name =
            names.isEmpty
            ? classes.map { ($0 as NSString).lastPathComponent } ?? "feature" : names.joined(separator: ", ")
        let report = try await engine.perform { model in
            let layout = model.network.layout
            let places =
                try selector.map { try SiteSelector($0).sites(in: layout) }
                ?? (0..<layout.depth).map(Site.residual)
            let tokens = material.texts.map {
                Array(model.tokenizer.encode($0).prefix(layout.maximumPositions))
            }
            if let empty = tokens.firstIndex(where: { $0.isEmpty }) {
                throw EvidenceError(.unusableInputs, "text \(empty + 1) has no tokens")
            }
            bar.update(0, "reading")
            let harvest = try Harvest(tokens, at: places, in: model.network, pooling: pooling)
            var rows: [ShapeReport.Row] = []
            for (number, place) in places.enumerated() {
                bar.update(Double(number) / Double(places.count), "comparing classes at \(place)")
                guard let activations = harvest.activations[place] else { continue }
                if let sequences {
                    let code = try MagnitudeCode(
                        activations, sequences: material.labels.map { sequences[$0] }, seed: seed)
                    rows.append(ShapeReport.Row(site: place, shape: nil, code: code, pairs: nil))
                    continue
                }
                let shape = try FeatureShape(
                    activations, labels: material.labels, permutations: permutations, seed: seed)
                let pairs = paired ? try Self.pairs(activations, material.labels, seed) : nil
                rows.append(ShapeReport.Row(site: place, shape: shape, code: nil, pairs: pairs))
            }
            return ShapeReport(
                feature: name, groups: material.groups, texts: material.texts.count, rows: rows,
                labels: material.labels)
        }
        bar.finish()
        try pictures.write(page: report.page, chart: { report.chart.svg })
        if display.json { return try printJSON(report) }
        print(report.text(Terminal(display.color)))
    }

    /// Classes as sequences of symbols; nil unless all are lists of as many words, two or more.
    private static func sequences(_ groups: [String]) -> [[Int]]? {
        let lists = groups.map { $0.split(separator: " ").map(String.init) }
        guard let length = lists.first?.count, length >= 2, lists.allSatisfy({ $0.count == length }) else {
            return nil
        }
        let symbols = Set(lists.joined()).sorted()
        return lists.map { list in list.map { symbols.firstIndex(of: $0) ?? 0 } }
    }

    private static func pairs(_ activations: Tensor, _ labels: [Int], _ seed: UInt64) throws
        -> LinearityReport
    {
        let (values, width) = (activations.elements, activations.width)
        func rows(_ label: Int) -> [[Float]] {
            labels.indices.filter { labels[$0] == label }.map {
                Array(values[$0 * width..<($0 + 1) * width])
            }
        }
        return try LinearityReport(with: rows(1), without: rows(0), seed: seed)
    }
}
