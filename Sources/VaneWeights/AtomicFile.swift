package import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Files that appear whole or not at all.
package enum AtomicFile {
    /// Writes `data` to a temporary file in the folder of `path`, flushes it to disk and renames it.
    ///
    /// - Throws: ``WeightsError`` `unwritable`, naming the file and the system's reason; nothing is left behind
    ///   and an existing file stays as it was.
    package static func write(_ data: Data, to path: String) throws {
        let temporary = "\(path).\(getpid()).tmp"
        func failure(_ step: String) -> WeightsError {
            let reason = String(cString: strerror(errno))
            unlink(temporary)
            return WeightsError(.unwritable, "cannot \(step) \(path): \(reason)")
        }
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("create") }
        let written = data.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = systemWrite(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { return false }
                done += count
            }
            return fsync(descriptor) == 0
        }
        guard written else {
            let error = failure("write")
            close(descriptor)
            throw error
        }
        guard close(descriptor) == 0, rename(temporary, path) == 0 else { throw failure("write") }
    }

    /// The system's `write`, which the method above would hide.
    private static func systemWrite(
        _ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int
    ) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, bytes, count)
        #else
            Darwin.write(descriptor, bytes, count)
        #endif
    }
}
