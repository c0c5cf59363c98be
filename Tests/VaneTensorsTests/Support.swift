import Testing
import VaneTensors

extension Tensor {
    /// A float32 tensor of normal numbers.
    static func normal(_ shape: Shape, seed: UInt64) throws -> Tensor {
        var generator = SeededGenerator(seed: seed)
        return try Tensor((0..<shape.count).map { _ in Float(generator.normal()) }, shape: shape)
    }

    /// A tensor of 16-bit elements with these bit patterns.
    static func halves(_ bits: [UInt16], shape: Shape, dtype: DType) -> Tensor {
        let storage = Storage(byteCount: 2 * bits.count)
        bits.withUnsafeBytes { storage.base.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        return Tensor(storage: storage, offset: 0, shape: shape, dtype: dtype)
    }

    /// A tensor of random finite 16-bit elements below about 8, and their values by the format's definition.
    static func randomHalves(_ shape: Shape, dtype: DType, seed: UInt64) -> (tensor: Tensor, values: [Float])
    {
        var generator = SeededGenerator(seed: seed)
        let bits = (0..<shape.count).map { _ -> UInt16 in
            let sign = UInt16(generator.integer(below: 2)) << 15
            // bfloat16 has 8 bits of exponent with bias 127, float16 has 5 with bias 15.
            return dtype == .bfloat16
                ? sign | UInt16(120 + generator.integer(below: 10)) << 7
                    | UInt16(generator.integer(below: 128))
                : sign | UInt16(generator.integer(below: 18)) << 10 | UInt16(generator.integer(below: 1024))
        }
        return (halves(bits, shape: shape, dtype: dtype), bits.map { value(of: $0, dtype) })
    }

    private static func value(of bits: UInt16, _ dtype: DType) -> Float {
        if dtype == .bfloat16 { return Float(bitPattern: UInt32(bits) << 16) }
        let sign: Float = bits >> 15 == 1 ? -1 : 1
        let (exponent, fraction) = (Int(bits >> 10 & 31), Float(bits & 1023))
        if exponent == 0 { return sign * fraction * 0x1p-24 }
        return sign * (1 + fraction / 1024) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
    }

    /// The elements in double precision, `[row][column]`.
    var doubles: [[Double]] {
        let values = elements
        return (0..<rowCount).map { row in (0..<width).map { Double(values[row * width + $0]) } }
    }
}

/// Fails at the first element that is further from the reference than its tolerance.
func expectClose(
    _ actual: Tensor, _ expected: [[Double]], _ context: String, location: SourceLocation = #_sourceLocation,
    tolerance: (_ row: Int, _ column: Int) -> Double
) {
    let values = actual.doubles
    #expect(values.map(\.count) == expected.map(\.count), "\(context)", sourceLocation: location)
    for (i, row) in zip(values, expected).enumerated() {
        for (j, (a, b)) in zip(row.0, row.1).enumerated() where !(abs(a - b) <= tolerance(i, j)) {
            Issue.record("[\(i), \(j)] is \(a), expected \(b): \(context)", sourceLocation: location)
            return
        }
    }
}

/// The bits of a tensor's elements.
func bits(_ tensor: Tensor) -> [UInt32] { tensor.elements.map(\.bitPattern) }
