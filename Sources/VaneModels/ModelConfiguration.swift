public import Foundation
import VaneTensors

/// A model's `config.json`, read key by key with errors that name file, key and expectation.
public struct ModelConfiguration {
    /// What errors call it.
    public let name: String
    private let values: [String: Any]

    /// Reads `config.json` in `folder`.
    ///
    /// - Throws: ``ModelError`` `unreadable` or `malformedConfiguration`.
    public init(folder: String) throws {
        let path = folder + "/config.json"
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue
        else {
            throw ModelError(.unreadable, "there is no model folder \(folder)")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ModelError(.unreadable, "\(folder) has no config.json that can be read")
        }
        try self.init(json: data, name: path)
    }

    /// Reads the contents of a `config.json`.
    ///
    /// - Throws: ``ModelError`` `malformedConfiguration`.
    public init(json: Data, name: String) throws {
        guard let object = try? JSONSerialization.jsonObject(with: json) as? [String: Any] else {
            throw ModelError(.malformedConfiguration, "\(name) is not a JSON object")
        }
        self.name = name
        values = object
    }

    private init(name: String, values: [String: Any]) {
        self.name = name
        self.values = values
    }

    /// `model_type`, which names the architecture.
    public var modelType: String {
        get throws { try string("model_type") }
    }

    /// The object under `key`, nil when absent or null.
    func object(_ key: String) throws -> ModelConfiguration? {
        guard let value = present(key) else { return nil }
        guard let object = value as? [String: Any] else { throw unexpected(key, "an object") }
        return ModelConfiguration(name: "\(name): \(key)", values: object)
    }

    func string(_ key: String, default fallback: String? = nil) throws -> String {
        guard let value = present(key) else { return try need(fallback, key) }
        guard let string = value as? String else { throw unexpected(key, "a string") }
        return string
    }

    /// A whole number in `1...limit`.
    func positive(_ key: String, default fallback: Int? = nil, limit: Int = 1 << 24) throws -> Int {
        guard let value = present(key) else { return try need(fallback, key) }
        guard let number = value as? Int, !isFlag(value), (1...limit).contains(number) else {
            throw unexpected(key, "a whole number from 1 to \(limit)")
        }
        return number
    }

    /// A number above 0.
    func number(_ key: String, default fallback: Double? = nil) throws -> Double {
        guard let value = present(key) else { return try need(fallback, key) }
        guard let number = value as? Double, !isFlag(value), number.isFinite, number > 0 else {
            throw unexpected(key, "a positive number")
        }
        return number
    }

    func flag(_ key: String, default fallback: Bool) throws -> Bool {
        guard let value = present(key) else { return fallback }
        guard let flag = value as? Bool, isFlag(value) else { throw unexpected(key, "true or false") }
        return flag
    }

    /// The value under `key` as it stands, nil when absent or null.
    func raw(_ key: String) -> Any? { present(key) }

    func unexpected(_ key: String, _ expectation: String) -> ModelError {
        ModelError(.malformedConfiguration, "\(name): '\(key)' should be \(expectation)")
    }

    func unsupported(_ key: String, _ value: String, _ known: String) -> ModelError {
        ModelError(.unsupportedVariant, "\(name): '\(key)' is \(value); Vane knows \(known)")
    }

    /// A hidden layer's activation function by its Hugging Face name.
    func activation(_ key: String, default fallback: String? = nil) throws -> ActivationFunction {
        let name = try string(key, default: fallback)
        switch name {
        case "gelu": return .gelu
        case "gelu_new", "gelu_pytorch_tanh", "gelu_fast": return .geluTanh
        case "silu", "swish": return .silu
        case "relu": return .relu
        default:
            throw unsupported(key, "'\(name)'", "gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, silu and relu")
        }
    }

    /// Whether a JSON value is `true` or `false`; `is Bool` also holds for the numbers 0 and 1.
    private func isFlag(_ value: Any) -> Bool {
        (value as? NSNumber).map { String(cString: $0.objCType) == "c" } ?? false
    }

    private func present(_ key: String) -> Any? {
        guard let value = values[key], !(value is NSNull) else { return nil }
        return value
    }

    private func need<T>(_ fallback: T?, _ key: String) throws -> T {
        guard let fallback else {
            throw ModelError(.malformedConfiguration, "\(name) lacks the key '\(key)'")
        }
        return fallback
    }
}

extension ModelConfiguration {
    /// Token ids under `key`, a whole number or a list of them; none when absent.
    ///
    /// - Throws: ``ModelError`` `malformedConfiguration`.
    public func tokenIDs(_ key: String) throws -> [Int] {
        guard let value = raw(key) else { return [] }
        let ids = value as? [Int] ?? (value as? Int).map { [$0] }
        guard let ids, ids.allSatisfy({ $0 >= 0 }) else {
            throw unexpected(key, "a token id or a list of them")
        }
        return ids
    }
}
