/// Reads a pickle without running anything.
///
/// A pickle is a program for a stack machine that may call any function of Python. This machine knows the
/// instructions that plain data need, and a handful of names that it treats as data itself (see
/// ``PickleGlobal``); every other instruction or name is refused, by its own name.
///
/// Nodes lie in one array and refer to each other by index, as Python's objects do: a list can be changed
/// after something refers to it, and taking the nodes apart needs no recursion.
struct PickleMachine {
    /// The longest pickle read, in bytes. Tensors lie outside of it, so that a large model needs a few
    /// megabytes.
    static let longest = 64 << 20
    /// The most objects made, and the most on the stack.
    static let most = 4_000_000

    /// One object.
    enum Node {
        case none
        case bool(Bool)
        case integer(Int)
        /// A whole number of more than 8 bytes, little-endian.
        case wideInteger([UInt8])
        case number(Double)
        case string(String)
        case bytes([UInt8])
        case list([Int])
        case tuple([Int])
        /// Keys and values in turn.
        case dictionary([Int])
        case global(PickleGlobal)
        /// What a persistent identifier stands for: the tuple that names a storage.
        case storage(Int)
        /// The arguments of a tensor.
        case tensor([Int])
    }

    private(set) var nodes: [Node] = []
    private var stack: [Int] = []
    private var marks: [Int] = []
    private var memo: [Int: Int] = [:]
    private let bytes: UnsafeRawBufferPointer
    private let file: String
    /// Where the next instruction lies; after ``run()``, where the pickle ends.
    private(set) var position: Int

    /// A machine at byte `start` of `bytes`, which must outlive it; `file` is what errors call it.
    init(_ bytes: UnsafeRawBufferPointer, from start: Int, file: String) {
        (self.bytes, position, self.file) = (bytes, start, file)
    }

    /// The error that says what is wrong with the file.
    func refused(_ what: String) -> WeightsError {
        WeightsError(.malformed, "\(file) is not a pickle of plain tensors: \(what)")
    }

    /// Runs to the end and returns the index of the result.
    ///
    /// - Throws: ``WeightsError`` `malformed`.
    mutating func run() throws -> Int {
        let end = position + min(PickleMachine.longest, bytes.count - position)
        while position < end {
            let place = position
            let code = try number(UInt8.self)
            if code == UInt8(ascii: ".") { return try pop() }
            try step(code, place)
            guard nodes.count <= PickleMachine.most, stack.count <= PickleMachine.most else {
                throw refused("it makes more than \(PickleMachine.most) objects")
            }
        }
        throw refused("it is cut short, or longer than \(PickleMachine.longest) bytes")
    }

    private mutating func step(_ code: UInt8, _ place: Int) throws {
        switch code {
        case 0x80:  // PROTO
            let version = try number(UInt8.self)
            guard version <= 5 else { throw refused("it has protocol \(version), 0 to 5 are read") }
        case 0x95: _ = try number(UInt64.self)  // FRAME
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: "0"):
            if stack.count == (marks.last ?? 0) { _ = try popMark() } else { _ = try pop() }
        case UInt8(ascii: "1"): _ = try popMark()
        case UInt8(ascii: "2"):
            let top = try pop()
            stack += [top, top]
        case UInt8(ascii: "N"): push(.none)
        case 0x88: push(.bool(true))
        case 0x89: push(.bool(false))
        case UInt8(ascii: "J"): push(.integer(Int(try number(Int32.self))))
        case UInt8(ascii: "K"): push(.integer(Int(try number(UInt8.self))))
        case UInt8(ascii: "M"): push(.integer(Int(try number(UInt16.self))))
        case 0x8A: push(wide(try take(Int(try number(UInt8.self)))))
        case UInt8(ascii: "G"):
            push(
                .number(Double(bitPattern: UInt64(bigEndian: UInt64(littleEndian: try number(UInt64.self))))))
        case UInt8(ascii: "X"): push(.string(try text(Int(try number(UInt32.self)))))
        case 0x8C, UInt8(ascii: "U"): push(.string(try text(Int(try number(UInt8.self)))))
        case 0x8D: push(.string(try text(Int(clamping: try number(UInt64.self)))))
        case UInt8(ascii: "T"): push(.string(try text(Int(try number(UInt32.self)))))
        case UInt8(ascii: "C"): push(.bytes(try take(Int(try number(UInt8.self)))))
        case UInt8(ascii: "B"): push(.bytes(try take(Int(try number(UInt32.self)))))
        case UInt8(ascii: "]"): push(.list([]))
        case UInt8(ascii: "}"): push(.dictionary([]))
        case UInt8(ascii: ")"): push(.tuple([]))
        case UInt8(ascii: "t"): push(.tuple(try popMark()))
        case UInt8(ascii: "l"): push(.list(try popMark()))
        case UInt8(ascii: "d"): push(.dictionary(try pairs(popMark())))
        case 0x85: push(.tuple([try pop()]))
        case 0x86: push(.tuple(try pop(2)))
        case 0x87: push(.tuple(try pop(3)))
        case UInt8(ascii: "a"): try extend([try pop()], isList: true)
        case UInt8(ascii: "e"): try extend(try popMark(), isList: true)
        case UInt8(ascii: "s"): try extend(try pop(2), isList: false)
        case UInt8(ascii: "u"): try extend(try pairs(popMark()), isList: false)
        case UInt8(ascii: "q"): try remember(Int(try number(UInt8.self)))
        case UInt8(ascii: "r"): try remember(Int(try number(UInt32.self)))
        case 0x94: try remember(memo.count)
        case UInt8(ascii: "h"): try recall(Int(try number(UInt8.self)))
        case UInt8(ascii: "j"): try recall(Int(try number(UInt32.self)))
        case UInt8(ascii: "Q"): push(.storage(try pop()))
        case UInt8(ascii: "c"): push(.global(try global(module: line(), name: line())))
        case 0x93:
            let parts = try pop(2)
            guard case .string(let module) = nodes[parts[0]], case .string(let name) = nodes[parts[1]] else {
                throw refused("the name of a global is no text")
            }
            push(.global(try global(module: module, name: name)))
        case UInt8(ascii: "R"): try call()
        case UInt8(ascii: "b"): try build()
        default:
            throw refused(
                "the instruction 0x\(String(code, radix: 16)) at byte \(place) is not one that data need")
        }
    }

    /// A global's name, if it is one of those that stand for data.
    private func global(module: String, name: String) throws -> PickleGlobal {
        guard let global = PickleGlobal("\(module).\(name)") else {
            throw refused("it asks for '\(module).\(name)', and Vane runs no code from a file")
        }
        return global
    }

    /// REDUCE: what a call of one of the known names would make.
    private mutating func call() throws {
        let parts = try pop(2)
        guard case .global(let global) = nodes[parts[0]], case .tuple(let arguments) = nodes[parts[1]] else {
            throw refused("it calls something that is no known function")
        }
        switch global {
        case .orderedDictionary:
            guard arguments.isEmpty else { throw refused("it makes an OrderedDict from arguments") }
            push(.dictionary([]))
        case .size:
            guard arguments.count == 1, let first = arguments.first else {
                throw refused("torch.Size takes one argument")
            }
            switch nodes[first] {
            case .tuple(let values), .list(let values): push(.tuple(values))
            default: throw refused("torch.Size takes a tuple")
            }
        case .tensor:
            guard arguments.count >= 4 else {
                throw refused("a tensor has \(arguments.count) of 4 arguments")
            }
            push(.tensor(arguments))
        case .parameter:
            guard let first = arguments.first else { throw refused("a parameter has no tensor") }
            stack.append(first)
        case .storage(let name): throw refused("it makes a '\(name)' by itself")
        }
    }

    /// BUILD: sets an object's attributes. State dictionaries carry such a thing, which says nothing of the
    /// tensors.
    private mutating func build() throws {
        _ = try pop()
        guard let target = stack.last, stack.count > (marks.last ?? 0), case .dictionary = nodes[target]
        else {
            throw refused("it sets the attributes of something else than an OrderedDict")
        }
    }

    private mutating func extend(_ items: [Int], isList: Bool) throws {
        guard let target = stack.last, stack.count > (marks.last ?? 0) else {
            throw refused("its stack is empty")
        }
        // Taken out of the node while it grows, or every call would copy it.
        if isList, case .list(var values) = nodes[target] {
            nodes[target] = .none
            values += items
            nodes[target] = .list(values)
        } else if !isList, case .dictionary(var values) = nodes[target] {
            nodes[target] = .none
            values += items
            nodes[target] = .dictionary(values)
        } else {
            throw refused("it puts items into something that holds none")
        }
    }

    private func pairs(_ items: [Int]) throws -> [Int] {
        guard items.count.isMultiple(of: 2) else { throw refused("a key has no value") }
        return items
    }

    private mutating func push(_ node: Node) {
        nodes.append(node)
        stack.append(nodes.count - 1)
    }

    private mutating func pop() throws -> Int {
        guard stack.count > (marks.last ?? 0), let top = stack.popLast() else {
            throw refused("its stack is empty")
        }
        return top
    }

    private mutating func pop(_ count: Int) throws -> [Int] {
        guard stack.count - count >= (marks.last ?? 0) else { throw refused("its stack is empty") }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popMark() throws -> [Int] {
        guard let mark = marks.popLast() else { throw refused("a mark is missing") }
        defer { stack.removeLast(stack.count - mark) }
        return Array(stack[mark...])
    }

    private mutating func remember(_ key: Int) throws {
        guard let top = stack.last else { throw refused("its stack is empty") }
        memo[key] = top
    }

    private mutating func recall(_ key: Int) throws {
        guard let index = memo[key] else { throw refused("it recalls entry \(key), which was not kept") }
        stack.append(index)
    }

    private func wide(_ bytes: [UInt8]) -> Node {
        guard bytes.count <= 8 else { return .wideInteger(bytes) }
        let fill: UInt8 = (bytes.last ?? 0) & 0x80 == 0 ? 0 : 0xFF
        var value: UInt64 = 0
        for index in (0..<8).reversed() {
            value = value << 8 | UInt64(index < bytes.count ? bytes[index] : fill)
        }
        return .integer(Int(Int64(bitPattern: value)))
    }

    private mutating func number<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
        guard position <= bytes.count - MemoryLayout<T>.size else { throw refused("it is cut short") }
        defer { position += MemoryLayout<T>.size }
        return T(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: T.self))
    }

    private mutating func take(_ count: Int) throws -> [UInt8] {
        guard count <= bytes.count - position else { throw refused("it is cut short") }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    private mutating func text(_ count: Int) throws -> String {
        guard let text = String(validating: try take(count), as: UTF8.self) else {
            throw refused("a text in it is not UTF-8")
        }
        return text
    }

    private mutating func line() throws -> String {
        let limit = min(bytes.count, position + 1024)
        guard position < limit, let end = bytes[position..<limit].firstIndex(of: UInt8(ascii: "\n")) else {
            throw refused("a name in it is cut short")
        }
        defer { position = end + 1 }
        guard let text = String(validating: bytes[position..<end], as: UTF8.self) else {
            throw refused("a name in it is not UTF-8")
        }
        return text
    }
}
