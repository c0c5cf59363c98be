package import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Files that appear whole or not at all.
package enum AtomicFile {
    /// Writes some bytes to a file descriptor and returns how many, as `write(2)` does.
    package typealias Writer = (Int32, UnsafeRawPointer?, Int) -> Int

    private static let counter = Atomic<Int>(0)

    /// Writes `data` to a new temporary file in the folder of `path`, flushes it to disk and renames it.
    ///
    /// - Parameters:
    ///   - data: the content.
    ///   - path: where it appears.
    ///   - writer: the system's `write`; tests put a failing one in its place.
    /// - Throws: ``WeightsError`` `unwritable`, naming the file and the system's reason; nothing is left
    ///   behind and an existing file stays as it was.
    package static func write(_ data: Data, to path: String, writer: Writer = systemWrite) throws {
        let number = counter.add(1, ordering: .relaxed).newValue
        let temporary = "\(path).\(getpid())-\(number).tmp"
        func failure(_ step: String, removing: Bool) -> WeightsError {
            let reason = String(cString: strerror(errno))
            if removing { unlink(temporary) }
            return WeightsError(.unwritable, "cannot \(step) \(path): \(reason)")
        }
        // O_EXCL: neither a file nor a link that somebody put there is written through.
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("create", removing: false) }
        let isWritten = data.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = writer(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { return false }
                done += count
            }
            return fsync(descriptor) == 0
        }
        guard isWritten else {
            let error = failure("write", removing: true)
            close(descriptor)
            throw error
        }
        guard close(descriptor) == 0, rename(temporary, path) == 0 else {
            throw failure("write", removing: true)
        }
    }

    /// `write(2)`.
    package static func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, bytes, count)
        #else
            Darwin.write(descriptor, bytes, count)
        #endif
    }
}
