import Foundation

/// The concepts of a relation's objects, with how well they tell the objects of new subjects (row 44).
public struct FoundRelation: Sendable {
    /// The unit direction of each object, at ``subjectSite``.
    public let concepts: [String: [Float]]
    /// Where subjects are read.
    public let subjectSite: Site
    /// Where objects are read.
    public let objectSite: Site
    /// The rank of the inverse, chosen on subjects of its own.
    public let rank: Int
    /// Facts that teach.
    public let taught: Int
    /// Facts that were left out: alone with their object, or with parts whose tokens run into each other.
    public let leftOut: Int
    /// New subjects that were asked about.
    public let asked: Int
    /// The part of them whose object is told right.
    public let right: Double
    /// The part told right by concepts that have each other's names.
    public let shuffled: Double
}

extension Engine {
    /// Learns a relation from facts and tests it on other subjects of the same objects (row 44).
    ///
    /// - Parameters:
    ///   - facts: subjects with their objects; an object counts from two subjects on, of which about half
    ///     teach; of the others a third chooses the rank and the rest test.
    ///   - template: what states a fact; `{subject}` comes before `{object}`.
    ///   - subjectSite: where subjects are read; the stream at a third of the depth if nil.
    ///   - objectSite: where objects are read; the stream at two thirds of the depth if nil.
    ///   - seed: seeds the split.
    ///   - progress: called with a part of the work done, 0...1.
    /// - Throws: `ConceptError` `invalidOption` for a template without its marks or a network that cannot be
    ///   differentiated, `unusableExamples` for fewer than two objects with two subjects; `SiteError`.
    public func relation(
        _ facts: [(subject: String, object: String)], template: String, from subjectSite: Site? = nil,
        to objectSite: Site? = nil, seed: UInt64 = 0, progress: (@Sendable (Double) -> Void)? = nil
    ) throws -> FoundRelation {
        guard let network = model.network as? any DifferentiableNetwork else {
            throw ConceptError(.invalidOption, "\(model.identity.name) cannot be differentiated")
        }
        let depth = network.layout.depth
        let from = subjectSite ?? .residual(depth / 3)
        let to = objectSite ?? .residual(min(depth - 1, 2 * depth / 3))
        let examples = try facts.compactMap { try example($0.subject, $0.object, template) }
        var generator = SeededGenerator(seed: seed, stream: 44)
        let groups = Dictionary(grouping: generator.shuffled(examples), by: \.name).filter {
            $0.value.count >= 2
        }.sorted { $0.key < $1.key }.map(\.value)
        guard groups.count >= 2 else {
            throw ConceptError(
                .unusableExamples,
                "a relation needs at least two objects with two subjects each, whose tokens do not run into each other; "
                    + "of \(facts.count) facts \(examples.count) can be read, with \(groups.count) such objects"
            )
        }
        let taught = groups.flatMap { $0.prefix(max(1, $0.count / 2)) }
        let others = groups.flatMap { $0.dropFirst(max(1, $0.count / 2)) }
        let chosenOn = others.indices.filter { $0 % 3 == 0 }.map { others[$0] }
        let asked = others.indices.filter { $0 % 3 != 0 }.map { others[$0] }
        let relation = try LinearRelation(
            taught, from: from, to: to, in: network, progress: { progress?(Double($0) / Double($1)) })
        func right(_ concepts: [String: [Float]], _ examples: [LinearRelation.Example]) throws -> Double {
            let states = try relation.subjects(of: examples, in: network)
            let count = zip(states, examples).count {
                LinearRelation.object(of: $0, among: concepts) == $1.name
            }
            return Double(count) / Double(max(1, examples.count))
        }
        let width = try network.layout.width(of: from)
        var best: (rank: Int, concepts: [String: [Float]], right: Double)?
        for rank in [4, 8, 16, 32, 64, 128, 256].filter({ $0 < width }) + [width] {
            let concepts = try relation.concepts(taught, rank: rank, in: network)
            let share = try right(concepts, chosenOn)
            if share > best?.right ?? -1 { best = (rank, concepts, share) }
        }
        let names = groups.map { $0[0].name }
        let turned = Dictionary(
            zip(names, names.dropFirst() + names.prefix(1)).compactMap { name, other in
                (best?.concepts[name]).map { (other, $0) }
            }
        ) { first, _ in first }
        return FoundRelation(
            concepts: best?.concepts ?? [:], subjectSite: from, objectSite: to, rank: best?.rank ?? width,
            taught: taught.count, leftOut: facts.count - groups.reduce(0) { $0 + $1.count },
            asked: asked.count, right: try right(best?.concepts ?? [:], asked),
            shuffled: try right(turned, asked))
    }

    /// A fact as tokens; nil where the tokens of its parts run into each other or do not fit the model.
    private func example(
        _ subject: String, _ object: String, _ template: String
    ) throws -> LinearRelation.Example? {
        guard let first = template.range(of: "{subject}"), let second = template.range(of: "{object}"),
            first.upperBound <= second.lowerBound
        else {
            throw ConceptError(
                .invalidOption, "a template has {subject} and behind it {object}, not '\(template)'")
        }
        let head = template[..<first.lowerBound] + subject
        let before = head + template[first.upperBound..<second.lowerBound]
        // A blank belongs to the token of the word behind it.
        let stem = String(before.reversed().drop { $0.isWhitespace }.reversed())
        let tokens = [String(head), stem, before + object].map { model.tokenizer.encode($0) }
        guard !tokens[0].isEmpty, tokens[2].starts(with: tokens[0]), tokens[2].starts(with: tokens[1]),
            tokens[1].count < tokens[2].count, tokens[2].count <= model.network.layout.maximumPositions
        else { return nil }
        return LinearRelation.Example(
            tokens: tokens[2], subject: tokens[0].count - 1, object: tokens[1].count..<tokens[2].count,
            name: object)
    }
}
