import Testing
import VaneTestSupport

@Suite("vane test with a concept file")
struct DirectionCommandTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    @Test("the directions of a concept file are compared with random ones; what is missing is told")
    func directions() async throws {
        try await desk.learn()
        try desk.folder.write(
            (0..<40).map { "Number \($0) went to the town on day \($0 % 7).\n" }.joined(), to: "random.txt")
        let common = ["test", "joy.vane", "--token", "happy", "--model", desk.model, "--runs", "20"]
        let text = try await ProcessRunner.vane(
            common + ["--random", "random.txt", "--texts", "prompts.txt"], in: desk.folder)
        #expect(text.status == 0 && text.error.isEmpty, "\(text)")
        #expect(text.output.contains("2 inputs; 20 random directions a site from 40 texts"), "\(text)")
        let json = try await ProcessRunner.vane(
            common + ["--random", "random.txt", "--prompt", "The wind", "--json"], in: desk.folder)
        let sites = try #require(try json.object()["sites"] as? [[String: Any]])
        #expect(!sites.isEmpty && sites.allSatisfy { $0["qValue"] != nil })
        try await ProcessRunner.vane(common + ["--prompt", "x"], in: desk.folder)
            .expectFailure(64, ["--random"])
        try await ProcessRunner.vane(common + ["--prompt", "x", "--svg", "x.svg"], in: desk.folder)
            .expectFailure(64, ["--svg"])
        try await ProcessRunner.vane(common + ["--random", "random.txt"], in: desk.folder)
            .expectFailure(64, ["--prompt or --texts"])
        try await ProcessRunner.vane(
            ["test", "joy.vane", "--token", "happy", "--prompt", "x"], in: desk.folder
        ).expectFailure(65, ["was learnt on"])
    }
}
