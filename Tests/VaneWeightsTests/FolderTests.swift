import Foundation
import Testing
import VaneTensors
import VaneTestSupport
import VaneWeights

@Suite("Folders of weights")
struct FolderTests {
    private func folder(index: String, shards: [String: [String: Float]] = [:]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        _ = try folder.write(Data(index.utf8), "model.safetensors.index.json")
        for (name, tensors) in shards {
            let tensors = try tensors.mapValues { try Tensor([$0], shape: [1]) }
            try SafetensorsFile.write(tensors, metadata: [:], to: folder.path(name))
        }
        return folder
    }

    @Test("shards are one checkpoint")
    func shards() throws {
        let folder = try folder(
            index: #"{"weight_map":{"a":"one.safetensors","b":"two.safetensors","c":"one.safetensors"}}"#,
            shards: ["one.safetensors": ["a": 1, "c": 3, "unlisted": 9], "two.safetensors": ["b": 2]])
        let checkpoint = try FolderCheckpoint(folder: folder.url.path)
        #expect(checkpoint.tensorNames == ["a", "b", "c"] && checkpoint.name == folder.url.path)
        for (name, value) in [("a", Float(1)), ("b", 2), ("c", 3)] {
            #expect(try checkpoint.tensor(named: name)?.elements == [value])
        }
        #expect(try checkpoint.tensor(named: "unlisted") == nil)
        var parts: [[UInt8]] = []
        checkpoint.fingerprintParts { parts.append($0) }
        #expect(parts.count == 6 && parts[0] == Array("a F32[1]\n".utf8) && parts[1] == [0, 0, 128, 63])
    }

    @Test("a single file is preferred to an index")
    func single() throws {
        let folder = try folder(index: "broken")
        try SafetensorsFile.write(
            ["a": Tensor([5], shape: [1])], metadata: [:], to: folder.path("model.safetensors"))
        #expect(try FolderCheckpoint(folder: folder.url.path).tensor(named: "a")?.elements == [5])
    }

    @Test(
        "an index that contradicts itself is refused by name",
        arguments: [
            ("", "no weight_map"), ("[]", "no weight_map"), ("{}", "no weight_map"),
            (#"{"weight_map":{}}"#, "no weight_map"),
            (#"{"weight_map":{"a":1}}"#, "no weight_map"),
            (#"{"weight_map":["one.safetensors"]}"#, "no weight_map"),
            (#"{"weight_map":{"a":"../x.safetensors"}}"#, "'../x.safetensors'"),
            (#"{"weight_map":{"a":"/etc/x.safetensors"}}"#, "'/etc/x.safetensors'"),
            (#"{"weight_map":{"a":"sub/one.safetensors"}}"#, "'sub/one.safetensors'"),
            (#"{"weight_map":{"a":".."}}"#, "'..'"), (#"{"weight_map":{"a":""}}"#, "''"),
            (#"{"weight_map":{"a":"one.bin"}}"#, "'one.bin'"),
            (#"{"weight_map":{"a":"absent.safetensors"}}"#, "absent.safetensors"),
            (
                #"{"weight_map":{"nowhere":"one.safetensors"}}"#,
                "looks for 'nowhere' in one.safetensors, which lacks it"
            ),
        ])
    func badIndex(index: String, reason: String) throws {
        let folder = try folder(index: index, shards: ["one.safetensors": ["a": 1]])
        let error = #expect(throws: WeightsError.self) { try FolderCheckpoint(folder: folder.url.path) }
        #expect(error?.code == (reason.hasPrefix("absent") ? .unreadable : .malformed))
        #expect(
            error?.message.contains(folder.url.path) == true && error?.message.contains(reason) == true,
            "\(error?.message ?? "")")
    }

    @Test("a broken shard is named")
    func brokenShard() throws {
        let folder = try folder(index: #"{"weight_map":{"a":"one.safetensors"}}"#)
        let path = try folder.write(Data("junk".utf8), "one.safetensors")
        let error = #expect(throws: WeightsError.self) { try FolderCheckpoint(folder: folder.url.path) }
        #expect(error?.code == .malformed && error?.message.contains(path) == true)
    }

    @Test("a folder without weights says what it looked for, and why a pickle is no answer")
    func none() throws {
        let folder = try TemporaryFolder()
        let empty = #expect(throws: WeightsError.self) { try FolderCheckpoint(folder: folder.url.path) }
        #expect(empty?.code == .unreadable && empty?.message.contains("model.safetensors.index.json") == true)
        _ = try folder.write(Data([0x80, 2]), "pytorch_model.bin")
        let pickle = #expect(throws: WeightsError.self) { try FolderCheckpoint(folder: folder.url.path) }
        #expect(
            pickle?.code == .unreadable && pickle?.message.contains("save the model as safetensors") == true)
    }

    @Test("tensors in memory are a checkpoint too")
    func memory() throws {
        let checkpoint = MemoryCheckpoint(
            name: "m", tensors: ["b": Tensor(zeros: [1]), "a": Tensor(zeros: [2])])
        #expect(checkpoint.name == "m" && checkpoint.tensorNames == ["a", "b"])
        #expect(checkpoint.tensor(named: "a")?.shape == [2] && checkpoint.tensor(named: "c") == nil)
    }
}
