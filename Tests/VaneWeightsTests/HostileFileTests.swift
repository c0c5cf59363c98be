import Foundation
import Testing
import VaneTensors
import VaneTestSupport
import VaneWeights

@Suite("Hostile safetensors files are refused by name")
struct HostileFileTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let data: Data
        /// What the message must contain.
        let reason: String

        init(_ name: String, _ data: Data, _ reason: String) {
            (testDescription, self.data, self.reason) = (name, data, reason)
        }

        /// One tensor with these fields before 8 bytes of data.
        static func entry(_ fields: String, _ reason: String) -> Case {
            Case(fields, safetensors("{\"t\":{\(fields)}}", body: 8), reason)
        }
        static func placed(_ offsets: String) -> Case {
            entry("\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":\(offsets)", "'t'")
        }
        static func shaped(_ shape: String) -> Case {
            entry("\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":[0,8]", "'t'")
        }
    }

    static let cases: [Case] = [
        Case("empty", Data(), "is empty"), Case("7 bytes", Data(count: 7), "7 bytes"),
        Case("8 zero bytes", Data(count: 8), "not JSON"),
        Case("header longer than the file", safetensors("{}", length: 3), "claims 3 bytes"),
        Case("huge header", safetensors("{}", length: 99_999_999), "claims 99999999 bytes"),
        Case("header above the limit", safetensors("{}", length: 100_000_001), "claims"),
        Case("header above Int", safetensors("{}", length: .max), "claims 18446744073709551615"),
        Case("header of 2^63", safetensors("{}", length: 1 << 63), "claims"),
        Case("header shorter than its text", safetensors("{}", length: 1), "not JSON"),
        Case("not JSON", safetensors("hello"), "not JSON"),
        Case("not UTF-8", Data([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0xFF, 0x7D]), "not JSON"),
        Case("array", safetensors("[]"), "not a JSON object"), Case("number", safetensors("3"), "not JSON"),
        Case("deep nesting", safetensors(String(repeating: "[", count: 100_000)), "not JSON"),
        Case("entry is no object", safetensors("{\"t\":3}"), "'t' lacks"),
        .entry("\"shape\":[8],\"data_offsets\":[0,8]", "'t' lacks dtype"),
        .entry("\"dtype\":\"U8\",\"data_offsets\":[0,8]", "'t' lacks"),
        .entry("\"dtype\":\"U8\",\"shape\":[8]", "'t' lacks"),
        .entry("\"dtype\":8,\"shape\":[8],\"data_offsets\":[0,8]", "'t' lacks"),
        .entry("\"dtype\":\"U8\",\"shape\":8,\"data_offsets\":[0,8]", "'t' lacks"),
        .entry("\"dtype\":\"U8\",\"shape\":[8.5],\"data_offsets\":[0,8]", "'t' lacks"),
        .entry("\"dtype\":\"U8\",\"shape\":[\"8\"],\"data_offsets\":[0,8]", "'t' lacks"),
        .entry("\"dtype\":\"U8\",\"shape\":[1e300],\"data_offsets\":[0,8]", "'t' lacks"),
        .entry("\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":{}", "'t' lacks"),
        .placed("[]"), .placed("[0]"), .placed("[0,8,8]"), .placed("[8,0]"), .placed("[0,9]"),
        .placed("[-8,0]"),
        .placed("[0,9223372036854775807]"), .placed("[9223372036854775807,9223372036854775807]"),
        .placed("[-9223372036854775808,8]"), .placed("[0,18446744073709551615]"), .placed("[0,7]"),
        .placed("[4,8]"),
        .shaped("[2,2]"), .shaped("[]"), .shaped("[0]"), .shaped("[-2]"), .shaped("[-1,-2]"),
        .shaped("[4611686018427387904,4]"), .shaped("[4611686018427387904,2,2]"),
        .shaped("[4294967296,4294967296]"),
        .shaped("[9223372036854775807]"), .shaped("[1,1,1,1,1,1,2]"), .shaped("[0,4611686018427387904]"),
        .shaped("[4611686018427387904,0,4]"),
        // Empty, but with strides that overflow.
        .entry("\"dtype\":\"F32\",\"shape\":[0,4611686018427387904],\"data_offsets\":[0,0]", "has shape"),
        .entry("\"dtype\":\"U8\",\"shape\":[4294967296,0,4294967296],\"data_offsets\":[0,0]", "has shape"),
        Case("metadata with a number", safetensors("{\"__metadata__\":{\"a\":1}}"), "__metadata__"),
        Case("metadata is text", safetensors("{\"__metadata__\":\"a\"}"), "__metadata__"),
        Case("metadata is a list", safetensors("{\"__metadata__\":[]}"), "__metadata__"),
    ]

    @Test("the message names the file and what is wrong", arguments: cases)
    func refused(_ bad: Case) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(bad.data)
        let error = #expect(throws: WeightsError.self) { try SafetensorsFile(path: path) }
        #expect(error?.code == .malformed)
        #expect(
            error?.message.contains(path) == true && error?.message.contains(bad.reason) == true,
            "\(error?.message ?? "")")
    }

    @Test("a file that is not there, a folder and a pipe are refused by name")
    func notFiles() throws {
        let folder = try TemporaryFolder()
        for path in [folder.path("absent"), folder.url.path, "/dev/null"] {
            let error = #expect(throws: WeightsError.self) { try SafetensorsFile(path: path) }
            #expect(error?.code == .unreadable && error?.message.contains(path) == true)
        }
    }

    @Test("a file cut short anywhere is refused; the whole one is read")
    func truncated() throws {
        let folder = try TemporaryFolder()
        let whole = try Data(contentsOf: Fixtures.url("models/gpt2/model.safetensors"))
        for sixteenth in 0..<16 {
            let path = try folder.write(whole.prefix(whole.count * sixteenth / 16))
            let error = #expect(throws: WeightsError.self, "\(sixteenth)/16") {
                try SafetensorsFile(path: path)
            }
            #expect(error?.message.contains(path) == true, "\(sixteenth)/16")
        }
        let path = try folder.write(whole.dropLast())
        #expect(throws: WeightsError.self) { try SafetensorsFile(path: path) }
        #expect(try readAll(SafetensorsFile(path: folder.write(whole))) > 10_000)
    }

    @Test("500 files with damaged bytes are read or refused, never a crash")
    func damaged() throws {
        let folder = try TemporaryFolder()
        try SafetensorsFile.write(
            [
                "first": Tensor(zeros: [3, 4]), "second.weight": Tensor(zeros: [2, 2, 2]),
                "third": Tensor(zeros: [0, 5]),
            ],
            metadata: ["format": "pt"], to: folder.path("whole"))
        let whole = try Data(contentsOf: folder.url.appendingPathComponent("whole"))
        var generator = SeededGenerator(seed: 1)
        var (read, refused) = (0, 0)
        for variant in 0..<500 {
            var data = whole
            // Half of the damage is digits: plausible numbers are the dangerous ones.
            let digits = data.indices.filter { (48...57).contains(data[$0]) && $0 >= 8 }
            for _ in 0...generator.integer(below: 4) {
                if variant % 2 == 0 {
                    data[digits[generator.integer(below: digits.count)]] = UInt8(
                        48 + generator.integer(below: 10))
                } else {
                    data[generator.integer(below: data.count)] = UInt8(generator.integer(below: 256))
                }
            }
            let path = try folder.write(data)
            do {
                try readAll(SafetensorsFile(path: path))
                read += 1
            } catch let error as WeightsError {
                #expect(error.message.contains(path), "variant \(variant)")
                refused += 1
            }
        }
        // Damage in tensor bytes or names goes unnoticed; damage in the header does not.
        #expect(read > 20 && refused > 200, "\(read) read, \(refused) refused")
    }
}
