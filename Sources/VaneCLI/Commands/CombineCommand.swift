import ArgumentParser
import Vane

struct CombineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "combine", abstract: "Make a concept of others by a formula.",
        discussion: """
              vane combine warm "sentiment + politeness"
              vane combine mild "sentiment - 0.5*formality.vane"
              vane combine pure "sentiment without politeness"
              vane combine pure "orthogonal(sentiment, politeness, formality)"

            A name is a concept file or a built-in concept and stands for its unit direction. "A without B without C" and
            "orthogonal(A, B, C)" take out of A what lies in the plane of B and C. A minus needs a blank in front; names with
            blanks or + * ( ) , go in quotes. The probe is put together from the parts' and untested; examples, given as
            to learn, put the direction to the test and fit a probe along it.
            """)

    @Argument(help: "The new concept's name.")
    var name: String

    @Argument(help: "The formula.")
    var formula: String

    @OptionGroup var sentences: ExampleOptions
    @OptionGroup var model: ModelOptions
    @OptionGroup var place: ConceptOutput
    @OptionGroup var display: OutputOptions

    func run() async throws {
        let path = try place.path(name)
        let expression = try ConceptExpression(formula)
        let algebra = try ConceptAlgebra(
            expression, of: expression.names.map { try Concept(argument: $0) })
        let concept = try await tested(algebra) ?? algebra.concept(named: name)
        try concept.write(to: path)
        let report = ConceptReport(concept, file: path)
        if display.json { return try printJSON(report) }
        print(report.text(Terminal(display.color)))
        print("\nwrote \(path)")
    }

    /// The combined direction with a probe fitted to examples; nil without examples.
    private func tested(_ algebra: ConceptAlgebra) async throws -> Concept? {
        guard sentences.areGiven else { return nil }
        let loaded = try sentences.load()
        let engine = Engine(try model.load())
        let (set, cautions) = try loaded.fitted(to: engine.model)
        for part in algebra.concepts { try part.requireModel(engine.model.identity) }
        let learner = GivenDirections(
            try algebra.directions, from: "combination \(algebra.expression)")
        let bar = ProgressBar()
        let sites = try SiteSelector(algebra.sites.map(\.description).joined(separator: ","))
        let concept = try await engine.learn(
            name, from: set, by: learner,
            options: LearningOptions(pooling: sentences.pooling, isPaired: sentences.arePairs), at: sites
        ) { bar.update($0, $1) }
        bar.finish()
        return concept.cautioned(cautions)
    }
}
