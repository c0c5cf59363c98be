import CVaneKernels
import Testing

var everyInstructionSet: [vk_simd] { [VK_SIMD_SCALAR, VK_SIMD_NEON, VK_SIMD_AVX2, VK_SIMD_AVX512] }

func name(_ simd: vk_simd) -> String { String(cString: vk_simd_name(simd)) }

/// Runs `body` once per instruction set of this machine, the scalar reference first.
func onEach<Result>(_ body: (vk_simd) -> Result) -> [(simd: String, result: Result)] {
    let before = vk_simd_active()
    defer { _ = vk_simd_select(before) }
    return everyInstructionSet.filter { vk_simd_available($0) == 1 }.map { simd in
        _ = vk_simd_select(simd)
        return (name(simd), body(simd))
    }
}

/// Runs `body` with each number of threads, and puts the old number back.
func withThreads<Result>(_ counts: [Int32], _ body: () -> Result) -> [(threads: Int32, result: Result)] {
    let before = vk_thread_count()
    defer { vk_set_thread_count(before) }
    return counts.map { count in
        vk_set_thread_count(count)
        return (count, body())
    }
}

/// The bits of each element; all NaN count as one.
func bits(_ values: [Float]) -> [UInt32] {
    values.map { $0.isNaN ? 0x7FC0_0000 : $0.bitPattern }
}

/// Fails unless all instruction sets gave the bits of the first.
func expectSameBits(
    _ runs: [(simd: String, result: [Float])], _ context: String, location: SourceLocation = #_sourceLocation
) {
    let reference = bits(runs[0].result)
    for run in runs.dropFirst() where bits(run.result) != reference {
        let index = zip(bits(run.result), reference).enumerated().first { $0.element.0 != $0.element.1 }?
            .offset
        Issue.record(
            "\(run.simd) differs from scalar at \(index ?? -1): \(context)", sourceLocation: location)
    }
}

/// Fails at the first element further from the reference than `tolerance` of its index.
func expectClose(
    _ actual: [Float], _ expected: [Double], _ context: String, location: SourceLocation = #_sourceLocation,
    tolerance: (Int) -> Double
) {
    #expect(actual.count == expected.count, "\(context)", sourceLocation: location)
    for i in 0..<min(actual.count, expected.count) {
        let error = abs(Double(actual[i]) - expected[i])
        guard !(error <= tolerance(i)) else { continue }
        Issue.record(
            "\(actual[i]) is not \(expected[i]) within \(tolerance(i)) at \(i): \(context)",
            sourceLocation: location)
        return
    }
}

/// A small generator with a fixed sequence.
struct Random {
    var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func bits() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    /// Uniform in -1 ..< 1.
    mutating func float() -> Float { Float(Int32(truncatingIfNeeded: bits() >> 20)) * 0x1p-31 }

    mutating func floats(_ count: Int, scale: Float = 1) -> [Float] {
        (0..<count).map { _ in float() * scale }
    }
}

/// Floats at a fixed, 64-byte aligned address.
final class Buffer {
    let base: UnsafeMutablePointer<Float>
    let count: Int

    init(_ values: [Float]) {
        count = values.count
        base = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
            .bindMemory(to: Float.self, capacity: max(count, 1))
        for i in 0..<count { base[i] = values[i] }
    }

    convenience init(repeating value: Float, count: Int) {
        self.init([Float](repeating: value, count: count))
    }

    deinit { base.deallocate() }

    var values: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }
}

/// The number an f16 or bf16 pattern stands for, from the definition of the formats.
func decode(_ type: vk_type, _ pattern: UInt16) -> Double {
    let fractionBits = type == VK_F16 ? 10 : 7
    let exponentBits = 15 - fractionBits
    let bias = (1 << (exponentBits - 1)) - 1
    let exponent = Int(pattern & 0x7FFF) >> fractionBits
    let fraction = Double(Int(pattern) & ((1 << fractionBits) - 1)) / Double(1 << fractionBits)
    let sign: Double = pattern & 0x8000 == 0 ? 1 : -1
    if exponent == (1 << exponentBits) - 1 { return fraction == 0 ? sign * .infinity : .nan }
    if exponent == 0 { return sign * fraction * power(1 - bias) }
    return sign * (1 + fraction) * power(exponent - bias)
}

private func power(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }
