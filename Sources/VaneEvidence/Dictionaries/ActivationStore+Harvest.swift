import Foundation
import VaneConcepts
public import VaneSites
public import VaneTensors

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension ActivationStore {
    /// Reads texts at a site and writes every token's activation to a file; a file that is there already is opened.
    ///
    /// Rows are appended batch by batch, so memory does not grow with the texts. A harvest that was stopped goes on
    /// after the last whole text, and the file is the same bytes.
    ///
    /// - Parameters:
    ///   - texts: token ids, one row each.
    ///   - site: where to read.
    ///   - network: the network.
    ///   - path: the file.
    ///   - dtype: the type of the numbers; bfloat16 keeps 8 bits of precision at any size, float16 11 up to 65504.
    ///   - run: identifies model and texts; a file of another run is refused.
    ///   - batchTokens: tokens a pass takes at most; a longer text goes alone.
    ///   - progress: called with the rows that are written, an error it throws stops the harvest.
    /// - Throws: ``EvidenceError`` `unusableInputs` for no texts, an empty one or numbers too large for float16,
    ///   `malformedFile` for a file of another run or one that cannot be written; `SiteError`.
    public static func harvest(
        _ texts: [[Int]], at site: Site, in network: any SteerableNetwork, to path: String,
        dtype: DType = .bfloat16, run: String = "", batchTokens: Int = 4096,
        progress: ((Int) throws -> Void)? = nil
    ) throws -> ActivationStore {
        let facts = Facts(
            site: site, width: try network.layout.width(of: site), count: texts.reduce(0) { $0 + $1.count },
            dtype: dtype, run: run)
        guard facts.count > 0, texts.allSatisfy({ !$0.isEmpty }) else {
            throw EvidenceError(.unusableInputs, "there are no texts, or one of them has no tokens")
        }
        if FileManager.default.fileExists(atPath: path) {
            let store = try ActivationStore(path: path)
            guard store.facts == facts else {
                throw EvidenceError(
                    .malformedFile,
                    "\(path) holds other activations (\(store.facts.count) rows at \(store.facts.site))")
            }
            return store
        }
        let file = try PartFile(path + ".part", header: header(facts))
        var (next, done) = try file.resume(texts.map(\.count), rowBytes: facts.width * dtype.byteCount)
        while next < texts.count {
            let counts = texts[next...].prefix(512).map(\.count)
            let size = TokenBatches.ranges(Array(counts), limit: batchTokens).first?.count ?? 1
            let rows = try TokenRows.read(
                texts[next..<next + size], at: site, in: network, batchTokens: batchTokens)
            try file.append(bytes(of: rows, dtype))
            next += size
            done += rows.shape[0]
            try progress?(done)
        }
        try file.finish(as: path)
        return try ActivationStore(path: path)
    }

    private static func bytes(of rows: Tensor, _ dtype: DType) throws -> Data {
        switch dtype {
        case .float32: return rows.readBytes { Data($0) }
        case .bfloat16: return rows.roundedToBFloat16().readBytes { Data($0) }
        case .float16:
            let numbers = rows.elements
            guard numbers.allSatisfy({ abs($0) < 65520 }) else {
                throw EvidenceError(
                    .unusableInputs, "activations are too large for float16 or not finite; use bfloat16")
            }
            var data = Data(capacity: numbers.count * 2)
            for number in numbers {
                withUnsafeBytes(of: HalfPrecision.bits(of: number).littleEndian) {
                    data.append(contentsOf: $0)
                }
            }
            return data
        }
    }
}

/// IEEE half precision.
enum HalfPrecision {
    /// The bits of the nearest half-precision number, ties to even; for numbers below 65520.
    static func bits(of value: Float) -> UInt16 {
        let sign = UInt16(value.bitPattern >> 16) & 0x8000
        let size = abs(value)
        // Below the least normal number the step is 2⁻²⁴: rounding to whole steps is rounding to the format.
        if size < 0x1p-14 { return sign | UInt16((size * 0x1p24).rounded(.toNearestOrEven)) }
        let bits = size.bitPattern
        let rounded = bits &+ 0xFFF &+ ((bits >> 13) & 1)
        return sign | UInt16(truncatingIfNeeded: (rounded &- (112 << 23)) >> 13)
    }
}

/// A file that grows and gets its name when it is whole.
private final class PartFile {
    private let path: String
    private let header: Data
    private let descriptor: Int32

    init(_ path: String, header: Data) throws {
        self.path = path
        self.header = header
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw PartFile.failure("open", path) }
    }

    deinit { close(descriptor) }

    private static func failure(_ step: String, _ path: String) -> EvidenceError {
        EvidenceError(.malformedFile, "cannot \(step) \(path): \(String(cString: strerror(errno)))")
    }

    /// Cuts off what is not a whole text; returns the number of whole texts and of their rows.
    func resume(_ counts: [Int], rowBytes: Int) throws -> (texts: Int, rows: Int) {
        let size = Int(lseek(descriptor, 0, SEEK_END))
        var (texts, rows) = (0, 0)
        if size >= header.count {
            var start = [UInt8](repeating: 0, count: header.count)
            guard pread(descriptor, &start, start.count, 0) == start.count else {
                throw PartFile.failure("read", path)
            }
            guard start.elementsEqual(header) else {
                throw EvidenceError(
                    .malformedFile, "\(path) is part of another harvest; remove it or name another file")
            }
            let whole = (size - header.count) / rowBytes
            while texts < counts.count, rows + counts[texts] <= whole {
                rows += counts[texts]
                texts += 1
            }
        }
        guard ftruncate(descriptor, off_t(rows == 0 ? 0 : header.count + rows * rowBytes)) == 0,
            lseek(descriptor, 0, SEEK_END) >= 0
        else { throw PartFile.failure("cut", path) }
        if rows == 0 { try append(header) }
        return (texts, rows)
    }

    func append(_ data: Data) throws {
        let isWritten = data.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { return false }
                done += count
            }
            return true
        }
        guard isWritten else { throw PartFile.failure("write", path) }
    }

    func finish(as name: String) throws {
        guard fsync(descriptor) == 0, rename(path, name) == 0 else { throw PartFile.failure("finish", path) }
    }
}
