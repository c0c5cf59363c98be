import Testing
import VaneTestSupport

@Suite("vane compare")
struct CompareTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    @Test("learners on made worlds: a table for people and one for programs")
    func planted() async throws {
        let text = try await desk.vane(
            "compare", "--planted", "--seeds", "1", "--methods", "difference-of-means")
        #expect(text.status == 0 && text.error.isEmpty, "\(text)")
        #expect(text.output.contains("| difference-of-means |") && text.output.contains("### onion"))
        let json = try await desk.vane(
            "compare", "--planted", "--seeds", "1", "--methods", "difference-of-means", "--json")
        #expect(try json.object()["seeds"] as? Int == 1)
    }

    @Test("one's own examples: reading alone, then steering; nothing is left on disk")
    func own() async throws {
        let before = try desk.folder.names()
        let reading = try await desk.vane(
            "compare", "happy.txt", "sad.txt", "--model", desk.model, "--reading", "--methods", "lda")
        #expect(reading.status == 0 && reading.output.contains("## happy"), "\(reading)")
        #expect(!reading.output.contains("nats"))
        try desk.folder.write((0..<30).map { "We laughed \($0) times.\n" }.joined(), to: "more.txt")
        try desk.folder.write((0..<30).map { "We wept \($0) times.\n" }.joined(), to: "less.txt")
        let steering = try await desk.vane(
            "compare", "happy.txt", "sad.txt", "--model", desk.model, "--methods", "lda", "--kl", "0.02",
            "--count", "4", "--max-tokens", "6", "--judge-positive", "more.txt", "--judge-negative",
            "less.txt")
        #expect(steering.status == 0 && steering.error.isEmpty, "\(steering)")
        #expect(steering.output.contains("lda:add") && steering.output.contains("random:add"))
        #expect(try desk.folder.names().sorted() == (before + ["less.txt", "more.txt"]).sorted())
    }

    @Test("bad input is told in a sentence")
    func errors() async throws {
        func fail(_ status: Int32, _ parts: [String], _ arguments: String...) async throws {
            try await ProcessRunner.vane(["compare"] + arguments, in: desk.folder)
                .expectFailure(status, parts)
        }
        try await fail(64, ["two files"])
        try await fail(64, ["two files"], "happy.txt")
        try await fail(64, ["--model"], "--planted", "--model", desk.model)
        try await fail(64, ["'nothing'"], "--planted", "--methods", "nothing")
        try await fail(64, ["--kl", "'x'"], "happy.txt", "sad.txt", "--kl", "0.1,x")
        try await fail(64, ["nothing", "sentiment"], "--starter", "nothing")
        try await fail(64, ["go together"], "happy.txt", "sad.txt", "--judge-positive", "happy.txt")
        try await fail(66, ["nowhere.txt"], "happy.txt", "nowhere.txt", "--model", desk.model)
        try await fail(65, ["a judge needs"], "happy.txt", "sad.txt", "--model", desk.model)
    }
}
