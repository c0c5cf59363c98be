import Foundation
import VaneSites

/// What the readers of exchange formats share.
enum ExchangeFile {
    /// The longest text file read, in bytes.
    static let longestText = 512 << 20

    /// `malformedFile` about the file at `path`.
    static func malformed(_ path: String, _ what: String) -> ConceptError {
        ConceptError(.malformedFile, "\(path): \(what)")
    }

    /// The first bytes of a file.
    static func start(of path: String, count: Int) throws -> Data {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw ConceptError(.missingFile, "cannot read \(path)")
        }
        defer { try? handle.close() }
        return (try? handle.read(upToCount: count)) ?? Data()
    }

    /// All bytes of a file of at most `limit`.
    static func data(_ path: String, limit: Int = longestText) throws -> Data {
        let data = try start(of: path, count: limit + 1)
        guard data.count <= limit else { throw malformed(path, "it has more than \(limit) bytes") }
        return data
    }

    /// The name of a file without folder and extension.
    static func stem(_ path: String) -> String {
        ((path as NSString).lastPathComponent as NSString).deletingPathExtension
    }

    /// Throws unless all numbers are finite and there is at least one; `what` names them.
    static func requireFinite(_ vector: [Float], _ what: String, in path: String) throws {
        guard !vector.isEmpty else { throw malformed(path, "\(what) is empty") }
        guard vector.allSatisfy({ $0.isFinite }) else {
            throw malformed(path, "\(what) holds NaN or infinity")
        }
    }

    /// Throws unless there is a vector and all have one width.
    static func requireOneWidth(_ vectors: [Site: [Float]], in path: String) throws {
        guard let first = vectors.min(by: { $0.key < $1.key }) else {
            throw malformed(path, "it holds no vector")
        }
        for (site, vector) in vectors.sorted(by: { $0.key < $1.key }) where vector.count != first.value.count
        {
            throw malformed(
                path,
                "\(site) has \(vector.count) numbers, and \(first.key) has \(first.value.count)"
            )
        }
    }
}
