import Foundation
import Testing
import VaneTensors
import VaneTestSupport
import VaneWeights

@Suite("GGUF files")
struct GGUFTests {
    private func open(_ data: Data, name: String = "test.gguf") throws -> GGUFFile {
        try data.withUnsafeBytes { try GGUFFile(bytes: $0, name: name) }
    }

    private func fixture(_ name: String) -> String { Fixtures.url("exchange/\(name).gguf").path }

    @Test("every type of value, as Python's gguf package writes it", .tags(.golden))
    func everyType() throws {
        let file = try GGUFFile(path: fixture("all-types"))
        #expect(file.version == 3)
        let expected: [String: GGUFValue] = [
            "general.architecture": .string("test"), "u8": .uint8(200), "i8": .int8(-100),
            "u16": .uint16(60000), "i16": .int16(-30000), "u32": .uint32(4_000_000_000),
            "i32": .int32(-2_000_000_000), "f32": .float32(0.15625), "yes": .bool(true), "no": .bool(false),
            "text": .string("Wetterfahne ⚑ ‑ naïve"), "empty": .string("x"), "u64": .uint64(1 << 63),
            "i64": .int64(-(1 << 62)), "f64": .float64(-1e300),
            "words": .array(of: .string, [.string("north"), .string("süd"), .string("")]),
            "numbers": .array(of: .int32, [.int32(1), .int32(-2), .int32(3)]),
            "floats": .array(of: .float32, [.float32(0.5), .float32(-0.25)]),
            "truths": .array(of: .bool, [.bool(true), .bool(false), .bool(true)]),
        ]
        #expect(file.metadata == expected)
        #expect(file.tensorNames == ["matrix", "half", "brain", "quantised"])
        let matrix = try #require(try file.tensor(named: "matrix"))
        #expect(matrix.shape == [2, 3] && matrix.elements == [0, 0.25, 0.5, 0.75, 1, 1.25])
        #expect(try file.tensor(named: "half")?.elements == ExchangeNumbers.vector(2, width: 5))
        #expect(try file.tensor(named: "brain")?.elements == ExchangeNumbers.vector(3, width: 5))
        #expect(file.elementType(of: "quantised") == "Q8_0" && file.shape(of: "quantised") == [2, 32])
        let error = #expect(throws: WeightsError.self) { try file.tensor(named: "quantised") }
        #expect(error?.code == .unexpectedTensor && error?.message.contains("Q8_0") == true)
        #expect(try file.tensor(named: "absent") == nil)
    }

    @Test(
        "what Vane writes is what the gguf package writes, byte for byte", .tags(.golden),
        arguments: ["control", "generator", "projection", "repeng"])
    func sameBytes(name: String) throws {
        let file = try GGUFFile(path: fixture(name))
        let folder = try TemporaryFolder()
        let path = folder.path("again.gguf")
        try GGUFFile.write(
            metadata: file.keys.map { ($0, try #require(file.metadata[$0])) },
            tensors: file.tensorNames.map { ($0, try #require(try file.tensor(named: $0))) }, to: path)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: fixture(name)))
        #expect(FileManager.default.contents(atPath: path) == bytes && bytes.count > 500)
        #expect(try folder.contents == ["again.gguf"])
    }

    @Test("nested and empty arrays, other alignments and all float types come back")
    func roundTrip() throws {
        let half = Tensor(
            storage: Storage(byteCount: 6), offset: 0, shape: [3], dtype: .float16)
        half.storage.base.storeBytes(of: 0x3C00_C000, as: UInt32.self)
        half.storage.base.storeBytes(of: 0x3800, toByteOffset: 4, as: UInt16.self)
        let brain = try Tensor([1, -2, 0.5], shape: [3]).roundedToBFloat16()
        let deep = GGUFValue.array(
            of: .array, [.array(of: .uint8, []), .array(of: .array, [.array(of: .int64, [.int64(-1)])])])
        for alignment in [1, 32, 64, 4096] as [UInt32] {
            let metadata: [(key: String, value: GGUFValue)] = [
                ("general.alignment", .uint32(alignment)), ("deep", deep), ("none", .array(of: .string, [])),
            ]
            let tensors = [
                ("cube", try Tensor((0..<24).map(Float.init), shape: [2, 3, 4])), ("half", half),
                ("brain", brain), ("scalar", try Tensor([7], shape: [])), ("nothing", Tensor(zeros: [0, 5])),
                ("last", try Tensor([1.5], shape: [1])),
            ]
            let data = try GGUFFile.encode(metadata: metadata, tensors: tensors, name: "x")
            #expect(data == (try GGUFFile.encode(metadata: metadata, tensors: tensors, name: "y")))
            let file = try open(data)
            #expect(file.keys == metadata.map(\.key) && file.metadata["deep"] == deep)
            #expect(file.metadata["none"] == .array(of: .string, []))
            #expect(file.tensorNames == tensors.map(\.0))
            for (name, tensor) in tensors {
                let read = try #require(try file.tensor(named: name))
                #expect(read.shape == tensor.shape && read.dtype == tensor.dtype)
                #expect(read.elements == tensor.elements, "\(name) at \(alignment)")
            }
            // Version 2 differs in its number only.
            var older = data
            older[4] = 2
            #expect(try open(older).version == 2)
        }
    }

    @Test("what cannot be written is refused and leaves nothing")
    func unwritable() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("x.gguf")
        let tensor = try Tensor([1], shape: [1])
        let bad: [([(key: String, value: GGUFValue)], [(name: String, tensor: Tensor)], String)] = [
            ([("a", .bool(true)), ("a", .bool(true))], [], "'a'"), ([("", .bool(true))], [], "empty"),
            ([("a", .array(of: .bool, [.int8(1)]))], [], "holds another kind"),
            ([("general.alignment", .uint32(3))], [], "power of two"),
            ([("general.alignment", .int32(32))], [], "power of two"),
            ([], [("t", tensor), ("t", tensor)], "'t'"),
            ([], [(String(repeating: "t", count: 64), tensor)], "too long"),
            ([], [("t", Tensor(zeros: [1, 1, 1, 1, 1]))], "4 dimensions"),
        ]
        for (metadata, tensors, part) in bad {
            let error = #expect(throws: WeightsError.self) {
                try GGUFFile.write(metadata: metadata, tensors: tensors, to: path)
            }
            #expect(error?.code == .unwritable && error?.message.contains(part) == true, "\(part)")
        }
        #expect(try folder.contents.isEmpty)
    }
}

/// The numbers in the files that `generate_exchange.py` makes.
enum ExchangeNumbers {
    static func vector(_ layer: Int, width: Int = 48) -> [Float] {
        (0..<width).map { Float((7 * $0 + 13 * layer) % 17 - 8) / 16 }
    }
}
