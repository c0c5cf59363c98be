import Foundation
import VaneSites

/// Keeps the trials of a selection in a file, so that one that was stopped goes on.
///
/// The first line says what the trials depend on; a file for anything else is begun anew. A last line that was cut by a kill is
/// dropped.
final class Journal: Sendable {
    private struct Header: Codable, Equatable {
        let selection: String
    }

    private let path: String
    private let known: [String: MethodSelection.Trial]

    /// - Throws: ``EvaluationError`` `unusableInput` when the file cannot be written.
    init(path: String, key: String) throws {
        self.path = path
        let header = Header(selection: key)
        let lines = FileManager.default.contents(atPath: path).map {
            String(decoding: $0, as: UTF8.self).split(separator: "\n").map(String.init)
        }
        let isOwn =
            lines?.first.flatMap { try? JSONDecoder().decode(Header.self, from: Data($0.utf8)) } == header
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        var known: [String: MethodSelection.Trial] = [:]
        var kept = [try Journal.line(header)]
        for line in isOwn ? lines?.dropFirst() ?? [] : [] {
            guard let trial = try? decoder.decode(MethodSelection.Trial.self, from: Data(line.utf8))
            else { continue }
            known[Journal.key(trial.candidate, trial.round)] = trial
            kept.append(line)
        }
        self.known = known
        do {
            try (kept.joined(separator: "\n") + "\n").write(
                toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw EvaluationError(
                .unusableInput, "cannot write \(path): \(error.localizedDescription)")
        }
    }

    /// The trial if it was run before.
    func trial(_ candidate: MethodSelection.Candidate, round: Int) -> MethodSelection.Trial? {
        known[Journal.key(candidate, round)]
    }

    /// Appends a trial.
    func add(_ trial: MethodSelection.Trial) throws {
        guard let file = FileHandle(forWritingAtPath: path) else {
            throw EvaluationError(.unusableInput, "cannot write \(path): it is gone")
        }
        defer { try? file.close() }
        do {
            try file.seekToEnd()
            try file.write(contentsOf: Data((Journal.line(trial) + "\n").utf8))
        } catch {
            throw EvaluationError(
                .unusableInput, "cannot write \(path): \(error.localizedDescription)")
        }
    }

    private static func key(_ candidate: MethodSelection.Candidate, _ round: Int) -> String {
        "\(round) \(candidate.method) \(candidate.scope.rawValue) \(candidate.sites)"
    }

    private static func line(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
