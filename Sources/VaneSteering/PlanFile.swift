public import Foundation
public import VaneSites
import VaneWeights

/// A plan in a JSON file:
///
///     {"entries": [{"concept": "joy.vane", "goal": "add", "target": 0.95}]}
///
/// `format`, `siteConvention` and `model` may stand beside `entries`; a plan that carries data of a model,
/// such as maps, should name it. A concept is named in a file as whoever reads the file looks it up:
/// `vane steer` takes a concept file beside the plan, a path, or a concept of the built-in model.
public struct PlanFile: Sendable, Hashable {
    /// The plan.
    public var plan: SteeringPlan
    /// The model that the plan's data come from; nil for one that suits any model.
    public var model: ModelIdentity?

    /// The version that is written, and the only one that is read.
    public static let formatVersion = 1
    /// The largest file that is read, in bytes.
    public static let sizeLimit = 128 << 20
    /// The most edits a file may ask for: entries, times their sites, times the rows of a block.
    static let editLimit = 16384

    /// A plan for a file.
    public init(_ plan: SteeringPlan, model: ModelIdentity? = nil) {
        self.plan = plan
        self.model = model
    }

    /// Reads a plan file. Whether its strengths and data make sense is checked when the plan is compiled.
    ///
    /// - Throws: ``SteeringError`` `missingFile`, or `malformedFile` naming the file and the key.
    public init(contentsOf path: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
            let handle = FileHandle(forReadingAtPath: path)
        else { throw SteeringError(.missingFile, "there is no plan file \(path)") }
        defer { try? handle.close() }
        let data: Data
        do { data = try handle.read(upToCount: PlanFile.sizeLimit + 1) ?? Data() } catch {
            throw SteeringError(.missingFile, "the plan file \(path) cannot be read")
        }
        try self.init(data, named: path)
    }

    /// Reads the bytes of a plan file; `name` is for messages.
    ///
    /// - Throws: ``SteeringError`` `malformedFile`.
    public init(_ data: Data, named name: String) throws {
        func malformed(_ what: String) -> SteeringError {
            SteeringError(.malformedFile, "\(name): \(what)")
        }
        guard data.count <= PlanFile.sizeLimit else {
            throw malformed("it is larger than the \(PlanFile.sizeLimit >> 20) MiB that a plan may have")
        }
        let document: Document
        do { document = try JSONDecoder().decode(Document.self, from: data) } catch let error
            as DecodingError
        {
            throw malformed(PlanFile.explain(error))
        }
        guard document.format ?? PlanFile.formatVersion == PlanFile.formatVersion else {
            throw malformed(
                "it has format version \(document.format ?? 0), this Vane reads \(PlanFile.formatVersion)")
        }
        guard document.siteConvention ?? Site.convention == Site.convention else {
            throw malformed("its layers are counted by another convention")
        }
        let entries = document.entries.map(\.entry)
        // Entries at one site are compared with each other.
        let edits = entries.reduce(0) { $0 + max(1, $1.sites?.count ?? 1) * $1.operation.editCount }
        guard edits <= PlanFile.editLimit else {
            throw malformed("it asks for \(edits) edits; \(PlanFile.editLimit) are the most")
        }
        self.init(SteeringPlan(entries), model: document.model)
    }

    /// Writes the file; it appears whole or not at all.
    ///
    /// - Throws: ``SteeringError`` `invalidOperand` for a number that is not finite; `WeightsError`
    ///   `unwritable`.
    public func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A number a line would make long files of maps.
        if !plan.entries.contains(where: \.operation.carriesData) {
            encoder.outputFormatting.insert(.prettyPrinted)
        }
        let document = Document(
            format: PlanFile.formatVersion, siteConvention: Site.convention, model: model,
            entries: plan.entries.map(Document.Part.init))
        guard let data = try? encoder.encode(document) else {
            throw SteeringError(
                .invalidOperand, "cannot write \(path): a number of the plan is not finite")
        }
        try AtomicFile.write(data + Data("\n".utf8), to: path)
    }

    /// Refuses a model that the plan's data do not come from.
    ///
    /// - Throws: ``SteeringError`` `wrongModel`.
    public func requireModel(_ identity: ModelIdentity) throws {
        guard let model, model.fingerprint != identity.fingerprint else { return }
        throw SteeringError(
            .wrongModel,
            "the plan was made for \(model.name) (fingerprint \(model.fingerprint.prefix(16))…), this model is "
                + "\(identity.name) (fingerprint \(identity.fingerprint.prefix(16))…)")
    }
}

extension SteeringPlan.Operation {
    /// How many edits it makes at a site.
    fileprivate var editCount: Int {
        if case .block(let block) = self { max(1, block.rows.count) } else { 1 }
    }
}

/// The contents of a plan file.
private struct Document: Codable {
    /// An entry without unknown keys, so that a misspelt one is not passed over.
    struct Part: Codable {
        let entry: SteeringPlan.Entry

        init(_ entry: SteeringPlan.Entry) { self.entry = entry }

        init(from decoder: any Decoder) throws {
            try AnyKey.refuseOthers(than: SteeringPlan.Entry.keys, in: decoder)
            entry = try SteeringPlan.Entry(from: decoder)
        }

        func encode(to encoder: any Encoder) throws { try entry.encode(to: encoder) }
    }

    private enum CodingKeys: String, CodingKey, CaseIterable { case format, siteConvention, model, entries }

    let format: Int?
    let siteConvention: String?
    let model: ModelIdentity?
    let entries: [Part]

    init(format: Int?, siteConvention: String?, model: ModelIdentity?, entries: [Part]) {
        self.format = format
        self.siteConvention = siteConvention
        self.model = model
        self.entries = entries
    }

    init(from decoder: any Decoder) throws {
        try AnyKey.refuseOthers(than: CodingKeys.allCases.map(\.rawValue), in: decoder)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        format = try container.decodeIfPresent(Int.self, forKey: .format)
        siteConvention = try container.decodeIfPresent(String.self, forKey: .siteConvention)
        model = try container.decodeIfPresent(ModelIdentity.self, forKey: .model)
        entries = try container.decode([Part].self, forKey: .entries)
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }

    static func refuseOthers(than known: [String], in decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: AnyKey.self).allKeys
        guard let odd = keys.map(\.stringValue).filter({ !known.contains($0) }).min() else { return }
        throw DecodingError.dataCorrupted(
            DecodingError.Context(
                codingPath: decoder.codingPath + [AnyKey(stringValue: String(odd.prefix(60)))],
                debugDescription: "there is no such key; there are \(known.joined(separator: ", "))"))
    }
}

extension PlanFile {
    private static func explain(_ error: DecodingError) -> String {
        func place(_ path: [any CodingKey]) -> String {
            path.reduce("") { text, key in
                key.intValue.map { "\(text)[\($0)]" }
                    ?? text + (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
        switch error {
        case .keyNotFound(let key, let context):
            let path = place(context.codingPath)
            return "the key '\(key.stringValue)' is missing" + (path.isEmpty ? "" : " in '\(path)'")
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            let path = place(context.codingPath)
            return (path.isEmpty ? "the file" : "'\(path)'") + " should be \(name(of: type))"
        case .dataCorrupted(let context):
            let path = place(context.codingPath)
            return path.isEmpty ? context.debugDescription : "'\(path)': \(context.debugDescription)"
        @unknown default: return "\(error)"
        }
    }

    private static func name(of type: any Any.Type) -> String {
        switch "\(type)" {
        case let text where text.hasPrefix("Dictionary"): "an object"
        case let text where text.hasPrefix("Array"): "a list"
        case "String": "a text"
        case "Int": "a whole number"
        case "Float", "Double": "a number"
        case let text: "a \(text)"
        }
    }
}
