import Foundation
import Testing
import VaneTensors
import VaneTestSupport
import VaneWeights

@Suite("Files appear whole or not at all")
struct AtomicFileTests {
    private let old = Data("what was there".utf8)

    @Test("a file is written and replaced, and nothing else is left", arguments: [0, 1, 5_000_000])
    func written(size: Int) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(old, "file")
        let data = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        try AtomicFile.write(data, to: path)
        #expect(FileManager.default.contents(atPath: path) == data)
        #expect(try folder.contents == ["file"])
    }

    @Test("a folder that is not there is named with the system's reason")
    func missingFolder() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("absent/file")
        let error = #expect(throws: WeightsError.self) { try AtomicFile.write(old, to: path) }
        #expect(
            error?.code == .unwritable && error?.message == "cannot create \(path): No such file or directory"
        )
        #expect(try folder.contents.isEmpty)
    }

    @Test("a target that cannot be replaced survives, and no temporary file is left")
    func cannotReplace() throws {
        let folder = try TemporaryFolder()
        // A folder with content cannot be renamed over: the last step fails, after all bytes were written.
        let target = folder.path("target")
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        _ = try folder.write(old, "target/inside")
        let error = #expect(throws: WeightsError.self) { try AtomicFile.write(Data([1]), to: target) }
        #expect(error?.code == .unwritable && error?.message.contains(target) == true)
        #expect(try folder.contents == ["target"])
        #expect(FileManager.default.contents(atPath: target + "/inside") == old)
    }

    @Test("a folder without write permission is refused and its file stays", .enabled(if: getuid() != 0))
    func noPermission() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(old, "file")
        try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.url.path)
        defer {
            try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.url.path)
        }
        let error = #expect(throws: WeightsError.self) { try AtomicFile.write(Data([1]), to: path) }
        #expect(error?.code == .unwritable)
        #expect(FileManager.default.contents(atPath: path) == old)
        #expect(try folder.contents == ["file"])
    }

    @Test("on a device that fills up the old file stays and no temporary one is left")
    func fullDevice() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(old, "file")
        var room = 1000
        let error = #expect(throws: WeightsError.self) {
            try AtomicFile.write(Data(repeating: 1, count: 5000), to: path) { descriptor, bytes, count in
                guard room > 0 else {
                    errno = ENOSPC
                    return -1
                }
                defer { room -= 700 }
                return AtomicFile.systemWrite(descriptor, bytes, min(count, 700))
            }
        }
        #expect(error?.code == .unwritable && error?.message.contains("No space left") == true)
        #expect(FileManager.default.contents(atPath: path) == old)
        #expect(try folder.contents == ["file"])
    }

    @Test("a failed safetensors write leaves the old file as it was")
    func safetensorsWrite() throws {
        let folder = try TemporaryFolder()
        let tensor = Tensor(zeros: [4])
        let path = folder.path("x.safetensors")
        try SafetensorsFile.write(["a": tensor], metadata: [:], to: path)
        let before = FileManager.default.contents(atPath: path)
        let bad = folder.path("x.safetensors/y")
        let error = #expect(throws: WeightsError.self) {
            try SafetensorsFile.write(["a": tensor], metadata: [:], to: bad)
        }
        #expect(error?.code == .unwritable && error?.message.contains(bad) == true)
        #expect(FileManager.default.contents(atPath: path) == before && before?.isEmpty == false)
    }
}
