import Foundation
import Testing
import VaneConcepts
import VaneTestSupport

@Suite("Files of labelled examples")
struct LabelledExamplesTests {
    private let folder: ProcessFolder

    init() throws { folder = try ProcessFolder() }

    /// Eight rows of each class after `header`, joined by `separator`, and `more`.
    private func table(
        _ header: String, _ separator: String, end: String = "\n", labels: (String, String) = ("1", "0")
    )
        -> String
    {
        let rows = (0..<8).flatMap {
            ["good \($0)\(separator)\(labels.0)", "bad \($0)\(separator)\(labels.1)"]
        }
        return ([header] + rows).joined(separator: end) + end
    }

    private let good = (0..<8).map { "good \($0)" }
    private let bad = (0..<8).map { "bad \($0)" }

    private func message(_ name: String, _ content: String, _ columns: ExampleFile.Columns = .init()) throws
        -> String
    {
        let path = try folder.write(content, to: name)
        let error = #expect(throws: ConceptError.self) {
            try ExampleFile.labelled(path: path, columns: columns)
        }
        #expect(error?.code == .malformedFile && error?.message.contains(path) == true)
        return error?.message ?? ""
    }

    @Test(
        "tab- and comma-separated tables read alike, whatever their line ends",
        arguments: ["\n", "\r\n", "\r"])
    func tables(end: String) throws {
        for (name, separator) in [("a.tsv", "\t"), ("a.csv", ","), ("a.txt", "\t")] {
            let path = try folder.write(
                "\u{FEFF}" + table("text\(separator)label", separator, end: end), to: name)
            let set = try ExampleFile.labelled(path: path)
            #expect(set.positive == good && set.negative == bad && set.duplicates == 0, "\(name)")
        }
    }

    @Test("quoted fields may hold commas, line breaks and doubled quotes")
    func quotes() throws {
        let special = [
            "\"a, b\"": "a, b", "\"line\r\nbreak\"": "line\r\nbreak",
            "\"she said \"\"no\"\"\"": "she said \"no\"",
            "\"\"\"\"": "\"", "he said \"no\"": "he said \"no\"", "\"\u{301}accent\"": "\u{301}accent",
        ]
        for (field, text) in special {
            let path = try folder.write(table("text,label", ",") + "\(field),1\r\n\"\",0\n", to: "a.csv")
            #expect(try ExampleFile.labelled(path: path).positive == good + [text], "\(field)")
        }
        // In a tab-separated table quotes are characters like others.
        let path = try folder.write(table("text\tlabel", "\t") + "\"x\t1\n", to: "a.tsv")
        #expect(try ExampleFile.labelled(path: path).positive == good + ["\"x"])
    }

    @Test(
        "labels may be spelt in several ways",
        arguments: [
            ("1", "0"), ("1.0", "0.0"), ("true", "false"), ("TRUE", "False"), ("yes", "no"),
            ("positive", "negative"),
            ("pos", "neg"), ("1", "-1"),
        ])
    func spellings(labels: (String, String)) throws {
        let path = try folder.write(table("text\tlabel", "\t", labels: labels), to: "a.tsv")
        let set = try ExampleFile.labelled(path: path)
        #expect(set.positive == good && set.negative == bad)
    }

    @Test(
        "JSON lines may carry labels of any kind",
        arguments: [
            ("1", "0"), ("true", "false"), ("\"yes\"", "\"no\""), ("1.0", "0"), ("1", "-1"),
        ])
    func jsonLabels(labels: (String, String)) throws {
        let lines = (0..<8).map {
            "{\"text\": \"good \($0)\", \"label\": \(labels.0)}\n{\"label\": \(labels.1), \"text\": \"bad \($0)\"}\n"
        }
        let set = try ExampleFile.labelled(path: folder.write(lines.joined(), to: "a.jsonl"))
        #expect(set.positive == good && set.negative == bad)
    }

    @Test(
        "--positive-label takes any label, numbers of JSON included",
        arguments: [("1", "2"), ("true", "false"), ("2", "0")])
    func positiveLabel(labels: (String, String)) throws {
        let columns = ExampleFile.Columns(text: "t", label: "l", positive: labels.0)
        let lines = (0..<8).map {
            "{\"t\": \"good \($0)\", \"l\": \(labels.0)}\n{\"l\": \(labels.1), \"t\": \"bad \($0)\"}\n"
        }
        let set = try ExampleFile.labelled(
            path: folder.write(lines.joined(), to: "a.jsonl"), columns: columns)
        #expect(set.positive == good && set.negative == bad)
        let path = try folder.write(
            "x,l,t\n" + (0..<8).map { "0,Sports,good \($0)\n9,\($0),bad \($0)\n" }.joined(), to: "a.csv")
        let table = try ExampleFile.labelled(
            path: path, columns: .init(text: "t", label: "l", positive: "Sports"))
        #expect(table.positive == good && table.negative == bad)
    }

    @Test("a label without meaning names the line and the way out")
    func unknownLabel() throws {
        let text = try message("a.tsv", table("text\tlabel", "\t") + "odd\tmaybe\n")
        #expect(text.contains("line 18") && text.contains("'maybe'") && text.contains("--positive-label"))
    }

    @Test("wrong columns and wrong numbers of fields name the line")
    func structure() throws {
        #expect(
            try message("a.tsv", table("body\tlabel", "\t")).contains(
                "no column 'text'; the header has body, label"))
        #expect(try message("b.csv", table("text,kind", ",")).contains("no column 'label'"))
        #expect(try message("c.tsv", table("text\tlabel", "\t") + "x\t1\ty\n").contains("line 18: 3 fields"))
        #expect(
            try message("d.csv", table("text,label", ",") + "\"two\nlines\",1\nx\n").contains(
                "line 20: 1 fields"))
        #expect(try message("e.csv", table("text,label", ",") + "\"open,1\nx,0\n").contains("line 18"))
        #expect(try message("f.csv", "").contains("empty"))
        #expect(try message("g.jsonl", "{\"text\": \"x\"}").contains("line 1: the key 'label' is missing"))
        #expect(try message("h.jsonl", "\n[1]").contains("line 2: a JSON object"))
        #expect(try message("i.parquet", "x").contains(".tsv, .csv or .jsonl"))
    }
}
