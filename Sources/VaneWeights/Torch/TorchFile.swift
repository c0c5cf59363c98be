import Foundation
import VaneTensors

/// A file that `torch.save` wrote, memory-mapped: a zip archive, or the single stream of PyTorch before 1.6.
///
/// Such a file is a pickle, which may run code. This reader runs none: it reads tensors, numbers, texts, and
/// lists, tuples and dictionaries of them, and refuses everything else by name. Models saved whole, arrays of
/// NumPy and sparse or quantised tensors are therefore refused.
public struct TorchFile: Sendable {
    /// The path.
    public let name: String
    /// What it holds.
    public let value: TorchValue

    /// Maps the file at `path` and reads its pickle; tensors are read when they are asked for.
    ///
    /// - Throws: ``WeightsError`` `unreadable` or `malformed`, naming the file and what is refused.
    public init(path: String) throws { try self.init(storage: .file(path), name: path) }

    /// Reads a file's contents that are in memory already; `name` is what errors call them.
    ///
    /// - Throws: ``WeightsError`` `malformed`.
    package init(bytes: UnsafeRawBufferPointer, name: String) throws {
        try self.init(storage: .copy(of: bytes), name: name)
    }

    private init(storage: Storage, name: String) throws {
        self.name = name
        let bytes = UnsafeRawBufferPointer(start: storage.base, count: storage.byteCount)
        // The bytes live as long as `storage`, which the tensors hold.
        value = try withExtendedLifetime(storage) {
            bytes.starts(with: [0x50, 0x4B])
                ? try TorchFile.archive(bytes, storage, name) : try TorchFile.stream(bytes, storage, name)
        }
    }

    /// The tensors of a dictionary whose keys are texts, which is what a state dictionary is.
    public var tensors: [String: TorchTensor] {
        guard case .dictionary(let pairs) = value else { return [:] }
        var tensors: [String: TorchTensor] = [:]
        for (key, value) in pairs {
            if case .string(let name) = key, case .tensor(let tensor) = value { tensors[name] = tensor }
        }
        return tensors
    }

    /// A zip archive: `<folder>/data.pkl`, and `<folder>/data/<key>` for each storage.
    private static func archive(
        _ bytes: UnsafeRawBufferPointer, _ storage: Storage, _ name: String
    ) throws -> TorchValue {
        let zip = try StoredZip(bytes, file: name)
        let pickles = zip.entries.keys.filter { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }
        guard pickles.count == 1, let pickle = pickles.first, let range = zip.entries[pickle] else {
            throw WeightsError(
                .malformed,
                "\(name) is a zip archive with \(pickles.count) entries data.pkl, torch.save makes 1")
        }
        let folder = String(pickle.dropLast("data.pkl".count))
        if let order = zip.entries[folder + "byteorder"], !bytes[order].elementsEqual("little".utf8) {
            throw WeightsError(.malformed, "\(name): its numbers are big-endian, little-endian ones are read")
        }
        let part = UnsafeRawBufferPointer(rebasing: bytes[range])
        var machine = PickleMachine(part, from: 0, file: name)
        let result = try machine.run()
        let reader = TorchObjects(machine: machine, storage: storage, file: name) { key in
            zip.entries["\(folder)data/\(key)"]
        }
        return try reader.value(result)
    }

    /// Five pickles (magic number, protocol, machine, object, storage keys), then the storages: 8 bytes
    /// count, then the elements.
    private static func stream(
        _ bytes: UnsafeRawBufferPointer, _ storage: Storage, _ name: String
    ) throws -> TorchValue {
        var machine = PickleMachine(bytes, from: 0, file: name)
        func next() throws -> PickleMachine.Node {
            machine = PickleMachine(bytes, from: machine.position, file: name)
            let result = try machine.run()
            return machine.nodes[result]
        }
        guard case .wideInteger(let magic) = try next(),
            magic == [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
        else { throw machine.refused("it does not begin with PyTorch's magic number") }
        guard case .integer(1001) = try next() else {
            throw machine.refused("it does not have PyTorch's protocol 1001")
        }
        guard case .dictionary(let facts) = try next() else {
            throw machine.refused("the facts of the machine that wrote it are missing")
        }
        for index in stride(from: 0, to: facts.count - 1, by: 2) {
            if case .string("little_endian") = machine.nodes[facts[index]],
                case .bool(false) = machine.nodes[facts[index + 1]]
            {
                throw machine.refused("its numbers are big-endian, little-endian ones are read")
            }
        }
        var object = PickleMachine(bytes, from: machine.position, file: name)
        let result = try object.run()
        machine = PickleMachine(bytes, from: object.position, file: name)
        guard case .list(let keys) = try next() else {
            throw machine.refused("the list of its storages is missing")
        }
        let sizes = object.elementSizes
        var ranges: [String: Range<Int>] = [:]
        var place = machine.position
        for key in keys {
            guard case .string(let key) = machine.nodes[key], let size = sizes[key] else {
                throw machine.refused("it lists a storage that no tensor uses")
            }
            guard place <= bytes.count - 8,
                let count = Int(
                    exactly: Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: Int64.self))),
                count >= 0, count <= (bytes.count - place - 8) / size
            else { throw machine.refused("the storage '\(key)' is cut short") }
            ranges[key] = place + 8..<place + 8 + count * size
            place += 8 + count * size
        }
        return try TorchObjects(machine: object, storage: storage, file: name) { ranges[$0] }.value(result)
    }
}
