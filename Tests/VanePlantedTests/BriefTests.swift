import Testing
import VanePlanted
import VaneTensors
import VaneTestSupport

@Suite("Briefs of the planted language")
struct BriefTests {
    @Test("a brief is read back from its line, whatever the order of its words", .tags(.law))
    func lines() throws {
        let brief = PlantedBrief(
            kind: .letter,
            attributes: [.politeness: "polite", .topic: "sport", .person: "first", .tense: "past"])
        #expect(brief.line == "Wanted: letter, sport, polite, past, first person.")
        #expect(PlantedBrief("Wanted: first person, past, polite, letter, sport.") == brief)
        for kind in PlantedKind.allCases {
            for attribute in PlantedAttribute.allCases {
                for value in attribute.values {
                    let brief = PlantedBrief(kind: kind, attributes: [attribute: value])
                    #expect(brief.line.flatMap { PlantedBrief($0) } == brief)
                }
            }
        }
        #expect(PlantedBrief(kind: nil, attributes: [:]).line == nil)
    }

    @Test(
        "other lines are not briefs",
        arguments: [
            "", "Wanted: .", "Wanted: letter", "wanted: letter.", "Wanted: letter, letter.",
            "Wanted: polite, rude.",
            "Wanted: story, report.", "Wanted: first.", "Wanted: neutral.", "Wanted: polite,rude.",
            "A letter.",
        ])
    func others(_ line: String) {
        #expect(PlantedBrief(line) == nil)
    }

    @Test("texts of the corpus show what their briefs ask for, and half the others do not", .tags(.planted))
    func corpus() throws {
        let oracle = PlantedOracle()
        let corpus = PlantedCorpus(seed: 4, briefs: 50)
        let plain = PlantedCorpus(seed: 4)
        var (briefs, texts) = (0, 0)
        var shown: [Bool] = []
        var control: [Bool] = []
        var previous: PlantedBrief?
        for i in 0..<4000 {
            let document = corpus.document(at: i)
            let lines = document.split(separator: "\n", maxSplits: 1).map(String.init)
            guard lines.count > 1, let brief = PlantedBrief(lines[0]) else {
                #expect(document == plain.document(at: i))
                continue
            }
            briefs += 1
            #expect(lines[1] == plain.document(at: i), "the text is that of the corpus without briefs")
            let reading = oracle.reading(of: lines[1])
            for (attribute, value) in brief.attributes {
                if let read = reading.value(of: attribute) { shown.append(read == value) }
            }
            for (attribute, value) in previous?.attributes ?? [:] {
                if let read = reading.value(of: attribute) { control.append(read == value) }
            }
            previous = brief
        }
        texts = 4000 * 77 / 100
        // Half of the texts, give or take four standard deviations.
        #expect(abs(briefs - texts / 2) < 200, "\(briefs) briefs")
        let rate = Double(shown.count { $0 }) / Double(shown.count)
        let chance = Double(control.count { $0 }) / Double(control.count)
        print("texts show what their brief asks for: \(rate); what the brief before asked for: \(chance)")
        #expect(rate > 0.99 && chance < 0.6)
    }
}
