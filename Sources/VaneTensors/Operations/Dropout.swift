extension Tensor {
    /// Each element set to zero with probability `rate`, the others divided by `1 - rate`, so that the mean
    /// stays ("inverted" dropout; Srivastava et al., JMLR 15, 2014).
    ///
    /// The mask is drawn from `seed` and `position` alone. Give every call of a run a position of its own,
    /// such as `step · calls + call`: then a resumed or repeated run drops the same elements. The tensor
    /// itself is returned when `rate` is 0 or when not training.
    ///
    /// - Throws: `outOfRange` unless `0 ≤ rate < 1`.
    public func dropout(
        rate: Double, seed: UInt64, position: UInt64, training: Bool = true
    ) throws -> Tensor {
        guard rate >= 0 && rate < 1 else {
            throw TensorError(.outOfRange, in: "dropout", "rate \(rate); 0 ≤ rate < 1 is needed")
        }
        guard training && rate > 0 else { return self }
        let result = detached.masked(rate, seed, position)
        guard let tape = Tape.of(self) else { return result }
        // The mask is drawn again, which costs less than keeping it.
        return tape.record(result, from: [self]) { [$0.masked(rate, seed, position)] }
    }

    private func masked(_ rate: Double, _ seed: UInt64, _ position: UInt64) -> Tensor {
        var generator = SeededGenerator(seed: seed, stream: position)
        let source = dense
        let result = Tensor(uninitialised: shape)
        let scale = Float(1 / (1 - rate))
        source.read { x in
            result.write { y in
                for i in 0..<shape.count { y[i] = generator.uniform() < rate ? 0 : scale * x[i] }
            }
        }
        return result
    }
}
