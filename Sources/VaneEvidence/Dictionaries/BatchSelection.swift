import VaneTensors

/// The selection of the largest entries of a whole batch.
enum BatchSelection {
    /// The `count`-th largest positive entry of a matrix, or the least positive one if there are fewer; 0 if there is
    /// none. Bits of positive floats order like the floats, so two histograms of 16 bits each find it.
    static func threshold(keeping count: Int, of matrix: Tensor) -> Float {
        let matrix = matrix.contiguous()
        let high = histogram(matrix) { bits in bits < 0x8000_0000 && bits > 0 ? Int(bits >> 16) : nil }
        var left = count
        var upper = high.lastIndex { $0 > 0 } ?? 0
        while upper > 0 && high[upper] < left {
            left -= high[upper]
            upper -= 1
        }
        while upper < high.count - 1 && high[upper] == 0 { upper += 1 }
        guard high[upper] > 0 else { return 0 }
        let prefix = UInt32(upper)
        let low = histogram(matrix) { bits in bits >> 16 == prefix && bits > 0 ? Int(bits & 0xFFFF) : nil }
        var lower = low.lastIndex { $0 > 0 } ?? 0
        while lower > 0 && low[lower] < left {
            left -= low[lower]
            lower -= 1
        }
        while lower < low.count - 1 && low[lower] == 0 { lower += 1 }
        return Float(bitPattern: prefix << 16 | UInt32(lower))
    }

    private static let parts = 16

    private static func histogram(_ matrix: Tensor, _ bin: @Sendable (UInt32) -> Int?) -> [Int] {
        let size = 1 << 16
        let counts = Tensor(zeros: [parts, size])
        let count = matrix.shape.count
        // The counts of a part are whole numbers in float32's bits: a part has less than 2³² entries.
        matrix.read { x in
            counts.write { base in
                base.withMemoryRebound(to: UInt32.self, capacity: parts * size) { bins in
                    // Sound: each part has its own bins.
                    nonisolated(unsafe) let (x, bins) = (x, bins)
                    Compute.parallel(parts) { part in
                        let own = bins + part * size
                        for i in count * part / parts..<count * (part + 1) / parts {
                            if let place = bin(x[i].bitPattern) { own[place] += 1 }
                        }
                    }
                }
            }
        }
        return counts.read { base in
            base.withMemoryRebound(to: UInt32.self, capacity: parts * size) { bins in
                (0..<size).map { place in (0..<parts).reduce(0) { $0 + Int(bins[$1 * size + place]) } }
            }
        }
    }
}
