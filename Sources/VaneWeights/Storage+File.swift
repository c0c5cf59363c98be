import VaneTensors

extension Storage {
    /// Maps the file at `path`.
    ///
    /// - Throws: ``WeightsError`` `malformed` for an empty file, `unreadable` for one that is missing or cannot be read.
    static func file(_ path: String) throws -> Storage {
        do { return try Storage(mapping: path) } catch let error as TensorError {
            throw WeightsError(error.code == .emptyFile ? .malformed : .unreadable, error.message)
        }
    }

    /// A copy of `bytes`.
    static func copy(of bytes: UnsafeRawBufferPointer) -> Storage {
        let storage = Storage(byteCount: bytes.count)
        if let start = bytes.baseAddress {
            storage.base.copyMemory(from: start, byteCount: bytes.count)
        }
        return storage
    }
}
