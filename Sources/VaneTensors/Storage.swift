import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A block of bytes that tensors point into: recycled memory or a mapped file.
///
/// Blocks are 64-byte aligned. When the last tensor lets go of an allocated block it returns to a pool, so a
/// repeated computation (a decoded token) takes no new memory; ``freshAllocations`` counts what was taken.
public final class Storage: @unchecked Sendable {
    // Sendable: `base` never changes, and the bytes are written only by the operation that made the block
    // (or by an edit in the one forward pass that holds it) before any other thread can see it.

    /// The first byte.
    package let base: UnsafeMutableRawPointer
    /// Usable bytes.
    public let byteCount: Int
    private let origin: Origin

    private enum Origin {
        case pool(sizeClass: Int)
        case mapping(length: Int)
    }

    /// Blocks taken from the system since the process started. A warm decode step leaves it unchanged.
    public static var freshAllocations: Int { fresh.load(ordering: .relaxed) }
    private static let fresh = Atomic<Int>(0)
    private static let pool = Mutex<Pool>(Pool())

    /// At least `byteCount` uninitialised bytes.
    package init(byteCount: Int) {
        precondition(byteCount >= 0, "a block cannot have \(byteCount) bytes")
        let sizeClass = Storage.roundedUp(max(byteCount, 64))
        self.byteCount = byteCount
        origin = .pool(sizeClass: sizeClass)
        let recycled = Storage.pool.withLock { unsafe in unsafe.take(sizeClass) }
        if let address = recycled, let pointer = UnsafeMutableRawPointer(bitPattern: address) {
            base = pointer
        } else {
            Storage.fresh.add(1, ordering: .relaxed)
            base = UnsafeMutableRawPointer.allocate(byteCount: sizeClass, alignment: 64)
        }
    }

    /// Maps the file at `path` for reading; its pages come in when they are touched.
    ///
    /// - Throws: `inputOutput`, naming the file, when it cannot be opened or mapped.
    package init(mapping path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw TensorError(
                .inputOutput, in: "map", "cannot open \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw TensorError(.inputOutput, in: "map", "\(path) is not a regular file")
        }
        let length = Int(status.st_size)
        guard length > 0 else { throw TensorError(.emptyFile, in: "map", "\(path) is empty") }
        let address = mmap(nil, length, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let address, address != MAP_FAILED else {
            throw TensorError(
                .inputOutput, in: "map", "cannot map \(path): \(String(cString: strerror(errno)))")
        }
        base = address
        byteCount = length
        origin = .mapping(length: length)
    }

    deinit {
        switch origin {
        case .pool(let sizeClass):
            let kept = Storage.pool.withLock { $0.give(UInt(bitPattern: base), sizeClass) }
            if !kept { base.deallocate() }
        case .mapping(let length):
            munmap(base, length)
        }
    }

    /// Size classes an eighth of a power of two apart: at most 12.5% is wasted.
    private static func roundedUp(_ byteCount: Int) -> Int {
        let step = max(64, (1 << (Int.bitWidth - 1 - byteCount.leadingZeroBitCount)) / 8)
        return (byteCount + step - 1) / step * step
    }

    /// Free blocks by size class, at most `limit` bytes of them.
    private struct Pool {
        private static let limit = 1 << 30
        private var free: [Int: [UInt]] = [:]
        private var bytes = 0

        mutating func take(_ sizeClass: Int) -> UInt? {
            guard let address = free[sizeClass]?.popLast() else { return nil }
            bytes -= sizeClass
            return address
        }

        mutating func give(_ address: UInt, _ sizeClass: Int) -> Bool {
            guard bytes + sizeClass <= Pool.limit else { return false }
            bytes += sizeClass
            free[sizeClass, default: []].append(address)
            return true
        }
    }
}
