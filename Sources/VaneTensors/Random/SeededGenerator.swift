#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A seeded source of random numbers: SplitMix64 (Steele, Lea and Flood, 2014).
///
/// The same seed gives the same numbers on every machine. The methods below are used instead of the standard
/// library's, whose algorithms may change between versions.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator that starts at `seed`.
    public init(seed: UInt64) { state = seed }

    /// A generator for one of several independent purposes under one seed.
    public init(seed: UInt64, stream: UInt64) {
        var mixer = SeededGenerator(seed: stream &+ 0x6A09_E667_F3BC_C909)
        state = seed ^ mixer.next()
    }

    /// 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number in `0 ..< 1`, a multiple of 2⁻⁵³.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A whole number in `0 ..< bound`.
    public mutating func integer(below bound: Int) -> Int {
        precondition(bound > 0, "the bound must be positive")
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A number from the standard normal distribution (Box–Muller).
    public mutating func normal() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * Double.pi * uniform())
    }

    /// A random permutation of `elements` (Fisher–Yates).
    public mutating func shuffled<Element>(_ elements: some Sequence<Element>) -> [Element] {
        var result = Array(elements)
        guard result.count > 1 else { return result }
        for i in (1..<result.count).reversed() { result.swapAt(i, integer(below: i + 1)) }
        return result
    }

    /// A random unit vector of `width` entries.
    public mutating func unitVector(width: Int) -> [Float] {
        let values = (0..<width).map { _ in normal() }
        let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return values.map { Float($0 / max(norm, .leastNormalMagnitude)) }
    }
}
