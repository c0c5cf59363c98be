import Testing
import VaneTestSupport

@Suite("vane explains itself")
struct HelpTests {
    @Test(
        "each verb's help has an example",
        arguments: [
            "learn", "show", "score", "steer", "generate", "explain", "lens", "test", "evaluate", "compare",
            "combine",
            "transport", "find", "sae", "models",
        ])
    func verbs(verb: String) async throws {
        let folder = try ProcessFolder()
        for arguments in [[verb, "--help"], ["help", verb]] {
            let result = try await ProcessRunner.vane(arguments, in: folder)
            #expect(result.status == 0 && result.error.isEmpty)
            #expect(result.output.contains("  vane \(verb) "), "an example")
            #expect(result.output.contains("OVERVIEW:") && result.output.contains("USAGE: vane \(verb)"))
        }
    }

    @Test(
        "each test's help has an example",
        arguments: ["importance", "cause", "patch", "bet", "alert", "lesions"])
    func tests(verb: String) async throws {
        let result = try await ProcessRunner.vane(["test", verb, "--help"], in: ProcessFolder())
        #expect(result.status == 0 && result.output.contains("  vane test \(verb)"), "\(result)")
        #expect(result.output.contains("USAGE: vane test \(verb)"))
    }

    @Test("the program lists its verbs and its version")
    func program() async throws {
        let folder = try ProcessFolder()
        let help = try await ProcessRunner.vane(["--help"], in: folder)
        for verb in [
            "learn", "show", "score", "steer", "generate", "explain", "lens", "test", "evaluate", "compare",
            "combine",
            "transport", "find", "sae", "models",
        ] {
            #expect(help.output.contains("  \(verb) "))
        }
        let bare = try await ProcessRunner.vane([], in: folder)
        #expect(bare.status == 0 && bare.output == help.output)
        let version = try await ProcessRunner.vane(["--version"], in: folder)
        #expect(version.status == 0 && version.output.contains("."))
    }

    @Test("completion scripts are written", arguments: ["bash", "zsh", "fish"])
    func completion(shell: String) async throws {
        let result = try await ProcessRunner.vane(
            ["--generate-completion-script", shell], in: ProcessFolder())
        #expect(result.status == 0 && result.output.contains("vane") && result.output.contains("evaluate"))
        #expect(result.output.count > 1000)
    }
}
