import Foundation

/// Reads examples from the files people have.
public enum ExampleFile {
    /// Which columns or keys of a labelled file to read.
    public struct Columns: Sendable {
        /// The column of the text.
        public var text: String
        /// The column of the label.
        public var label: String
        /// The label that means positive, every other one being negative; nil understands 1/0, true/false,
        /// yes/no, positive/negative and pos/neg.
        public var positive: String?

        /// The default names are `text` and `label`.
        public init(text: String = "text", label: String = "label", positive: String? = nil) {
            self.text = text
            self.label = label
            self.positive = positive
        }
    }

    /// The texts of one class: a text file with one example a line (empty lines are skipped), a JSON list of
    /// strings (`.json`), or JSON lines that are strings or objects with a `text` (`.jsonl`). Blank texts are
    /// left out.
    ///
    /// - Throws: ``ConceptError`` `missingFile` or `malformedFile`, naming file and line.
    public static func texts(path: String, textKey: String = "text") throws -> [String] {
        let content = try read(path)
        switch (path as NSString).pathExtension.lowercased() {
        case "json":
            guard let list = try json(content, path, "the file") as? [Any] else {
                throw malformed(path, "a JSON list of strings is expected")
            }
            return try list.enumerated().map { try text($1, textKey, "\(path), entry \($0 + 1)") }
                .filter { !isBlank($0) }
        case "jsonl", "ndjson":
            return try lines(content).map { number, line in
                try text(json(line, path, "line \(number)"), textKey, "\(path), line \(number)")
            }.filter { !isBlank($0) }
        case "csv", "tsv":
            throw malformed(path, "a table is not a list of texts; labelled examples go to --examples")
        default:
            return lines(content).map(\.1)
        }
    }

    /// The objects of a file of JSON lines, each with its place in words.
    static func objects(path: String) throws -> [(place: String, object: [String: Any])] {
        try objects(read(path), path)
    }

    private static func objects(_ content: String, _ path: String) throws -> [(
        place: String, object: [String: Any]
    )] {
        try lines(content).map { number, line in
            let place = "\(path), line \(number)"
            guard let object = try json(line, path, "line \(number)") as? [String: Any] else {
                throw malformed(place, "a JSON object is expected")
            }
            return (place, object)
        }
    }

    /// Labelled examples: a table with a header line, tab-separated without quoting (`.tsv`) or
    /// comma-separated with RFC 4180 quoting (`.csv`), or JSON lines (`.jsonl`).
    ///
    /// - Throws: ``ConceptError`` `missingFile`, `malformedFile` (naming file, line and column) or
    ///   `unusableExamples`.
    public static func labelled(path: String, columns: Columns = Columns()) throws -> ExampleSet {
        let content = try read(path)
        let rows: [(place: String, text: String, labels: [String])]
        switch (path as NSString).pathExtension.lowercased() {
        case "jsonl", "ndjson":
            rows = try objects(content, path).map { place, object in
                guard let label = object[columns.label] else {
                    throw malformed(place, "the key '\(columns.label)' is missing")
                }
                return (place, try text(object, columns.text, place), spellings(label))
            }
        case "csv": rows = try table(CSV.rows(content, path), path, columns)
        case "tsv", "txt":
            rows = try table(
                lines(content).map {
                    ($0, $1.split(separator: "\t", omittingEmptySubsequences: false).map(String.init))
                },
                path, columns)
        default:
            throw malformed(path, "labelled examples are read from .tsv, .csv or .jsonl files")
        }
        var positive: [String] = []
        var negative: [String] = []
        for row in rows where !isBlank(row.text) {
            if try isPositive(row.labels, columns, row.place) {
                positive.append(row.text)
            } else {
                negative.append(row.text)
            }
        }
        return try ExampleSet(positive: positive, negative: negative)
    }

    private static func table(
        _ rows: [(Int, [String])], _ path: String, _ columns: Columns
    ) throws -> [(place: String, text: String, labels: [String])] {
        guard let header = rows.first?.1 else { throw malformed(path, "the file is empty") }
        func column(_ name: String) throws -> Int {
            guard let index = header.firstIndex(of: name) else {
                throw malformed(
                    path, "there is no column '\(name)'; the header has \(header.joined(separator: ", "))")
            }
            return index
        }
        let (textColumn, labelColumn) = (try column(columns.text), try column(columns.label))
        return try rows.dropFirst().map { number, fields in
            let place = "\(path), line \(number)"
            guard fields.count == header.count else {
                throw malformed(place, "\(fields.count) fields where the header has \(header.count)")
            }
            return (place, fields[textColumn], [fields[labelColumn]])
        }
    }

    private static func isPositive(_ labels: [String], _ columns: Columns, _ place: String) throws -> Bool {
        if let positive = columns.positive { return labels.contains(positive) }
        let label = labels.first ?? ""
        switch label.lowercased() {
        case "1", "1.0", "true", "yes", "positive", "pos": return true
        case "0", "0.0", "-1", "false", "no", "negative", "neg": return false
        default:
            throw malformed(
                place,
                "the label '\(label.prefix(40))' is not one of 1/0, true/false, yes/no, positive/negative; "
                    + "name the positive one with --positive-label")
        }
    }

    /// How people write a JSON label; Foundation does not tell `1` from `true`.
    private static func spellings(_ label: Any) -> [String] {
        guard let number = label as? NSNumber else { return [(label as? String) ?? "\(label)"] }
        return [number.stringValue] + ((label as? Bool).map { [$0 ? "true" : "false"] } ?? [])
    }

    static func isBlank(_ text: String) -> Bool { text.allSatisfy { $0.isWhitespace } }

    private static func text(_ value: Any, _ key: String, _ place: String) throws -> String {
        if let text = value as? String { return text }
        guard let text = (value as? [String: Any])?[key] as? String else {
            throw malformed(place, "a string or an object with the key '\(key)' is expected")
        }
        return text
    }

    private static func json(_ text: String, _ path: String, _ what: String) throws -> Any {
        do {
            return try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
        } catch { throw malformed(path, "\(what) is not JSON") }
    }

    /// The non-empty lines with their numbers, line ends of any system. Unicode's own separators are part of
    /// a text: JSON and tables of real sentences hold them.
    static func lines(_ content: String) -> [(Int, String)] {
        content.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
            .enumerated()
            .map { ($0 + 1, String($1)) }.filter { !isBlank($1) }
    }

    static func read(_ path: String) throws -> String {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
            throw ConceptError(.missingFile, "there is no file \(path)")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ConceptError(.missingFile, "\(path) cannot be read")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw malformed(path, "it is not UTF-8 text")
        }
        return text.first == "\u{FEFF}" ? String(text.dropFirst()) : text
    }

    static func malformed(_ place: String, _ what: String) -> ConceptError {
        ConceptError(.malformedFile, "\(place): \(what)")
    }
}

/// Comma-separated values after RFC 4180: quoted fields may hold commas, line breaks and doubled quotes.
enum CSV {
    /// The rows with the number of the line each begins on.
    ///
    /// Works on scalars: a comma stays a comma when the next field begins with a combining mark.
    static func rows(_ content: String, _ path: String) throws -> [(Int, [String])] {
        let scalars = content.unicodeScalars
        var rows: [(Int, [String])] = []
        var fields: [String] = []
        var field = String.UnicodeScalarView()
        var isQuoted = false
        var wasQuoted = false
        var (line, firstLine) = (1, 1)
        func endField() {
            fields.append(String(field))
            (field, wasQuoted) = (String.UnicodeScalarView(), false)
        }
        func endRow() {
            let isEmpty = fields.isEmpty && field.isEmpty && !wasQuoted
            endField()
            if !isEmpty { rows.append((firstLine, fields)) }
            fields = []
        }
        var index = scalars.startIndex
        while index < scalars.endIndex {
            let scalar = scalars[index]
            let after = scalars.index(after: index)
            let next = after < scalars.endIndex ? scalars[after] : nil
            let endsLine = scalar == "\n" || (scalar == "\r" && next != "\n")
            if endsLine { line += 1 }
            index = after
            if isQuoted {
                if scalar != "\"" {
                    field.append(scalar)
                } else if next == "\"" {
                    field.append(scalar)
                    index = scalars.index(after: after)
                } else {
                    isQuoted = false
                }
            } else if scalar == "\"" && field.isEmpty && !wasQuoted {
                (isQuoted, wasQuoted) = (true, true)
            } else if scalar == "," {
                endField()
            } else if endsLine {
                endRow()
                firstLine = line
            } else if scalar != "\r" {
                field.append(scalar)
            }
        }
        guard !isQuoted else {
            throw ExampleFile.malformed("\(path), line \(firstLine)", "a quoted field does not end")
        }
        if !field.isEmpty || !fields.isEmpty || wasQuoted { endRow() }
        return rows
    }
}
