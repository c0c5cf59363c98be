import ArgumentParser
import Vane

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what a concept file holds.",
        discussion: """
              vane show happiness.vane
              vane show happiness.vane --json
              vane show sentiment --against politeness formality
              vane show happiness.vane --html happiness.html

            --against says how much steering one concept is steering the other.
            """)

    @Argument(
        help: "A concept file, or the name of a concept of the built-in model.",
        completion: .file(extensions: ["vane"]))
    var file: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Concepts to compare directions with.", valueName: "concept"))
    var against: [String] = []

    @OptionGroup var pictures: PictureOptions
    @OptionGroup var display: OutputOptions

    func validate() throws {
        guard against.isEmpty || (pictures.html == nil && pictures.svg == nil) else {
            throw ValidationError("--html and --svg show one concept; leave --against out")
        }
    }

    private struct Comparison: Encodable {
        let concept: String
        let other: String
        let sites: [ConceptOverlap]
    }

    func run() throws {
        let concept = try Concept(argument: file)
        guard against.isEmpty else { return try compare(concept) }
        let report = ConceptReport(concept, file: file)
        try pictures.write(page: report.page, chart: { report.chart.svg })
        if display.json { return try printJSON(report) }
        print(report.text(Terminal(display.color)))
    }

    private func compare(_ concept: Concept) throws {
        let comparisons = try against.map { argument in
            let other = try Concept(argument: argument)
            return Comparison(
                concept: concept.name, other: other.name, sites: try concept.overlap(with: other))
        }
        if display.json { return try printJSON(comparisons) }
        let terminal = Terminal(display.color)
        for comparison in comparisons {
            let (own, other) = (terminal.safe(comparison.concept), terminal.safe(comparison.other))
            print(terminal.bold("\(own) and \(other)"))
            var table = TextTable([
                "site", "steering cosine", "probe cosine", "moves other", "moved by other",
            ])
            for site in comparison.sites {
                table.add([
                    site.site.description, site.steeringCosine.text(3), site.probeCosine.text(3),
                    site.otherReaches.text(3), site.ownReaches.text(3),
                ])
            }
            print(table.lines.joined(separator: "\n"))
            let entangled = comparison.sites.filter(\.isEntangled).map(\.site.description)
            if !entangled.isEmpty {
                print(
                    "caution: at \(entangled.joined(separator: ", ")) steering one is to a good part steering the other"
                )
            }
        }
        print(
            terminal.dim(
                "moves other: what becomes of the other's probability 0.5 when this one is steered from 0.5 to 0.95"
            ))
    }
}
