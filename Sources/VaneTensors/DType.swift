/// The type of a tensor's elements.
public enum DType: String, Sendable, Codable, CaseIterable {
    /// IEEE 754 single precision, 4 bytes. Every activation and every computed value has this type.
    case float32
    /// The upper half of a float32, 2 bytes. Weights only.
    case bfloat16
    /// IEEE 754 half precision, 2 bytes. Weights only.
    case float16

    /// Bytes of one element.
    public var byteCount: Int { self == .float32 ? 4 : 2 }
}
