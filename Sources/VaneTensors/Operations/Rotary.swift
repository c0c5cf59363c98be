import CVaneKernels

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Cosines and sines of the rotary position embedding, one row a position.
///
/// Angle of pair `i` at position `p`: `p · base^(-2i / dimensions)`. Su et al., RoFormer, arXiv 2104.09864;
/// the pairs are (i, i + dimensions/2), as in the Hugging Face weights.
public struct RotaryTable: Sendable {
    /// Rotated entries of each head.
    public let dimensions: Int
    /// Positions in the table.
    public let positions: Int
    let cosines: Tensor
    let sines: Tensor
    let negativeSines: Tensor

    /// A table for positions `0 ..< positions`.
    public init(dimensions: Int, positions: Int, base: Double) {
        self.dimensions = dimensions
        self.positions = positions
        let half = dimensions / 2
        cosines = Tensor(uninitialised: Shape(rows: positions, columns: half))
        sines = Tensor(uninitialised: Shape(rows: positions, columns: half))
        negativeSines = Tensor(uninitialised: Shape(rows: positions, columns: half))
        cosines.write { cosine in
            sines.write { sine in
                for i in 0..<half {
                    let frequency = pow(base, -2 * Double(i) / Double(dimensions))
                    for position in 0..<positions {
                        let angle = Double(position) * frequency
                        cosine[position * half + i] = Float(cos(angle))
                        sine[position * half + i] = Float(sin(angle))
                    }
                }
            }
        }
        sines.read { sine in
            negativeSines.write { negative in
                for i in 0..<sines.shape.count { negative[i] = -sine[i] }
            }
        }
    }
}

extension Tensor {
    /// Turns each head of `[rows, heads · headWidth]` by the angles of its row's position.
    ///
    /// - Throws: `shapeMismatch`, or `outOfRange` for a position outside the table.
    public func rotated(by table: RotaryTable, positions: [Int32], headWidth: Int) throws -> Tensor {
        let result = try detached.turned(
            by: table, positions: positions, headWidth: headWidth, sines: table.sines)
        // A rotation's transpose turns back.
        guard let tape = Tape.of(self) else { return result }
        return tape.record(result, from: [self]) {
            [
                try $0.turned(
                    by: table, positions: positions, headWidth: headWidth, sines: table.negativeSines)
            ]
        }
    }

    private func turned(
        by table: RotaryTable, positions: [Int32], headWidth: Int, sines: Tensor
    ) throws -> Tensor {
        try TensorError.expect(
            shape.rank == 2 && shape[0] == positions.count && shape[1] % headWidth == 0
                && table.dimensions <= headWidth, in: "rotary",
            "\(shape) with \(positions.count) positions and heads of \(headWidth)")
        if let worst = positions.first(where: { $0 < 0 || Int($0) >= table.positions }) {
            throw TensorError(
                .outOfRange, in: "rotary", "position \(worst) of a table for \(table.positions)")
        }
        let result = copied()
        result.write { x in
            table.cosines.read { cosines in
                sines.read { sines in
                    vk_rotary(
                        x, width, positions, positions.count, width / headWidth, headWidth, table.dimensions,
                        cosines, sines)
                }
            }
        }
        return result
    }
}
