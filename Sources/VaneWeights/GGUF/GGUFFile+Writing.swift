package import Foundation
public import VaneTensors

extension GGUFFile {
    /// The longest name of a tensor that ggml can hold, in bytes.
    public static let longestTensorName = 63

    /// Writes a GGUF file of version 3 to `path`: to a temporary file beside it, flushed, then renamed.
    ///
    /// Keys and tensors keep the order they are given in, and the same content gives the same bytes. Tensors
    /// are aligned to 32 bytes or to what `general.alignment` says.
    ///
    /// - Throws: ``WeightsError`` `unwritable`, also for a key or name that is empty, too long or there
    ///   twice, an array whose values are not of its kind, and a tensor of more than four dimensions.
    public static func write(
        metadata: [(key: String, value: GGUFValue)], tensors: [(name: String, tensor: Tensor)],
        to path: String
    ) throws {
        try AtomicFile.write(encode(metadata: metadata, tensors: tensors, name: path), to: path)
    }

    /// The bytes of such a file; `name` is what errors call it.
    ///
    /// - Throws: as ``write(metadata:tensors:to:)``.
    package static func encode(
        metadata: [(key: String, value: GGUFValue)], tensors: [(name: String, tensor: Tensor)], name: String
    ) throws -> Data {
        func failure(_ what: String) -> WeightsError {
            WeightsError(.unwritable, "cannot write \(name): \(what)")
        }
        var file = Data("GGUF".utf8)
        file.append(number: UInt32(3))
        file.append(number: UInt64(tensors.count))
        file.append(number: UInt64(metadata.count))
        var seen: Set<String> = []
        var alignment = 32
        for (key, value) in metadata {
            guard !key.isEmpty, key.utf8.count <= GGUFCursor.longestName, seen.insert(key).inserted else {
                throw failure("the key '\(key.prefix(80))' is empty, too long or there twice")
            }
            if key == "general.alignment" { alignment = try GGUFFile.alignment(value, failure) }
            file.append(text: key)
            file.append(number: value.kind.rawValue)
            try file.append(value: value, depth: 0) { failure("'\(key)' \($0)") }
        }
        seen = []
        var place = 0
        for (name, tensor) in tensors {
            guard !name.isEmpty, name.utf8.count <= longestTensorName, seen.insert(name).inserted else {
                throw failure("the tensor name '\(name.prefix(80))' is empty, too long or there twice")
            }
            let shape = tensor.shape.array
            guard shape.count <= 4 else { throw failure("'\(name)' has shape \(shape), 4 dimensions fit") }
            file.append(text: name)
            file.append(number: UInt32(shape.count))
            for dimension in shape.reversed() { file.append(number: UInt64(dimension)) }
            file.append(number: GGUFTensorType.number(of: tensor.dtype))
            file.append(number: UInt64(place))
            place += (tensor.shape.count * tensor.dtype.byteCount).roundedUp(to: alignment)
        }
        file.pad(to: alignment)
        for (_, tensor) in tensors {
            tensor.contiguous().readBytes { file.append(contentsOf: $0) }
            file.pad(to: alignment)
        }
        return file
    }
}

extension Data {
    fileprivate mutating func append(number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func append(text: String) {
        append(number: UInt64(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    fileprivate mutating func pad(to alignment: Int) {
        append(Data(count: count.roundedUp(to: alignment) - count))
    }

    fileprivate mutating func append(
        value: GGUFValue, depth: Int, _ failure: (String) -> WeightsError
    ) throws {
        switch value {
        case .uint8(let number): append(number: number)
        case .int8(let number): append(number: number)
        case .uint16(let number): append(number: number)
        case .int16(let number): append(number: number)
        case .uint32(let number): append(number: number)
        case .int32(let number): append(number: number)
        case .uint64(let number): append(number: number)
        case .int64(let number): append(number: number)
        case .float32(let number): append(number: number.bitPattern)
        case .float64(let number): append(number: number.bitPattern)
        case .bool(let truth): append(truth ? 1 : 0)
        case .string(let text): append(text: text)
        case .array(let kind, let values):
            guard values.allSatisfy({ $0.kind == kind }) else {
                throw failure("is an array of \(kind) that holds another kind")
            }
            guard depth < GGUFCursor.deepestArray else {
                throw failure("nests arrays more than \(GGUFCursor.deepestArray) deep")
            }
            append(number: kind.rawValue)
            append(number: UInt64(values.count))
            for value in values { try append(value: value, depth: depth + 1, failure) }
        }
    }
}

extension Int {
    fileprivate func roundedUp(to alignment: Int) -> Int { (self + alignment - 1) / alignment * alignment }
}
