import VaneTensors

/// The selection of the largest entries of a whole batch.
enum BatchSelection {
    /// The `count`-th largest positive entry of a matrix, or the least positive one if there are fewer; 0 if there is
    /// none. Bits of positive floats order like the floats, so three histograms of 11 bits and fewer find it.
    static func threshold(keeping count: Int, of matrix: Tensor) -> Float {
        let matrix = matrix.contiguous()
        var (prefix, left) = (UInt32(0), count)
        for (shift, bits) in [(21, 10), (10, 11), (0, 10)] {
            // Entries whose higher bits are those found so far; the sign's bit among them is 0.
            let (above, wanted) = (UInt32(shift + bits), prefix)
            let counts = histogram(matrix, bins: 1 << bits) { number in
                guard number > 0, number >> above == wanted else { return nil }
                return Int(number >> UInt32(shift)) & ((1 << bits) - 1)
            }
            guard let least = counts.firstIndex(where: { $0 > 0 }) else { return 0 }
            var bin = counts.count - 1
            while bin > least && counts[bin] < left {
                left -= counts[bin]
                bin -= 1
            }
            prefix = prefix << UInt32(bits) | UInt32(bin)
        }
        return Float(bitPattern: prefix)
    }

    private static let parts = 16

    private static func histogram(
        _ matrix: Tensor, bins size: Int, _ bin: @Sendable (UInt32) -> Int?
    ) -> [Int] {
        let counts = Tensor(zeros: [parts, size])
        let count = matrix.shape.count
        // The counts of a part are whole numbers in the bits of float32: a part has less than 2³² entries.
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
