import Testing
import Vane
import VaneTestSupport

@Suite("vane combine, show --against, learn --second and --pairs-from")
struct WiringTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    @Test("a combination is written, is untested, and no longer overlaps with what was taken out")
    func combine() async throws {
        let made = try await desk.vane("combine", "pure", "sentiment without politeness")
        #expect(made.status == 0 && made.output.contains("untested"), "\(made)")
        let pure = try Concept(contentsOf: desk.folder.file("pure.vane"))
        let overlap = try pure.overlap(with: Concept(contentsOf: desk.folder.file("pure.vane")))
        #expect(overlap.allSatisfy { $0.isEntangled && abs($0.steeringCosine - 1) < 1e-5 })
        let shown = try await desk.vane("show", "pure.vane", "--against", "politeness", "--json")
        #expect(shown.status == 0, "\(shown)")
        let same = try await desk.vane("show", "sentiment", "--against", "sentiment")
        #expect(same.output.contains("caution"), "\(same)")
        try await desk.vane("combine", "x", "sentiment +").expectFailure(64, ["formula", "at the end"])
    }

    @Test("a second set is compared; pairs are read, and broken ones are named by line")
    func sets() async throws {
        let learnt = try await desk.learn("--second", "happy.txt", "sad.txt")
        #expect(learnt.output.contains("second set at blocks[0].residual: cosine 1.00"), "\(learnt)")
        let lines = (0..<12).map {
            "{\"question\":\"Number \($0)?\",\"answer_matching_behavior\":\" (A)\",\"answer_not_matching_behavior\":\" (B)\"}"
        }
        try desk.folder.write(lines.joined(separator: "\n"), to: "pairs.jsonl")
        let read = try await desk.vane("learn", "c", "--pairs-from", "pairs.jsonl")
        #expect(read.status == 0 && read.output.contains("is the matching answer in 12 of 12"), "\(read)")
        try desk.folder.write(lines[0] + "\n{\"question\": 3}", to: "bad.jsonl")
        try await desk.vane("learn", "c", "--pairs-from", "bad.jsonl").expectFailure(
            65, ["line 2", "question"])
    }
}
