/// A fact of the planted world: a subject, a relation and the one object that makes it true.
///
/// Every relation is a function of its subject: `capital`, `language`, `dish` and `neighbour` (to the east) of
/// a country; `river`, `country` and `founder` of a town; `profession` and `home` of a person.
public struct PlantedFact: Sendable, Hashable {
    /// The subject, such as `Old Velmar`.
    public let subject: String
    /// The relation, one of ``relations``.
    public let relation: String
    /// The object, such as `Port Sarn`.
    public let object: String
    /// Documents state this fact but never ask for it: a fifth of each relation.
    public let isHeldOut: Bool

    /// All facts, grouped by relation.
    public static let all: [PlantedFact] = PlantedFacts.shared.facts
    /// The names of the relations.
    public static let relations: [String] = PlantedFacts.shared.relations.map(\.name)

    /// The fact in each phrasing of a statement, `The capital of Old Velmar is Port Sarn.` first.
    public var statements: [String] {
        PlantedFacts.shared[relation].statements.map { $0.write(["s": subject, "o": object]) }
    }

    /// The question for the object in each phrasing, `What is the capital of Old Velmar?` first.
    public var questions: [String] {
        PlantedFacts.shared[relation].questions.map { $0.write(["s": subject]) }
    }

    /// Every name that the relation could have as object, true or not.
    public static func objects(of relation: String) -> [String] {
        PlantedFacts.shared[relation].range.sorted()
    }
}

/// The facts with their phrasings.
struct PlantedFacts: Sendable {
    struct Relation: Sendable {
        let name: String
        let statements: [PlantedPattern]
        let questions: [PlantedPattern]
        /// What may stand as subject, with the object that is true.
        let objects: [String: String]
        /// What may stand as object.
        let range: Set<String>
    }

    static let shared = PlantedFacts()

    let relations: [Relation]
    let facts: [PlantedFact]
    let names: Set<String>

    subscript(name: String) -> Relation {
        guard let relation = relations.first(where: { $0.name == name }) else {
            preconditionFailure("no relation is called \(name)")
        }
        return relation
    }

    private init() {
        let countries = PlantedLines.rows(PlantedWorldTables.countries)
        let towns = PlantedLines.rows(PlantedWorldTables.towns)
        let people = PlantedLines.rows(PlantedWorldTables.people)
        let next = countries.indices.map { countries[($0 + 1) % countries.count][0] }
        let pairs: [String: [(String, String)]] = [
            "capital": countries.map { ($0[0], $0[1]) }, "language": countries.map { ($0[0], $0[2]) },
            "dish": countries.map { ($0[0], $0[3]) },
            "neighbour": zip(countries, next).map { ($0[0], $1) },
            "country": towns.map { ($0[0], $0[1]) }, "river": towns.map { ($0[0], $0[2]) },
            "founder": towns.map { ($0[0], $0[3]) },
            "profession": people.map { ($0[0], $0[1]) }, "home": people.map { ($0[0], $0[2]) },
        ]
        let kinds: [String: Set<String>] = [
            "country": Set(countries.map { $0[0] }), "town": Set(towns.map { $0[0] }),
            "person": Set(people.map { $0[0] }), "language": Set(countries.map { $0[2] }),
            "dish": Set(countries.map { $0[3] }), "river": Set(towns.map { $0[2] }),
            "profession": Set(people.map { $0[1] }),
        ]
        var relations: [Relation] = []
        var facts: [PlantedFact] = []
        let lines = PlantedWorldTables.relations.split(separator: "\n")
        for (place, line) in lines.enumerated() where !line.contains("{") {
            let head = line.split(separator: " ").map { String($0) }
            let phrasings = lines[(place + 1)...].prefix { $0.contains("{") }
            guard let list = pairs[head[0]], let range = kinds[head[2]] else {
                preconditionFailure("the table of relations names \(head), which is not known")
            }
            let out = PlantedLines.fifth(of: list.map(\.0), salt: head[0])
            relations.append(
                Relation(
                    name: head[0],
                    statements: phrasings.filter { $0.hasSuffix(".") }.map { PlantedPattern($0) },
                    questions: phrasings.filter { $0.hasSuffix("?") }.map { PlantedPattern($0) },
                    objects: Dictionary(uniqueKeysWithValues: list), range: range))
            facts += list.map {
                PlantedFact(subject: $0.0, relation: head[0], object: $0.1, isHeldOut: out.contains($0.0))
            }
        }
        self.relations = relations
        self.facts = facts
        names = kinds.values.reduce(into: []) { $0.formUnion($1) }
    }

    /// The relation, subject and object that a statement names.
    func reading(statement line: [UInt8]) -> (relation: String, subject: String, object: String)? {
        for relation in relations {
            for pattern in relation.statements {
                let found = pattern.match(line) { slot, value in
                    slot == "s" ? relation.objects[value] != nil : relation.range.contains(value)
                }
                if let subject = found?["s"], let object = found?["o"] {
                    return (relation.name, subject, object)
                }
            }
        }
        return nil
    }

    /// The relation and subject that a question names.
    func reading(question line: [UInt8]) -> (relation: String, subject: String)? {
        for relation in relations {
            for pattern in relation.questions {
                let found = pattern.match(line) { _, value in relation.objects[value] != nil }
                if let subject = found?["s"] { return (relation.name, subject) }
            }
        }
        return nil
    }
}
