import Foundation
import Testing
import VaneTensors
import VaneTestSupport
import VaneWeights

@Suite("Hostile GGUF files are refused by name")
struct HostileGGUFTests {
    /// Puts a file together from parts, right or wrong.
    struct Builder {
        var data = Data()

        static func header(
            magic: String = "GGUF", version: UInt32 = 3, tensors: UInt64 = 0, keys: UInt64 = 0
        ) -> Builder {
            var builder = Builder()
            builder.data.append(contentsOf: magic.utf8)
            return builder.number(version).number(tensors).number(keys)
        }

        func number(_ value: some FixedWidthInteger) -> Builder {
            var copy = self
            withUnsafeBytes(of: value.littleEndian) { copy.data.append(contentsOf: $0) }
            return copy
        }

        func text(_ text: String, length: UInt64? = nil) -> Builder {
            var copy = number(length ?? UInt64(text.utf8.count))
            copy.data.append(contentsOf: text.utf8)
            return copy
        }

        func bytes(_ bytes: [UInt8]) -> Builder {
            var copy = self
            copy.data.append(contentsOf: bytes)
            return copy
        }

        func key(_ name: String, _ type: UInt32) -> Builder { text(name).number(type) }

        func tensor(_ name: String, _ shape: [UInt64], type: UInt32 = 0, at offset: UInt64 = 0) -> Builder {
            var copy = text(name).number(UInt32(shape.count))
            for dimension in shape { copy = copy.number(dimension) }
            return copy.number(type).number(offset)
        }

        /// Zeros up to the next multiple of 32, then `count` more.
        func body(_ count: Int) -> Data { data + Data(count: (32 - data.count % 32) % 32 + count) }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let data: Data
        let reason: String

        init(_ name: String, _ data: Data, _ reason: String) {
            (testDescription, self.data, self.reason) = (name, data, reason)
        }
        init(_ name: String, _ builder: Builder, _ reason: String) { self.init(name, builder.data, reason) }
    }

    private static let one = Builder.header(tensors: 1)
    private static let two = Builder.header(tensors: 2)
    private static let key = Builder.header(keys: 1)
    private static let nested = (0..<40).reduce(key.key("k", 9)) { builder, _ in
        builder.number(UInt32(9)).number(UInt64(1))
    }

    static let cases: [Case] = [
        Case("no bytes", Data(), "magic number"), Case("wrong magic", .header(magic: "GGML"), "'GGUF'"),
        Case("version 1", .header(version: 1), "version 1"),
        Case("version 4", .header(version: 4), "version 4"),
        Case("big-endian", .header(version: UInt32(3).byteSwapped), "big-endian"),
        Case("huge tensor count", .header(tensors: .max), "claims 18446744073709551615 tensors"),
        Case("huge key count", .header(keys: 1 << 62), "claims 4611686018427387904 keys"),
        Case("key without bytes", key.number(UInt64(5)).bytes([1]), "claims"),
        Case(
            "key longer than the file", key.text("abcdefghijklm", length: 1 << 40),
            "claims 1099511627776 bytes"),
        Case("key above Int", key.text("abcdefghijklm", length: .max), "claims 18446744073709551615"),
        Case("long key", key.text(String(repeating: "k", count: 70_000)), "65535 are allowed"),
        Case("empty key", key.key("", 0).bytes([1, 2, 3, 4, 5, 6, 7, 8]), "is empty"),
        Case("key not UTF-8", key.number(UInt64(2)).bytes([0xC3, 0x28]).number(UInt64(0)), "UTF-8"),
        Case("unknown value type", key.key("k", 13).number(UInt64(0)), "'k' has value type 13"),
        Case("truth value 2", key.key("kkk", 7).bytes([2]), "truth value of 2"),
        Case("cut number", key.key("k", 10).bytes([1, 2, 3]), "ends inside 'k'"),
        Case("cut text", key.key("k", 8).text("abc", length: 9), "'k' claims 9 bytes"),
        Case("text not UTF-8", key.key("k", 8).number(UInt64(1)).bytes([0xFF]), "'k' is not UTF-8"),
        Case("huge array", key.key("k", 9).number(UInt32(0)).number(UInt64(1) << 60), "values of 'k'"),
        Case(
            "array of texts", key.key("k", 9).number(UInt32(8)).number(UInt64(9)).number(UInt64(0)), "values"),
        Case("deep array", nested, "nests arrays"),
        Case("same key twice", .header(keys: 2).key("k", 0).bytes([1]).key("k", 0).bytes([1]), "twice"),
        Case(
            "alignment 3", Builder.header(keys: 1).key("general.alignment", 4).number(UInt32(3)),
            "power of two"),
        Case(
            "alignment 0", Builder.header(keys: 1).key("general.alignment", 4).number(UInt32(0)),
            "power of two"),
        Case(
            "alignment as text", Builder.header(keys: 1).key("general.alignment", 8).text("32"),
            "power of two"),
        Case("five dimensions", one.tensor("t", [1, 1, 1, 1, 1]).body(32), "5 dimensions"),
        Case("dimension above Int", one.tensor("t", [.max]).body(32), "dimension of 18446744073709551615"),
        Case("product overflows", one.tensor("t", [1 << 40, 1 << 40]).body(32), "has shape"),
        Case("bytes overflow", one.tensor("t", [1 << 62]).body(32), "has shape"),
        Case("zeros hide a huge one", one.tensor("t", [0, 1 << 40, 1 << 40]).body(32), "has shape"),
        Case("blocks cut", one.tensor("t", [33], type: 8).body(64), "whole blocks"),
        Case("past the end", one.tensor("t", [9]).body(32), "'t' takes 36 bytes"),
        Case("start past the end", one.tensor("t", [1], at: 1 << 40).body(32), "'t' takes 4 bytes"),
        Case("start above Int", one.tensor("t", [1], at: .max - 31).body(32), "a multiple of 32"),
        Case("crooked start", one.tensor("t", [1], at: 4).body(32), "a multiple of 32"),
        Case(
            "unknown type past the end", one.tensor("t", [1], type: 77, at: 64).body(32), "'t' takes 0 bytes"),
        Case("overlap", two.tensor("a", [16]).tensor("b", [4], at: 32).body(64), "lie over each other"),
        Case("same place", two.tensor("a", [4]).tensor("b", [4]).body(64), "lie over each other"),
        Case("same name", two.tensor("a", [4]).tensor("a", [4], at: 32).body(64), "'a' appears twice"),
        Case("no data", Data(one.tensor("t", [0]).data), "ends before its tensors begin"),
    ]

    private func open(_ data: Data) throws -> GGUFFile {
        try data.withUnsafeBytes { try GGUFFile(bytes: $0, name: "bad.gguf") }
    }

    @Test("each lie is told", arguments: cases)
    func refused(_ test: Case) {
        let error = #expect(throws: WeightsError.self) { try open(test.data) }
        #expect(error?.code == .malformed && error?.message.contains("bad.gguf") == true)
        #expect(error?.message.contains(test.reason) == true, "\(error?.message ?? "")")
    }

    @Test("the parts themselves are good, and an unknown type is listed")
    func control() throws {
        let file = try open(Self.two.tensor("a", [4]).tensor("b", [4], type: 77, at: 32).body(64))
        #expect(try file.tensor(named: "a")?.elements == [0, 0, 0, 0])
        #expect(file.elementType(of: "b")?.contains("77") == true)
        #expect(throws: WeightsError.self) { try file.tensor(named: "b") }
        #expect(try open(Builder.header().data).tensorNames.isEmpty)
    }

    @Test("a missing, empty or unreadable file is named")
    func files() throws {
        let folder = try TemporaryFolder()
        let absent = #expect(throws: WeightsError.self) { try GGUFFile(path: folder.path("absent")) }
        #expect(absent?.code == .unreadable && absent?.message.contains("absent") == true)
        let empty = try folder.write(Data(), "empty.gguf")
        #expect(throws: WeightsError.self) { try GGUFFile(path: empty) }
        #expect(throws: WeightsError.self) { try GGUFFile(path: folder.url.path) }
    }

    @Test("cut short at any byte it is refused; any byte changed, it is refused or read, and never crashes")
    func damage() throws {
        let data = try Data(contentsOf: Fixtures.url("exchange/all-types.gguf"))
        for count in 0..<data.count {
            // What is missing at the very end may be padding.
            if let file = try? open(data.prefix(count)) {
                #expect(count > data.count - 32)
                try readAll(file)
            }
        }
        var refused = 0
        for place in data.indices {
            for value in [0, 1, 0x7F, 0x80, 0xFF, data[place] ^ 0x10] as [UInt8] {
                var damaged = data
                damaged[place] = value
                do { try readAll(open(damaged)) } catch { refused += 1 }
            }
        }
        #expect(refused > data.count / 2, "\(refused) of \(6 * data.count) were refused")
    }
}
