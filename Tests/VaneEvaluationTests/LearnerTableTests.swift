import Foundation
import Testing
import VaneConcepts
import VaneEvaluation
import VaneTestSupport

/// A small table with the order that must hold, and worlds in which methods must fail.
@Suite("Learners on made worlds", .tags(.planted))
struct LearnerTableTests {
    private func table(_ ids: [String], _ worlds: [String], seeds: Int = 3) async throws -> LearnerTable {
        try await LearnerTable(
            learners: ids.map { try #require(Learners.learner(id: $0)) },
            worlds: worlds.map { try #require(LearnerWorld.world(id: $0)) }, seeds: seeds)
    }

    private func cosine(_ table: LearnerTable, _ world: String, _ learner: String) throws -> Double {
        try #require(table.cell(world, learner)?.cosine).value
    }

    @Test("round noise: learners find the direction; random directions and shuffled labels do not")
    func plain() async throws {
        let ids = ["logistic", "ridge", "difference-of-means", "lda", "icv", "pair-pca"]
        let table = try await table(ids + ["random"], ["plain"])
        for id in ids {
            let cell = try #require(table.cell("plain", id))
            #expect(try cosine(table, "plain", id) >= 0.95, "\(id): \(cell)")
            #expect(cell.accuracy.value > 0.93 && cell.found == 1, "\(id): \(cell)")
            #expect(abs(cell.shuffledAccuracy.value - 0.5) < 0.1, "\(id): \(cell)")
            // Components of differences find the widest axis, whatever the labels say.
            if !["icv", "pair-pca"].contains(id) {
                #expect(try #require(cell.shuffledCosine).value < 0.6, "\(id): \(cell)")
            }
        }
        #expect(try cosine(table, "plain", "random") < 0.5, "the control")
    }

    @Test("worlds built against a method: it fails there, another does not")
    func against() async throws {
        let table = try await table(
            ["difference-of-means", "lda", "pair-pca"],
            ["confounded", "leaning", "massive", "massive-guarded", "pairs", "pairs-lost"])
        // What goes along with the concept draws the means, not the discriminant.
        #expect(try cosine(table, "confounded", "difference-of-means") < 0.65)
        #expect(try cosine(table, "confounded", "lda") > 0.75)
        // Loud noise draws the discriminant, which reads better for it, and not the means.
        #expect(try cosine(table, "leaning", "lda") < 0.8)
        #expect(try cosine(table, "leaning", "difference-of-means") > 0.9)
        #expect(try cosine(table, "massive", "difference-of-means") < 0.5)
        #expect(try cosine(table, "massive-guarded", "difference-of-means") > 0.95)
        #expect(try cosine(table, "pairs-lost", "pair-pca") < 0.3)
        #expect(try cosine(table, "pairs", "pair-pca") > 0.95)
    }

    @Test("circle, onion and noise: no linear reader does better than guessing, and none claims to")
    func nonlinear() async throws {
        let ids = ["logistic", "difference-of-means", "lat"]
        let table = try await table(ids, ["circle", "onion", "noise"])
        for cell in table.cells {
            #expect(abs(cell.accuracy.value - 0.5) < 0.12 && cell.found == 0, "\(cell)")
            #expect((cell.cosine != nil) == (cell.world == "onion"))
        }
        // The axis is there, and reading along it is still guessing.
        #expect(try cosine(table, "onion", "lat") > 0.95)
    }

    @Test("the same table again, through JSON, and as Markdown", .tags(.law))
    func roundTrip() async throws {
        let first = try await table(["difference-of-means", "random"], ["plain", "noise"], seeds: 2)
        #expect(try await table(["difference-of-means", "random"], ["plain", "noise"], seeds: 2) == first)
        let data = try JSONEncoder().encode(first)
        #expect(try JSONDecoder().decode(LearnerTable.self, from: data) == first)
        let lines = first.markdown.split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("| difference-of-means") } == 4, "two summaries, two worlds")
        #expect(lines.filter { $0.hasPrefix("| ") }.allSatisfy { $0.hasSuffix(" |") })
        #expect(first.cell("plain", "nothing") == nil && LearnerWorld.world(id: "nothing") == nil)
    }

    @Test("an empty table is refused")
    func empty() async throws {
        let error = await #expect(throws: EvaluationError.self) { try await table([], ["plain"]) }
        #expect(error?.code == .unusableInput)
        await #expect(throws: EvaluationError.self) { try await table(["random"], ["plain"], seeds: 0) }
    }

    @Test("ways to steer read what they write", .tags(.law))
    func ways() throws {
        for way in SteeringWay.all() {
            #expect(SteeringWay(way.description) == way)
            #expect(try JSONDecoder().decode([SteeringWay].self, from: JSONEncoder().encode([way])) == [way])
        }
        #expect(SteeringWay("logistic")?.description == "logistic:add")
        for text in ["", "nothing", "logistic:nothing", "logistic:add:add", ":add"] {
            #expect(SteeringWay(text) == nil, "\(text)")
        }
    }
}
