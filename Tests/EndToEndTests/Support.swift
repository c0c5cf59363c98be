import Foundation
import Testing
import VaneTestSupport

/// A folder with example files, and the `vane` program to run in it.
struct Desk {
    let folder: ProcessFolder
    let model = PlantedModels.gpt2.folder

    init() throws {
        folder = try ProcessFolder()
        func sentences(_ words: [String], _ more: String) -> String {
            (0..<24).map { "The \(words[$0 % words.count]) day number \($0) \(more)." }.joined(
                separator: "\n") + "\n"
        }
        try folder.write(sentences(["happy", "sunny", "lovely"], "made us laugh"), to: "happy.txt")
        try folder.write(sentences(["sad", "gloomy", "awful"], "made us weep"), to: "sad.txt")
        try folder.write("The wind\nShe said\\n\n", to: "prompts.txt")
    }

    func vane(_ arguments: String..., environment: [String: String] = [:]) async throws -> ProcessResult {
        try await ProcessRunner.vane(arguments, in: folder, environment: environment)
    }

    /// Learns `joy.vane` and returns what was printed.
    @discardableResult
    func learn(_ more: String...) async throws -> ProcessResult {
        let arguments = [
            "learn", "joy", "--positive", "happy.txt", "--negative", "sad.txt", "--model", model,
        ]
        let result = try await ProcessRunner.vane(arguments + more, in: folder)
        #expect(result.status == 0 && result.error.isEmpty, "\(result)")
        return result
    }

    /// A copy of the fixture model with some files replaced (nil removes one).
    func brokenModel(_ changes: [String: Data?]) throws -> String {
        let path = folder.file("broken")
        try FileManager.default.copyItem(atPath: model, toPath: path)
        for (name, bytes) in changes {
            let url = URL(fileURLWithPath: "\(path)/\(name)")
            try FileManager.default.removeItem(at: url)
            if let bytes { try bytes.write(to: url) }
        }
        return path
    }
}

extension ProcessResult {
    /// Checks the exit code and that standard error is one line that holds `parts`; a usage error of the
    /// argument parser may add its usage lines.
    func expectFailure(
        _ status: Int32, _ parts: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(self.status == status, "\(self)", sourceLocation: sourceLocation)
        #expect(output.isEmpty, "\(self)", sourceLocation: sourceLocation)
        for part in parts { #expect(error.contains(part), "\(self)", sourceLocation: sourceLocation) }
        let isUsage = status == 64 && error.hasPrefix("Error: ")
        let count = errorLines.count { !$0.hasPrefix("vane: ") }
        #expect(
            isUsage ? errorLines.contains { $0.hasPrefix("Usage: ") } : count == 0 && errorLines.count == 1,
            "\(self)",
            sourceLocation: sourceLocation)
    }
}
