import Foundation
import Testing
import VaneTensors
import VaneTestSupport
import VaneWeights

@Suite("Safetensors files are read and written")
struct RoundTripTests {
    private func sample() throws -> [String: Tensor] {
        [
            "b.weight": try Tensor((0..<6).map { Float($0) * 0.1 }, shape: [2, 3]),
            "a": try Tensor([.infinity, -.infinity, -0.0, .leastNonzeroMagnitude, 3.5], shape: [5]),
            "empty": Tensor(zeros: [0, 7]), "scalar": try Tensor([42], shape: []),
            "ünïcode \"quoted\" / path": try Tensor([1, 2], shape: [1, 2, 1]),
        ]
    }

    @Test("what was written is read back: names, shapes, bits and metadata", .tags(.law))
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        let tensors = try sample()
        let metadata = ["format": "pt", "note": "line\nbreak \"é\""]
        try SafetensorsFile.write(tensors, metadata: metadata, to: folder.path("x"))
        let file = try SafetensorsFile(path: folder.path("x"))
        #expect(file.tensorNames == tensors.keys.sorted() && file.metadata == metadata)
        for (name, tensor) in tensors {
            let read = try #require(try file.tensor(named: name))
            #expect(read.shape == tensor.shape && read.dtype == .float32, "\(name)")
            #expect(bitPatterns(read.elements) == bitPatterns(tensor.elements), "\(name)")
        }
        #expect(try file.tensor(named: "absent") == nil)
        #expect(file.signature(of: "b.weight") == "F32[2, 3]" && file.signature(of: "absent").isEmpty)
        #expect(try folder.contents == ["x"], "nothing else is left")
    }

    @Test("NaN payloads survive, a view is written as its copy, and no tensors is a file too", .tags(.law))
    func corners() throws {
        let folder = try TemporaryFolder()
        let payload = Float(bitPattern: 0x7FC1_2345)
        let table = try Tensor([payload, 1, 2, 3], shape: [2, 2])
        try SafetensorsFile.write(["view": table.columns(0..<1)], metadata: [:], to: folder.path("v"))
        let view = try #require(try SafetensorsFile(path: folder.path("v")).tensor(named: "view"))
        #expect(view.shape == [2, 1] && bitPatterns(view.elements) == [0x7FC1_2345, Float(2).bitPattern])
        try SafetensorsFile.write([:], metadata: [:], to: folder.path("none"))
        #expect(try SafetensorsFile(path: folder.path("none")).tensorNames.isEmpty)
    }

    @Test("the same content gives the same bytes, and the header is aligned to 8", .tags(.law))
    func sameBytes() throws {
        let folder = try TemporaryFolder()
        var files: [Data] = []
        for attempt in 0..<3 {
            // Dictionaries put together in different orders.
            var tensors: [String: Tensor] = [:]
            let all = try sample().sorted { attempt == 0 ? $0.key < $1.key : $0.key > $1.key }
            for (name, tensor) in all { tensors[name] = tensor }
            try SafetensorsFile.write(tensors, metadata: ["z": "1", "a": "2"], to: folder.path("\(attempt)"))
            files.append(try Data(contentsOf: folder.url.appendingPathComponent("\(attempt)")))
        }
        #expect(files[0] == files[1] && files[1] == files[2])
        #expect(files[0].prefix(8).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) } % 8 == 0)
        try SafetensorsFile.write(try sample(), metadata: ["z": "1", "a": "3"], to: folder.path("other"))
        #expect(try Data(contentsOf: folder.url.appendingPathComponent("other")) != files[0])
    }

    @Test("F64, F16 and BF16 are read, at any offset", arguments: 0..<8)
    func elementTypes(padding: Int) throws {
        let folder = try TemporaryFolder()
        // Spaces after the header move the data to every residue modulo 8.
        func file(_ type: String, _ bytes: [UInt8]) throws -> Tensor {
            let header = "{\"t\":{\"dtype\":\"\(type)\",\"shape\":[3],\"data_offsets\":[0,\(bytes.count)]}}"
            let path = try folder.write(
                safetensors(header + String(repeating: " ", count: padding), bytes: bytes))
            return try #require(try SafetensorsFile(path: path).tensor(named: "t"))
        }
        func bytes<T>(_ values: [T]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }
        let double = try file("F64", bytes([1.5, -2.25, 1e-300]))
        #expect(double.elements == [1.5, -2.25, 0] && double.dtype == .float32)
        let single = try file("F32", bytes([Float(1.5), -2.25, 3e38]))
        #expect(single.elements == [1.5, -2.25, 3e38])
        let brain = try file("BF16", bytes([UInt16(0x3FC0), 0xC010, 0x7F80]))
        #expect(brain.elements == [1.5, -2.25, .infinity] && brain.dtype == .bfloat16)
        let half = try file("F16", bytes([UInt16(0x3E00), 0xC080, 0x0001]))
        #expect(half.elements == [1.5, -2.25, 0x1p-24] && half.dtype == .float16)
    }

    @Test(
        "other element types are listed but refused when read",
        arguments: ["I64", "I32", "U8", "BOOL", "F8_E4M3", "F4", "x"])
    func otherTypes(type: String) throws {
        let folder = try TemporaryFolder()
        let size = ["I64": 8, "I32": 4][type] ?? 1
        let header = "{\"t\":{\"dtype\":\"\(type)\",\"shape\":[2],\"data_offsets\":[0,\(2 * size)]}}"
        let file = try SafetensorsFile(path: folder.write(safetensors(header, body: 2 * size)))
        #expect(file.tensorNames == ["t"])
        let error = #expect(throws: WeightsError.self) { try file.tensor(named: "t") }
        #expect(error?.code == .unexpectedTensor)
        for part in [file.name, "'t'", type] { #expect(error?.message.contains(part) == true) }
    }

    @Test("samples for a fingerprint are the first, middle and last bytes, or all")
    func samples() throws {
        let folder = try TemporaryFolder()
        let header = "{\"t\":{\"dtype\":\"U8\",\"shape\":[100],\"data_offsets\":[0,100]}}"
        let file = try SafetensorsFile(path: folder.write(safetensors(header, body: 100)))
        #expect(file.sample(of: "t", length: 4) == [0, 1, 2, 3, 48, 49, 50, 51, 96, 97, 98, 99])
        #expect(file.sample(of: "t", length: 34) == (0..<100).map { UInt8($0) })
        #expect(file.sample(of: "absent", length: 4).isEmpty)
    }
}
