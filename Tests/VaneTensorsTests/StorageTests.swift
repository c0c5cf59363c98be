import Foundation
import Testing
import VaneTensors
import VaneTestSupport

@Suite("Blocks of memory")
struct StorageTests {
    @Test("a block that was let go is used again")
    func recycling() async throws {
        // Other tests share the pool and its counter: one quiet attempt is enough, a pool that never gives
        // back would fail in all of them.
        var taken: [Int] = []
        for attempt in 0..<100 {
            let size = 3_333_333 + attempt
            _ = Storage(byteCount: size)
            let before = Storage.freshAllocations
            for _ in 0..<50 { _ = Storage(byteCount: size) }
            taken.append(Storage.freshAllocations - before)
            if taken.last == 0 { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(taken.last == 0, "\(taken)")
        // The control: blocks that are held cannot be used again.
        let before = Storage.freshAllocations
        let held = (0..<40).map { _ in Storage(byteCount: 5_555_555) }
        #expect(Storage.freshAllocations - before >= 30 && held.count == 40)
    }

    @Test(
        "blocks are aligned, large enough and do not overlap",
        arguments: [0, 1, 63, 64, 65, 1000, 4097, 1_000_003])
    func alignment(size: Int) {
        let blocks = (0..<8).map { _ in Storage(byteCount: size) }
        for block in blocks {
            #expect(UInt(bitPattern: block.base) % 64 == 0 && block.byteCount >= size)
            // A block that reached into another would spoil what the check below reads.
            memset(
                block.base, Int32(truncatingIfNeeded: blocks.firstIndex { $0 === block } ?? 0),
                block.byteCount)
        }
        withExtendedLifetime(blocks) {
            for (i, block) in blocks.enumerated() {
                let bytes = UnsafeRawBufferPointer(start: block.base, count: block.byteCount)
                #expect(bytes.allSatisfy { $0 == UInt8(i) })
            }
        }
    }

    @Test("a mapped file shows its bytes")
    func mapping() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("vane-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let content = (0..<10_001).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try Data(content).write(to: file)
        let storage = try Storage(mapping: file.path)
        #expect(storage.byteCount == content.count)
        let bytes = withExtendedLifetime(storage) {
            Array(UnsafeRawBufferPointer(start: storage.base, count: storage.byteCount))
        }
        #expect(bytes == content)
    }

    @Test("a missing file, an empty file and a folder are refused by name")
    func mappingErrors() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "vane-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let empty = folder.appendingPathComponent("empty")
        try Data().write(to: empty)
        let missing = folder.appendingPathComponent("missing")
        for (path, reason) in [
            (missing.path, "cannot open"), (empty.path, "is empty"), (folder.path, "is not a regular file"),
            ("/dev/null", "is not a regular file"),
        ] {
            let error = #expect(throws: TensorError.self) { try Storage(mapping: path) }
            #expect(error?.code == (path == empty.path ? .emptyFile : .inputOutput))
            #expect(error?.message.contains(path) == true && error?.message.contains(reason) == true)
        }
    }
}
