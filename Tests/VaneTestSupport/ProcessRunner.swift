public import Foundation

/// What a finished process left.
public struct ProcessResult: Sendable {
    /// The exit code; -1 when a signal ended the process.
    public let status: Int32
    /// Standard output.
    public let output: String
    /// Standard error.
    public let error: String

    /// The lines of standard error.
    public var errorLines: [Substring] { error.split(whereSeparator: \.isNewline) }

    /// Standard output as a JSON value.
    public func json() throws -> Any {
        try JSONSerialization.jsonObject(with: Data(output.utf8), options: .fragmentsAllowed)
    }

    /// Standard output as a JSON object; empty when it is another value.
    public func object() throws -> [String: Any] { try json() as? [String: Any] ?? [:] }
}

/// Runs the built `vane` program.
public enum ProcessRunner {
    /// `vane` beside the test bundle, or `$VANE_BINARY`.
    public static let program: URL? = {
        if let path = ProcessInfo.processInfo.environment["VANE_BINARY"] { return URL(fileURLWithPath: path) }
        return program(named: "vane")
    }()

    /// The built program `name` beside the test bundle.
    public static func program(named name: String) -> URL? {
        let bundles = Bundle.allBundles.filter { $0.bundleURL.pathExtension == "xctest" }.map(\.bundleURL)
        let places = bundles + [Bundle.main.bundleURL, URL(fileURLWithPath: CommandLine.arguments[0])]
        return places.flatMap { [$0, $0.deletingLastPathComponent()] }.map { $0.appendingPathComponent(name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    /// Runs `vane` with `arguments` in `folder`; standard output is no terminal.
    public static func vane(
        _ arguments: [String], in folder: ProcessFolder, environment: [String: String] = [:]
    ) async throws -> ProcessResult {
        guard let program else { throw CocoaError(.fileNoSuchFile) }
        // Files outside `folder`, which tests list; pipes could fill up.
        let streams = try ProcessFolder()
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        let inherited = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("VANE_") }
        process.environment = inherited.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        for name in ["output", "error"] { try streams.write("", to: name) }
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: streams.file("output")))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: streams.file("error")))
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { process in
                continuation.resume(
                    returning: process.terminationReason == .exit ? process.terminationStatus : -1)
            }
            do { try process.run() } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        return ProcessResult(
            status: status, output: String(decoding: try streams.read("output"), as: UTF8.self),
            error: String(decoding: try streams.read("error"), as: UTF8.self))
    }
}
