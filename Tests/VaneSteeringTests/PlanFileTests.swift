import Foundation
import Testing
import VaneConcepts
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport

@Suite("Plans in files")
struct PlanFileTests {
    private func read(_ text: String) throws -> SteeringPlan {
        try PlanFile(Data(text.utf8), named: "p.json").plan
    }

    /// The message of the error that `body` throws, if it is one of `code`.
    private func message(_ code: SteeringError.Code, _ body: () throws -> Void) -> String? {
        do { try body() } catch let error as SteeringError where error.code == code {
            return error.message
        } catch { return nil }
        return nil
    }

    @Test("a plan is read as it was written, every bit of its data too", .tags(.law))
    func roundTrip() throws {
        var generator = SeededGenerator(seed: 4)
        let map = TransportMap(
            scale: generator.vector(16), offset: generator.vector(16, scale: 1e-20), strength: 0.3)
        let block = PromptBlock([generator.vector(16), generator.vector(16)], times: -1.5, at: .back)
        let plan = SteeringPlan([
            .apply(.transport(map), named: "joy", at: [.residual(1)]),
            .apply(.block(block), named: "a - b", at: [.embedding]),
            SteeringPlan.Entry(
                concept: "c.vane", goal: .remove, operation: .rotate, strength: .degrees(20),
                scope: .generated, schedule: .decay(factor: 0.9), gate: Gate("film", .above, 0.5)),
        ])
        let folder = try ProcessFolder()
        let model = identity(layout(width: 16, depth: 2))
        try PlanFile(plan, model: model).write(to: folder.file("p.json"))
        let file = try PlanFile(contentsOf: folder.file("p.json"))
        #expect(file.plan == plan && file.model == model)
        guard case .transport(let again) = file.plan.entries[0].operation else {
            Issue.record("a map was written")
            return
        }
        #expect(bitPatterns(again.scale) == bitPatterns(map.scale))
        #expect(bitPatterns(again.offset) == bitPatterns(map.offset))
        #expect(try folder.names() == ["p.json"])
        #expect("\(plan)".contains("λ 0.3") && "\(plan)".contains("-1.5 times at the back of the prompt"))
    }

    @Test("what may be left out may be left out")
    func short() throws {
        let plan = try read(#"{"entries": [{"concept": "joy", "target": 0.9}]}"#)
        #expect(plan == SteeringPlan([.init(concept: "joy", goal: .add, target: 0.9)]))
        #expect(try read(#"{"entries": []}"#).entries.isEmpty)
    }

    @Test("a file that does not read is refused, and the sentence names file and key")
    func malformed() throws {
        let entry = #"{"concept": "c", "target": 0.9}"#
        let rows = #"{"block":{"rows":[["x"]],"factor":1,"placement":"front","offset":0}}"#
        for (text, part) in [
            ("", "JSON"), ("[]", "object"), ("{}", "'entries' is missing"), (#"{"entries": {}}"#, "list"),
            (#"{"entries": [\#(entry)], "more": 1}"#, "'more'"),
            (#"{"entries": [\#(entry), {"concept": "c", "strenght": 1}]}"#, "'entries[1].strenght'"),
            (#"{"entries": [{"target": 0.9}]}"#, "'concept' is missing in 'entries[0]'"),
            (#"{"entries": [{"concept": 3, "target": 0.9}]}"#, "'entries[0].concept' should be a text"),
            (#"{"entries": [{"concept": "c", "target": "0.9"}]}"#, "'entries[0].target' should be a number"),
            (#"{"entries": [{"concept": "c", "operation": "melt"}]}"#, "melt"),
            (#"{"entries": [{"concept": "c", "target": 0.9, "sites": ["here"]}]}"#, "'here'"),
            (#"{"entries": [{"concept": "c", "operation": \#(rows)}]}"#, "entries[0].operation.block.rows"),
            (#"{"entries": [\#(entry)], "format": 2}"#, "version 2"),
            (#"{"entries": [\#(entry)], "siteConvention": "from 1"}"#, "convention"),
            (#"{"entries": [\#(entry)], "model": {"name": "m"}}"#, "'model'"),
            (#"{"entries": [{"concept": "c", "target": 1e999}]}"#, "p.json"),
            (String(repeating: "[", count: 100_000), "p.json"),
            (String(repeating: #"{"entries":"#, count: 100_000), "p.json"),
        ] {
            let found = message(.malformedFile) { _ = try read(text) }
            #expect(found?.contains(part) == true && found?.contains("p.json") == true, "\(text.prefix(90))")
        }
    }

    @Test("files that would take for ever are refused: too many edits, too many bytes, a device")
    func limits() throws {
        let site = #""blocks[0].residual""#
        let sites = [String](repeating: site, count: 200).joined(separator: ",")
        let rows = [String](repeating: "[1]", count: 100).joined(separator: ",")
        let text = #"""
            {"entries": [{"concept": "c", "sites": [\#(sites)],
             "operation": {"block": {"rows": [\#(rows)], "factor": 1, "placement": "front", "offset": 0}}}]}
            """#
        #expect(message(.malformedFile) { _ = try read(text) }?.contains("20000 edits") == true)
        let large = Data(count: PlanFile.sizeLimit + 1)
        #expect(message(.malformedFile) { _ = try PlanFile(large, named: "p") }?.contains("MiB") == true)
        #expect(message(.malformedFile) { _ = try PlanFile(contentsOf: "/dev/zero") } != nil)
        let folder = try ProcessFolder()
        for path in [folder.path, folder.file("none.json")] {
            #expect(message(.missingFile) { _ = try PlanFile(contentsOf: path) } != nil)
        }
    }

    @Test("a plan of another model is refused; one that names none suits any")
    func models() throws {
        let layout = layout(width: 2)
        let other = ModelIdentity(
            name: "other", architecture: "test", fingerprint: "g", tokenizerFingerprint: "t", layout: layout)
        let plan = SteeringPlan()
        try PlanFile(plan).requireModel(other)
        try PlanFile(plan, model: other).requireModel(other)
        #expect(
            message(.wrongModel) { try PlanFile(plan, model: identity(layout)).requireModel(other) }?
                .contains("other") == true)
    }

    @Test("a number that is not finite is not written")
    func infinite() throws {
        let folder = try ProcessFolder()
        let map = TransportMap(scale: [.infinity], offset: [0])
        let plan = SteeringPlan([.apply(.transport(map), named: "m", at: [.residual(0)])])
        #expect(message(.invalidOperand) { try PlanFile(plan).write(to: folder.file("p.json")) } != nil)
        #expect(try folder.names().isEmpty)
    }
}
