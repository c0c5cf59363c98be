import Foundation
import Testing
import VaneTestSupport

@Suite("The shape of a feature by command", .serialized)
struct ShapeCommandTests {
    private let desk: Desk

    init() throws { desk = try Desk() }

    @Test("concepts, classes of a file and sequences are looked at, with page and chart")
    func shapes() async throws {
        let result = try await desk.vane(
            "test", "shape", "past", "present", "future", "--permutations", "19", "--json", "--html",
            "shape.html",
            "--svg", "shape.svg")
        let rows = try #require(try result.object()["rows"] as? [[String: Any]], "\(result)")
        #expect(rows.count == 6 && rows.allSatisfy { $0["kind"] is String && $0["pValue"] is Double })
        #expect(rows.contains { $0["kind"] as? String != "nothing" }, "tense is there: \(result.output)")
        #expect(String(decoding: try desk.folder.read("shape.html"), as: UTF8.self).contains("circle"))
        #expect(String(decoding: try desk.folder.read("shape.svg"), as: UTF8.self).hasPrefix("<svg"))

        let words = ["red", "blue", "old"]
        var lines: [String] = []
        for number in 0..<60 {
            let (a, b) = (words[number % 3], words[number / 3 % 3])
            lines.append("\(a) \(b)\t\(a) \(b)")
        }
        try desk.folder.write(lines.joined(separator: "\n"), to: "sequences.tsv")
        let codes = try await desk.vane("test", "shape", "--classes", "sequences.tsv", "--pooling", "last")
        #expect(codes.status == 0 && codes.output.contains("factor"), "\(codes)")

        try desk.folder.write("a\tone\nno tab", to: "bad.tsv")
        try await desk.vane("test", "shape", "--classes", "bad.tsv").expectFailure(65, ["bad.tsv"])
        try await desk.vane("test", "shape", "joy").expectFailure(64, ["sentiment"])
        try await desk.vane("test", "shape").expectFailure(64, ["--classes"])
        try await desk.vane("test", "shape", "--classes", "none.tsv").expectFailure(66, ["none.tsv"])
    }
}
