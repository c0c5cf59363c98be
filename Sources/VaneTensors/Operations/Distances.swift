#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension Tensor {
    /// The mean binary cross-entropy of logits with `targets` in 0 … 1, PyTorch's
    /// `binary_cross_entropy_with_logits`: `1/n · Σ max(x, 0) - x·t + log(1 + exp(-|x|))`, a tensor of one
    /// element. The sum is taken in double precision.
    ///
    /// - Throws: `shapeMismatch` unless both have one shape and an element.
    public func binaryCrossEntropy(_ targets: Tensor) throws -> Tensor {
        try meanOfPairs(targets, "binaryCrossEntropy", BinaryCrossEntropy.self)
    }

    /// The mean squared error `1/n · Σ (x - t)²`, a tensor of one element. The sum is taken in double
    /// precision.
    ///
    /// - Throws: `shapeMismatch` unless both have one shape and an element.
    public func meanSquaredError(_ targets: Tensor) throws -> Tensor {
        try meanOfPairs(targets, "meanSquaredError", SquaredError.self)
    }

    /// The Kullback–Leibler divergence of this model from `reference`, both log-probabilities of a class a
    /// column: `KL(reference ‖ self) = 1/rows · Σ exp(r)·(r - x)`, a tensor of one element.
    ///
    /// The direction of PyTorch's `kl_div(x, r, reduction="batchmean", log_target=True)`: the reference gives
    /// the weights, the sum runs over the columns, the mean over the rows. Classes of reference probability 0
    /// (`r = -∞`) add nothing. The sum is taken in double precision.
    ///
    /// - Throws: `shapeMismatch` unless both have one shape, two dimensions and an element.
    public func klDivergence(from reference: Tensor) throws -> Tensor {
        try TensorError.expect(
            shape.rank == 2, in: "klDivergence", "[rows, classes] is needed, not \(shape)")
        return try meanOfPairs(reference, "klDivergence", KLTerm.self, count: shape[0])
    }

    /// `1/count · Σ term(x, t)`; `count` nil means the number of elements.
    private func meanOfPairs<Term: PairTerm>(
        _ targets: Tensor, _ operation: String, _ term: Term.Type, count: Int? = nil
    ) throws -> Tensor {
        try TensorError.expect(
            shape == targets.shape && shape.count > 0, in: operation, "\(shape) with targets \(targets.shape)"
        )
        let (left, right) = (detached.dense, targets.detached.dense)
        let scale = 1 / Double(count ?? shape.count)
        let sum = left.read { x in
            right.read { t in
                (0..<shape.count).reduce(0.0) { $0 + Term.value(Double(x[$1]), Double(t[$1])) }
            }
        }
        let result = try Tensor([Float(sum * scale)], shape: [])
        guard let tape = Tape.of(self, targets) else { return result }
        let (needsLeft, needsRight) = (isRecorded, targets.isRecorded)
        return tape.record(result, from: [self, targets]) { gradient in
            let factor = scale * Double(gradient.elements[0])
            func slope(_ derivative: @Sendable (Double, Double) -> Double) -> Tensor {
                let result = Tensor(uninitialised: left.shape)
                Compute.ranges(left.shape.count) { range in
                    left.read { x in
                        right.read { t in
                            result.write { y in
                                for i in range {
                                    y[i] = Float(factor * derivative(Double(x[i]), Double(t[i])))
                                }
                            }
                        }
                    }
                }
                return result
            }
            return [
                needsLeft ? slope { Term.slope($0, $1) } : nil,
                needsRight ? slope { Term.targetSlope($0, $1) } : nil,
            ]
        }
    }
}

/// A term of a sum over pairs of numbers, with its derivatives.
private protocol PairTerm: SendableMetatype {
    static func value(_ x: Double, _ t: Double) -> Double
    /// With respect to `x`.
    static func slope(_ x: Double, _ t: Double) -> Double
    /// With respect to `t`.
    static func targetSlope(_ x: Double, _ t: Double) -> Double
}

private enum BinaryCrossEntropy: PairTerm {
    static func value(_ x: Double, _ t: Double) -> Double { max(x, 0) - x * t + log1p(exp(-abs(x))) }
    static func slope(_ x: Double, _ t: Double) -> Double { logistic(x) - t }
    static func targetSlope(_ x: Double, _ t: Double) -> Double { -x }
}

private enum SquaredError: PairTerm {
    static func value(_ x: Double, _ t: Double) -> Double { (x - t) * (x - t) }
    static func slope(_ x: Double, _ t: Double) -> Double { 2 * (x - t) }
    static func targetSlope(_ x: Double, _ t: Double) -> Double { 2 * (t - x) }
}

private enum KLTerm: PairTerm {
    static func value(_ x: Double, _ r: Double) -> Double { r == -.infinity ? 0 : exp(r) * (r - x) }
    static func slope(_ x: Double, _ r: Double) -> Double { -exp(r) }
    static func targetSlope(_ x: Double, _ r: Double) -> Double {
        r == -.infinity ? 0 : exp(r) * (r - x + 1)
    }
}
