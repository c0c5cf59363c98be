import Foundation
import Testing
import VaneTensors
import VaneWeights

/// A folder that goes away with the test.
final class TemporaryFolder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("vane-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }
    var contents: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
    }

    /// Writes a file and returns its path.
    func write(_ data: Data, _ name: String = "file.safetensors") throws -> String {
        try data.write(to: url.appendingPathComponent(name))
        return path(name)
    }
}

/// The bytes of a safetensors file with this header text.
func safetensors(_ header: String, body: Int = 0, length: UInt64? = nil) -> Data {
    var data = Data()
    withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { data.append(contentsOf: $0) }
    data.append(contentsOf: header.utf8)
    data.append(contentsOf: (0..<body).map { UInt8(truncatingIfNeeded: $0) })
    return data
}

/// As above, with these tensor bytes.
func safetensors(_ header: String, bytes: [UInt8]) -> Data { safetensors(header) + Data(bytes) }

/// Every float the file holds; what a reader does with an accepted file.
@discardableResult
func readAll(_ file: some Checkpoint) throws -> Int {
    try file.tensorNames.reduce(0) { sum, name in
        do { return try sum + (file.tensor(named: name)?.elements.count ?? 0) } catch is WeightsError {
            return sum
        }
    }
}
