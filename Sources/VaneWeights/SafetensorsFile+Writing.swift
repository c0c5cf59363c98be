import Foundation
public import VaneTensors

extension SafetensorsFile {
    /// Writes tensors, each in its element type, and metadata to `path`: to a temporary file beside it,
    /// flushed, then renamed, so that a reader sees the old file or the whole new one.
    ///
    /// Tensors are stored in the order of their names; the same content gives the same bytes.
    ///
    /// - Throws: ``WeightsError`` `unwritable`.
    public static func write(
        _ tensors: [String: Tensor], metadata: [String: String], to path: String
    ) throws {
        var header: [String: Any] = [:]
        if !metadata.isEmpty { header["__metadata__"] = metadata }
        var body = Data()
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            let start = body.count
            let tensor = tensor.contiguous()
            tensor.readBytes { body.append(contentsOf: $0) }
            header[name] = [
                "dtype": SafetensorsFile.name(of: tensor.dtype), "shape": tensor.shape.array,
                "data_offsets": [start, body.count],
            ]
        }
        var json: Data
        do {
            json = try JSONSerialization.data(
                withJSONObject: header, options: [.sortedKeys, .withoutEscapingSlashes])
        } catch { throw WeightsError(.unwritable, "\(path): the metadata is not valid text") }
        // The format wants the tensor bytes aligned to 8; spaces after the header are allowed.
        while json.count % 8 != 0 { json.append(0x20) }
        var file = Data()
        withUnsafeBytes(of: UInt64(json.count).littleEndian) { file.append(contentsOf: $0) }
        file.append(json)
        file.append(body)
        try AtomicFile.write(file, to: path)
    }
}
