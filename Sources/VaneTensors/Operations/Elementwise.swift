import CVaneKernels

/// A function applied to each element of a hidden layer.
public enum ActivationFunction: String, Sendable, Codable {
    /// `0.5·x·(1 + erf(x/√2))`
    case gelu
    /// `0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))`
    case geluTanh
    /// `x / (1 + exp(-x))`
    case silu
    /// `max(x, 0)`
    case relu
}

extension Tensor {
    /// `function` of each element.
    public func applying(_ function: ActivationFunction) -> Tensor {
        let source = contiguous()
        let result = Tensor(uninitialised: shape)
        let count = shape.count
        source.read { x in result.write { y in function.kernel(y, x, count) } }
        let operand = source.detached
        guard let tape = Tape.of(source) else { return result }
        return tape.record(result, from: [source]) { gradient in
            let dx = Tensor(uninitialised: operand.shape)
            gradient.contiguous().read { dy in
                operand.read { x in dx.write { function.gradientKernel($0, dy, x, count) } }
            }
            return [dx]
        }
    }

    /// The sum, element by element, of two tensors of one shape.
    ///
    /// - Throws: `shapeMismatch`.
    public func adding(_ other: Tensor) throws -> Tensor {
        let result = try combine(other, "add", vk_add)
        guard let tape = Tape.of(self, other) else { return result }
        return tape.record(result, from: [self, other]) { [$0, $0] }
    }

    /// The product, element by element, of two tensors of one shape.
    ///
    /// - Throws: `shapeMismatch`.
    public func multiplying(_ other: Tensor) throws -> Tensor {
        let result = try combine(other, "multiply", vk_multiply)
        let (left, right) = (detached, other.detached)
        guard let tape = Tape.of(self, other) else { return result }
        return tape.record(result, from: [self, other]) {
            [try $0.multiplying(right), try $0.multiplying(left)]
        }
    }

    private func combine(
        _ other: Tensor, _ name: String,
        _ kernel: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int) -> Void
    ) throws -> Tensor {
        try TensorError.expect(shape == other.shape, in: name, "\(shape) with \(other.shape)")
        let result = Tensor(uninitialised: shape)
        let (left, right) = (detached.contiguous(), other.detached.contiguous())
        left.read { a in right.read { b in result.write { y in kernel(y, a, b, shape.count) } } }
        return result
    }
}

extension ActivationFunction {
    fileprivate typealias Kernel = (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void
    fileprivate typealias GradientKernel = (
        UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int
    ) -> Void

    fileprivate var kernel: Kernel {
        switch self {
        case .gelu: vk_gelu
        case .geluTanh: vk_gelu_tanh
        case .silu: vk_silu
        case .relu: vk_relu
        }
    }

    fileprivate var gradientKernel: GradientKernel {
        switch self {
        case .gelu: vk_gelu_gradient
        case .geluTanh: vk_gelu_tanh_gradient
        case .silu: vk_silu_gradient
        case .relu: vk_relu_gradient
        }
    }
}

/// Sums and products of float arrays in double precision with a fixed order of additions.
package enum Vectors {
    /// Σ a·b. Both pointers reach `count` floats.
    @inline(__always)
    package static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Double {
        vk_dot(a, b, count)
    }

    /// y ← y + scale·x
    @inline(__always)
    package static func add(
        _ x: UnsafePointer<Float>, times scale: Float, to y: UnsafeMutablePointer<Float>, count: Int
    ) {
        vk_add_scaled(y, x, scale, count)
    }
}
