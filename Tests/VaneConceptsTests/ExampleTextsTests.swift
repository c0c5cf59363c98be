import Foundation
import Testing
import VaneConcepts
import VaneTestSupport

@Suite("Files of one class")
struct ExampleTextsTests {
    private let folder: ProcessFolder

    init() throws { folder = try ProcessFolder() }

    @Test("a text file has an example a line, whatever its line ends", arguments: ["\n", "\r\n", "\r"])
    func text(end: String) throws {
        let path = try folder.write(
            ["one fish", "", "two, \"fish\"\t!", "   ", "drei Fische ü"].joined(separator: end), to: "a.txt")
        #expect(try ExampleFile.texts(path: path) == ["one fish", "two, \"fish\"\t!", "drei Fische ü"])
    }

    @Test("a byte order mark is no part of the first text")
    func mark() throws {
        let path = try folder.write("\u{FEFF}one\ntwo\u{FEFF}\n", to: "a.txt")
        #expect(try ExampleFile.texts(path: path) == ["one", "two\u{FEFF}"])
    }

    @Test(
        "separators inside a text do not break its line",
        arguments: ["\u{2028}", "\u{2029}", "\u{85}", "\u{B}", "\u{C}"])
    func separators(separator: String) throws {
        let text = "a\(separator)b"
        #expect(try ExampleFile.texts(path: folder.write("\(text)\nc\n", to: "a.txt")) == [text, "c"])
        guard separator.unicodeScalars.allSatisfy({ $0.value >= 32 }) else { return }
        #expect(
            try ExampleFile.texts(path: folder.write("\"\(text)\"\n\"c\"", to: "a.jsonl")) == [text, "c"])
    }

    @Test("a JSON list holds strings or objects with the text")
    func list() throws {
        let path = try folder.write(#"["one\ntwo", {"text": "three", "more": 4}, "  "]"#, to: "a.json")
        #expect(try ExampleFile.texts(path: path) == ["one\ntwo", "three"])
        let other = try folder.write(#"[{"body": "x"}]"#, to: "b.JSON")
        #expect(try ExampleFile.texts(path: other, textKey: "body") == ["x"])
    }

    @Test("JSON lines hold strings or objects with the text", arguments: ["jsonl", "ndjson"])
    func jsonLines(ending: String) throws {
        let path = try folder.write("\"one\"\r\n\n{\"text\": \"two\\nlines\"}\n\"\"\n", to: "a.\(ending)")
        #expect(try ExampleFile.texts(path: path) == ["one", "two\nlines"])
    }

    @Test(
        "an unreadable file is refused, naming file and place",
        arguments: [
            ("a.json", #"{"text": "x"}"#, ["a.json", "list"]), ("b.json", "[\"x\"", ["b.json", "not JSON"]),
            ("c.json", "[\"x\", 3]", ["c.json", "entry 2"]), ("d.json", "", ["d.json", "not JSON"]),
            ("e.jsonl", "\"x\"\n\n{\"text\": 3}", ["e.jsonl", "line 3", "'text'"]),
            ("f.jsonl", "\"x\"\nnonsense", ["f.jsonl", "line 2", "not JSON"]),
            ("g.jsonl", "{\"body\": \"x\"}", ["g.jsonl", "line 1", "'text'"]),
        ])
    func malformed(name: String, content: String, parts: [String]) throws {
        let path = try folder.write(content, to: name)
        let error = #expect(throws: ConceptError.self) { try ExampleFile.texts(path: path) }
        #expect(error?.code == .malformedFile)
        for part in parts { #expect(error?.message.contains(part) == true, "\(error?.message ?? "")") }
    }

    @Test("bytes that are not UTF-8 are refused", arguments: ["txt", "json", "jsonl"])
    func notUTF8(ending: String) throws {
        let path = try folder.write(Data([0x61, 0xFF, 0xFE, 0x62]), to: "a.\(ending)")
        let error = #expect(throws: ConceptError.self) { try ExampleFile.texts(path: path) }
        #expect(error?.code == .malformedFile && error?.message.contains("UTF-8") == true)
        #expect(error?.message.contains(path) == true)
    }

    @Test("a missing file and a folder are told apart from a bad one")
    func missing() throws {
        for path in [folder.file("nowhere.txt"), folder.path] {
            let error = #expect(throws: ConceptError.self) { try ExampleFile.texts(path: path) }
            #expect(error?.code == .missingFile && error?.message.contains(path) == true)
        }
    }
}
