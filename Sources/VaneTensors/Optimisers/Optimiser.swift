import CVaneKernels
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Changes parameters against their gradients, step by step. State is plain numbers by parameter name, so
/// that a training run can be stored and resumed to the same bits.
public struct Optimiser: Sendable {
    /// The rule of a step; `g` is the gradient, `η` the rate of the step, `t` its number from 1.
    public enum Rule: Sendable, Hashable, Codable {
        /// `v ← μ·v + g`, `p ← p - η·v`; as in PyTorch the velocity is not scaled by the rate. μ = 0 is plain
        /// gradient descent.
        case sgd(momentum: Double)
        /// Kingma and Ba, arXiv 1412.6980: `m ← β₁m + (1-β₁)g`, `v ← β₂v + (1-β₂)g²`, `p ← p - η·m̂/(√v̂ +
        /// ε)` with `m̂ = m/(1-β₁ᵗ)`, `v̂ = v/(1-β₂ᵗ)`. `decay` is added to the gradient as `decay·p`.
        case adam(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, decay: Double = 0)
        /// Loshchilov and Hutter, arXiv 1711.05101: as Adam, but the parameters shrink by `η·decay` apart
        /// from the gradient. Parameters of one dimension (norms, biases) do not shrink.
        case adamW(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, decay: Double = 0.01)
    }

    /// The rule.
    public let rule: Rule
    /// Steps taken.
    public private(set) var steps = 0
    /// Momentum or first moments by parameter.
    public private(set) var first: [String: Tensor] = [:]
    /// Second moments by parameter.
    public private(set) var second: [String: Tensor] = [:]

    /// An optimiser that has taken no step.
    public init(_ rule: Rule) { self.rule = rule }

    /// An optimiser as it was after `steps` steps.
    public init(_ rule: Rule, steps: Int, first: [String: Tensor], second: [String: Tensor]) {
        self.rule = rule
        self.steps = steps
        self.first = first
        self.second = second
    }

    /// The parameters after one step; those without a gradient stay.
    ///
    /// - Throws: `shapeMismatch` when a gradient does not fit its parameter.
    public mutating func step(
        _ parameters: [String: Tensor], _ gradients: [String: Tensor], rate: Double
    ) throws -> [String: Tensor] {
        steps += 1
        var result = parameters
        for (name, gradient) in gradients.sorted(by: { $0.key < $1.key }) {
            guard let parameter = parameters[name] else { continue }
            try TensorError.expect(
                parameter.shape == gradient.shape, in: "optimise",
                "'\(name)' has shape \(parameter.shape), its gradient \(gradient.shape)")
            for moment in [first[name], second[name]].compactMap({ $0 }) {
                try TensorError.expect(
                    moment.shape == parameter.shape, in: "optimise",
                    "'\(name)' has shape \(parameter.shape), its stored moment \(moment.shape)")
            }
            result[name] = moved(name, parameter.detached, gradient, rate)
        }
        return result
    }

    private mutating func moved(_ name: String, _ parameter: Tensor, _ gradient: Tensor, _ rate: Double)
        -> Tensor
    {
        switch rule {
        case .sgd(let momentum):
            let result = parameter.copied()
            let velocity = state(&first, name, result.shape)
            let (rate, momentum) = (Float(rate), Float(momentum))
            result.write { p in
                velocity.write { v in
                    gradient.contiguous().read { g in
                        for i in 0..<result.shape.count {
                            v[i] = momentum * v[i] + g[i]
                            p[i] -= rate * v[i]
                        }
                    }
                }
            }
            return result
        case .adam(let beta1, let beta2, let epsilon, let decay):
            return adam(name, parameter, gradient, rate, beta1, beta2, epsilon, coupled: decay, shrink: 0)
        case .adamW(let beta1, let beta2, let epsilon, let decay):
            let shrink = parameter.shape.rank > 1 ? rate * decay : 0
            return adam(name, parameter, gradient, rate, beta1, beta2, epsilon, coupled: 0, shrink: shrink)
        }
    }

    /// New moments and a new parameter: copies of the optimiser may hold the old ones.
    private mutating func adam(
        _ name: String, _ parameter: Tensor, _ gradient: Tensor, _ rate: Double, _ beta1: Double,
        _ beta2: Double, _ epsilon: Double, coupled: Double, shrink: Double
    ) -> Tensor {
        let shape = parameter.shape
        let (old, slope) = (parameter.dense, gradient.dense)
        let (oldM, oldV) = (first[name] ?? Tensor(zeros: shape), second[name] ?? Tensor(zeros: shape))
        let results = (0..<3).map { _ in Tensor(uninitialised: shape) }
        let rule = vk_adam_rule(
            beta1: Float(beta1), beta2: Float(beta2), rest1: Float(1 - beta1), rest2: Float(1 - beta2),
            length: Float(rate / (1 - pow(beta1, Double(steps)))),
            root: Float((1 - pow(beta2, Double(steps))).squareRoot()), epsilon: Float(epsilon),
            decay: Float(coupled), keep: Float(1 - shrink))
        withExtendedLifetime((old, slope, oldM, oldV, results)) {
            let pointers = results.map { $0.write { $0 } }
            vk_adam(
                pointers[0], pointers[1], pointers[2], old.read { $0 }, oldM.read { $0 }, oldV.read { $0 },
                slope.read { $0 }, rule, shape.count)
        }
        (first[name], second[name]) = (results[1], results[2])
        return results[0]
    }

    /// The state of a parameter, changed in place: nobody else holds it, but for copies of the optimiser, so
    /// it is copied first.
    private func state(_ states: inout [String: Tensor], _ name: String, _ shape: Shape) -> Tensor {
        let state = states[name]?.copied() ?? Tensor(zeros: shape)
        states[name] = state
        return state
    }
}

/// The rate of each step of a training run.
public struct LearningRate: Sendable, Hashable, Codable {
    /// How the rate falls after the warm-up.
    public enum Decay: String, Sendable, Codable {
        /// It does not.
        case constant
        /// In a straight line.
        case linear
        /// Along half a cosine.
        case cosine
    }

    /// The highest rate.
    public let peak: Double
    /// Steps in which the rate rises in a straight line from 0 to the peak.
    public let warmup: Int
    /// Steps of the whole run.
    public let steps: Int
    /// The rate at the end, as a part of the peak.
    public let floor: Double
    /// How it falls.
    public let decay: Decay

    /// A schedule.
    public init(peak: Double, warmup: Int = 0, steps: Int, floor: Double = 0, decay: Decay = .cosine) {
        self.peak = peak
        self.warmup = warmup
        self.steps = steps
        self.floor = floor
        self.decay = decay
    }

    /// The rate of step `step`, counted from 1.
    public func rate(at step: Int) -> Double {
        if step <= warmup { return peak * Double(step) / Double(max(warmup, 1)) }
        let done = min(1, Double(step - warmup) / Double(max(steps - warmup, 1)))
        switch decay {
        case .constant: return peak
        case .linear: return peak * (1 - (1 - floor) * done)
        case .cosine: return peak * (floor + (1 - floor) * (1 + cos(.pi * done)) / 2)
        }
    }
}

/// Clipping of gradients by their joint norm.
public enum Gradients {
    /// The Euclidean norm of all gradients together, summed in the order of their names.
    public static func norm(_ gradients: [String: Tensor]) -> Double {
        let slopes = gradients.sorted { $0.key < $1.key }.map { $0.value.contiguous() }
        let sums = Mutex([Double](repeating: 0, count: slopes.count))
        Compute.parallel(slopes.count) { i in
            let sum = slopes[i].read { Vectors.dot($0, $0, count: slopes[i].shape.count) }
            sums.withLock { $0[i] = sum }
        }
        return sums.withLock { $0.reduce(0, +) }.squareRoot()
    }

    /// The gradients, scaled down so that their joint norm is at most `limit`; `norm` is their norm, if it is
    /// known already.
    public static func clipped(
        _ gradients: [String: Tensor], to limit: Double, norm known: Double? = nil
    ) -> [String: Tensor] {
        let norm = known ?? norm(gradients)
        guard norm > limit else { return gradients }
        let scale = Float(limit / norm)
        return gradients.mapValues { gradient in
            let result = Tensor(uninitialised: gradient.shape)
            gradient.contiguous().read { x in
                result.write { vk_scale($0, x, scale, result.shape.count) }
            }
            return result
        }
    }
}
