#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension Tensor {
    /// `1 / (1 + exp(-x))` of each element, taken in double precision and rounded.
    public func sigmoid() -> Tensor {
        mapped {
            Float(logistic(Double($0)))
        } slope: { y in
            y * (1 - y)
        }
    }

    /// `tanh x` of each element, taken in double precision and rounded.
    public func tanh() -> Tensor {
        mapped {
            Float(hyperbolicTangent(Double($0)))
        } slope: { y in
            1 - y * y
        }
    }

    /// The difference, element by element, of two tensors of one shape.
    ///
    /// - Throws: `shapeMismatch`.
    public func subtracting(_ other: Tensor) throws -> Tensor {
        try TensorError.expect(shape == other.shape, in: "subtract", "\(shape) with \(other.shape)")
        let (left, right) = (detached.dense, other.detached.dense)
        let result = Tensor(uninitialised: shape)
        Compute.ranges(shape.count) { range in
            left.read { a in
                right.read { b in result.write { y in for i in range { y[i] = a[i] - b[i] } } }
            }
        }
        guard let tape = Tape.of(self, other) else { return result }
        return tape.record(result, from: [self, other]) { [$0, $0.scaled(by: -1)] }
    }

    /// Each element times `factor`.
    public func scaled(by factor: Float) -> Tensor {
        let source = detached.dense
        let result = Tensor(uninitialised: shape)
        Compute.ranges(shape.count) { range in
            source.read { x in result.write { y in for i in range { y[i] = factor * x[i] } } }
        }
        guard let tape = Tape.of(self) else { return result }
        return tape.record(result, from: [self]) { [$0.scaled(by: factor)] }
    }

    /// `function` of each element; `slope` is its derivative as a function of its value.
    @inline(__always)
    private func mapped(
        _ function: @Sendable (Float) -> Float, slope: @escaping @Sendable (Float) -> Float
    ) -> Tensor {
        let source = detached.dense
        let result = Tensor(uninitialised: shape)
        Compute.ranges(shape.count) { range in
            source.read { x in result.write { y in for i in range { y[i] = function(x[i]) } } }
        }
        guard let tape = Tape.of(self) else { return result }
        return tape.record(result, from: [self]) { gradient in
            let upper = gradient.contiguous()
            let dx = Tensor(uninitialised: result.shape)
            Compute.ranges(result.shape.count) { range in
                upper.read { dy in
                    result.read { y in dx.write { for i in range { $0[i] = dy[i] * slope(y[i]) } } }
                }
            }
            return [dx]
        }
    }
}

/// `1 / (1 + exp(-x))`
func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

private func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
