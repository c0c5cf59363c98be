import VaneTensors

/// Makes plain values of the objects that a pickle left, and checks each tensor against its storage.
struct TorchObjects {
    /// Values may lie in values this deep.
    static let deepest = 16
    /// The most values that are made of one file.
    static let most = 1_000_000

    private let machine: PickleMachine
    private let storage: Storage
    private let file: String
    private let place: (String) -> Range<Int>?

    /// A reader of the objects in `machine`; `place` says where in the file the storage with a key lies.
    init(
        machine: PickleMachine, storage: Storage, file: String, place: @escaping (String) -> Range<Int>?
    ) {
        (self.machine, self.storage, self.file, self.place) = (machine, storage, file, place)
    }

    /// The value of object `index`.
    ///
    /// - Throws: ``WeightsError`` `malformed`, also for objects that contain themselves.
    func value(_ index: Int) throws -> TorchValue {
        var made = 0
        return try value(index, depth: 0, made: &made)
    }

    private func value(_ index: Int, depth: Int, made: inout Int) throws -> TorchValue {
        made += 1
        guard depth <= TorchObjects.deepest, made <= TorchObjects.most else {
            throw machine.refused(
                "it nests values over \(TorchObjects.deepest) deep, or holds over \(TorchObjects.most)"
            )
        }
        switch machine.nodes[index] {
        case .none: return .none
        case .bool(let value): return .bool(value)
        case .integer(let value): return .integer(value)
        case .number(let value): return .number(value)
        case .string(let text): return .string(text)
        case .list(let items), .tuple(let items):
            return .list(try items.map { try value($0, depth: depth + 1, made: &made) })
        case .dictionary(let items):
            return .dictionary(
                try stride(from: 0, to: items.count - 1, by: 2).map {
                    (
                        try value(items[$0], depth: depth + 1, made: &made),
                        try value(items[$0 + 1], depth: depth + 1, made: &made)
                    )
                })
        case .tensor(let arguments): return .tensor(try tensor(arguments))
        case .wideInteger, .bytes:
            throw machine.refused("it holds a number of more than 64 bits, or raw bytes")
        case .global, .storage: throw machine.refused("it holds a class or a bare storage")
        }
    }

    /// A tensor of `(storage, offset, size, stride, …)`.
    private func tensor(_ arguments: [Int]) throws -> TorchTensor {
        guard case .storage(let identifier) = machine.nodes[arguments[0]],
            case .integer(let offset) = machine.nodes[arguments[1]], offset >= 0,
            let shape = machine.integers(arguments[2]), let strides = machine.integers(arguments[3]),
            shape.count == strides.count, shape.count <= Shape.maximumRank,
            shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 })
        else {
            throw machine.refused(
                "a tensor lacks storage, offset, shape or strides, or has over \(Shape.maximumRank) dimensions"
            )
        }
        let (key, element) = try machine.storageKey(identifier)
        guard let range = place(key) else { throw machine.refused("the storage '\(key)' is missing") }
        let available = range.count / element.byteCount
        var count = 1
        var last = offset
        var isSound = true
        for (dimension, stride) in zip(shape, strides) {
            let (product, tooMany) = count.multipliedReportingOverflow(by: max(dimension, 1))
            let (reach, tooFar) = stride.multipliedReportingOverflow(by: max(dimension - 1, 0))
            let (end, tooLate) = last.addingReportingOverflow(reach)
            isSound = isSound && !tooMany && !tooFar && !tooLate
            (count, last) = (product, end)
        }
        let isEmpty = shape.contains(0)
        // More elements than the storage has would be one that is repeated; that could be made to fill any
        // memory.
        guard isSound, isEmpty ? offset <= available : last < available && count <= available else {
            throw machine.refused(
                "a tensor of shape \(shape), strides \(strides) and offset \(offset) leaves its storage "
                    + "'\(key)' of \(available) elements, or repeats some")
        }
        return TorchTensor(
            shape: shape, element: element, strides: strides,
            start: range.lowerBound + offset * element.byteCount,
            storage: storage, file: file)
    }
}

extension PickleMachine {
    /// The whole numbers of a list or tuple; nil for anything else.
    func integers(_ index: Int) -> [Int]? {
        let items: [Int]
        switch nodes[index] {
        case .list(let values), .tuple(let values): items = values
        default: return nil
        }
        guard items.count <= Shape.maximumRank else { return nil }
        var integers: [Int] = []
        for item in items {
            guard case .integer(let value) = nodes[item] else { return nil }
            integers.append(value)
        }
        return integers
    }

    /// Key and element type of the storage that `('storage', class, key, device, count)` names.
    func storageKey(_ index: Int) throws -> (String, TorchElement) {
        guard case .tuple(let parts) = nodes[index], parts.count >= 5,
            case .string("storage") = nodes[parts[0]], case .global(.storage(let name)) = nodes[parts[1]],
            case .string(let key) = nodes[parts[2]], let element = TorchElement(storage: name)
        else { throw refused("a tensor's storage is described in a way that is not known") }
        if parts.count > 5, case .none = nodes[parts[5]] {
        } else if parts.count > 5 {
            throw refused("the storage '\(key)' is a part of another one")
        }
        return (key, element)
    }

    /// Bytes of one element, by the keys of all storages that are named.
    var elementSizes: [String: Int] {
        var sizes: [String: Int] = [:]
        for node in nodes {
            if case .storage(let identifier) = node, let (key, element) = try? storageKey(identifier) {
                sizes[key] = max(sizes[key] ?? 0, element.byteCount)
            }
        }
        return sizes
    }
}
