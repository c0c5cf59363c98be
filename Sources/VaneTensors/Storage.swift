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

    /// Bytes of the allocated blocks that are in use now; mapped files do not count.
    public static var bytesInUse: Int { pool.withLock(\.inUse) }

    /// The most bytes in use at once since the process started or ``resetPeak()`` was called.
    public static var peakBytes: Int { pool.withLock(\.peak) }

    /// Begins a new measurement of ``peakBytes``, at what is in use now. The counter is one for the process.
    public static func resetPeak() { pool.withLock { $0.peak = $0.inUse } }

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
            base = Storage.allocate(sizeClass)
        }
    }

    /// Memory from the system. Large blocks begin at a large page and ask for such pages: a training step
    /// touches hundreds of megabytes, and taking them 4 KB at a time cost as much as the arithmetic.
    private static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let largePage = 1 << 21
        guard byteCount >= largePage else {
            return UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
        }
        let block = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: largePage)
        #if canImport(Glibc)
            // A wish: a system without large pages refuses, and nothing is lost.
            madvise(block, byteCount, Int32(MADV_HUGEPAGE))
        #endif
        return block
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

    /// Free blocks by size class, at most `limit` bytes of them, and the count of bytes in use.
    private struct Pool {
        /// A quarter of the machine's memory, and at least 1 GB, but never more than was in use at once: a
        /// training step gives its blocks back all at once and wants the same ones again.
        private static let limit = max(
            1 << 30, sysconf(Int32(_SC_PHYS_PAGES)) / 4 * sysconf(Int32(_SC_PAGESIZE)))
        private var free: [Int: [UInt]] = [:]
        private var bytes = 0
        private(set) var inUse = 0
        private var highest = 0
        var peak = 0

        mutating func take(_ sizeClass: Int) -> UInt? {
            inUse += sizeClass
            peak = max(peak, inUse)
            highest = max(highest, inUse)
            guard let address = free[sizeClass]?.popLast() else { return nil }
            bytes -= sizeClass
            return address
        }

        mutating func give(_ address: UInt, _ sizeClass: Int) -> Bool {
            inUse -= sizeClass
            guard bytes + sizeClass <= max(1 << 30, min(Pool.limit, highest)) else { return false }
            bytes += sizeClass
            free[sizeClass, default: []].append(address)
            return true
        }
    }
}
