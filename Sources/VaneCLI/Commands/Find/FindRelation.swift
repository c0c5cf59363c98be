import ArgumentParser
import Foundation
import Vane

struct FindRelation: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relation",
        abstract: "Where the subjects of each object of a relation lie (row 44).",
        discussion: """
            The file of facts holds a subject and its object a line, with a tab between. From the statements of about half of
            the facts a linear map from subjects to objects is learnt; its inverse gives a direction for each object, which is
            written as an untested concept and tested as a classifier of other subjects:

              vane find relation speaks --facts languages.tsv --template "{subject} speaks {object}."
            """)

    @Argument(help: "What to call the relation; the concepts go to the folder NAME.concepts.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "Subjects and objects: lines of both with a tab between, or JSON lines with 'subject' and 'object'.",
            valueName: "file"), completion: .file())
    var facts: String

    @Option(help: ArgumentHelp("What states a fact.", valueName: "text"))
    var template: String

    @Option(
        help: ArgumentHelp("Where subjects are read; a third of the depth if not given.", valueName: "site"))
    var from: String?

    @Option(
        help: ArgumentHelp("Where objects are read; two thirds of the depth if not given.", valueName: "site")
    )
    var to: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The folder of the concepts; NAME.concepts if not given.", valueName: "folder"),
        completion: .directory)
    var output: String?

    @Option(help: ArgumentHelp("Seeds the split.", valueName: "number"))
    var seed: UInt64 = 0

    @OptionGroup var model: ModelOptions
    @OptionGroup var display: OutputOptions

    private struct Report: Encodable {
        let name: String
        let from: String
        let to: String
        let rank: Int
        let taught: Int
        let leftOut: Int
        let asked: Int
        let right: Double
        let shuffled: Double
        let files: [String: String]
    }

    private func site(_ text: String?) throws -> Site? {
        try text.map {
            guard let site = Site($0) else {
                throw ValidationError("'\($0)' is not a site such as blocks[2].residual")
            }
            return site
        }
    }

    func run() async throws {
        guard !name.isEmpty, output != nil || !name.contains("/") else {
            throw ValidationError("the name '\(name)' cannot be a folder's name; give --output")
        }
        let folder = output ?? "\(name).concepts"
        try requireWritable(folder)
        let (from, to) = (try site(from), try site(to))
        let facts = try ExampleFile.columns(["subject", "object"], path: facts).map {
            (subject: $0[0], object: $0[1])
        }
        let engine = Engine(try model.load())
        let bar = ProgressBar()
        let found = try await engine.relation(
            facts, template: template, from: from, to: to, seed: seed,
            progress: { bar.update($0, "differentiating") })
        bar.finish()
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw WeightsError(
                .unwritable, "cannot make the folder \(folder): \(error.localizedDescription)")
        }
        let background = facts.map {
            template.replacing("{subject}", with: $0.subject).replacing("{object}", with: $0.object)
        }
        var files: [String: String] = [:]
        for (object, direction) in found.concepts.sorted(by: { $0.key < $1.key }) {
            let concept = try await engine.untestedConcept(
                "\(name) \(object)", directions: [found.subjectSite: direction],
                from: "linear relation '\(template)' (row 44)", background: background,
                caution: ["it tells subjects of the relation apart, at their last token"], seed: seed)
            let path = "\(folder)/\(fileName(object, among: files)).vane"
            try concept.write(to: path)
            files[object] = path
        }
        if display.json {
            return try printJSON(
                Report(
                    name: name, from: found.subjectSite.description, to: found.objectSite.description,
                    rank: found.rank, taught: found.taught, leftOut: found.leftOut, asked: found.asked,
                    right: found.right, shuffled: found.shuffled, files: files))
        }
        let terminal = Terminal(display.color)
        print(
            """
            \(terminal.bold(terminal.safe(name))): \(found.concepts.count) objects, learnt from \(found.taught) facts with rank \
            \(found.rank), \(found.subjectSite) to \(found.objectSite)
            \((100 * found.right).text(0))% of \(found.asked) new subjects are told right, with the objects' names exchanged \
            \((100 * found.shuffled).text(0))%
            """)
        if found.leftOut > 0 {
            print(
                "\(found.leftOut) facts were left out: alone with their object, or tokens that run into each other"
            )
        }
        if found.right <= found.shuffled { print("caution: the relation does not tell new subjects") }
        print("\nwrote \(files.count) concepts to \(folder)")
    }

    /// The object with letters, digits and dashes only, and a number where another object has that name.
    private func fileName(_ object: String, among files: [String: String]) -> String {
        let plain = String(object.map { $0.isLetter || $0.isNumber ? $0 : "-" })
        let taken = Set(files.values.map { ($0 as NSString).lastPathComponent })
        var name = plain
        var number = 2
        while taken.contains("\(name).vane") {
            name = "\(plain)-\(number)"
            number += 1
        }
        return name
    }
}
