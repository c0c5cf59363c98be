/// A record of operations, from which gradients are taken by reverse-mode differentiation.
///
/// Tensors that come from ``watch(_:)`` are recorded, and so is every result computed from them; all others
/// cost nothing. A tape is used by one thread.
///
/// ```swift
/// let tape = Tape()
/// let x = tape.watch(input)
/// let loss = try model(x).crossEntropy(targets)
/// let slope = try tape.gradients(of: loss, at: [x])[0]
/// ```
///
/// The same operations in the same order give the same bits: gradients of one tensor are added in the reverse
/// order of the operations that used it.
public final class Tape: @unchecked Sendable {
    // Sendable: the documentation asks for one thread at a time, and recorded tensors carry the tape with
    // them.

    private struct Entry {
        /// Places on the tape, nil for operands that are not recorded.
        let inputs: [Int?]
        let pullback: Pullback?
    }

    /// Turns the gradient with respect to a result into those with respect to its operands; nil where an
    /// operand is not recorded.
    typealias Pullback = (Tensor) throws -> [Tensor?]

    private var entries: [Entry] = []

    /// An empty tape.
    public init() {}

    /// Operations and watched tensors recorded so far.
    public var count: Int { entries.count }

    /// `tensor` as a variable: gradients can be taken with respect to the result.
    public func watch(_ tensor: Tensor) -> Tensor {
        entries.append(Entry(inputs: [], pullback: nil))
        return tensor.detached.recorded(on: self, at: entries.count - 1)
    }

    /// The gradients of a scalar with respect to `variables`: zeros where it does not depend on one.
    ///
    /// - Throws: `shapeMismatch` unless `result` has one element; `notRecorded` when a tensor is not on this
    ///   tape.
    public func gradients(of result: Tensor, at variables: [Tensor]) throws -> [Tensor] {
        try TensorError.expect(
            result.shape.count == 1, in: "gradients", "a scalar is needed, not shape \(result.shape)")
        return try pullback(of: result, along: Tensor([1], shape: result.shape), at: variables)
    }

    /// The vector–Jacobian products `seedᵀ · ∂result/∂variable`.
    ///
    /// - Throws: `shapeMismatch` unless `seed` has the shape of `result`; `notRecorded`.
    public func pullback(of result: Tensor, along seed: Tensor, at variables: [Tensor]) throws -> [Tensor] {
        try TensorError.expect(
            seed.shape == result.shape, in: "pullback", "seed \(seed.shape) for result \(result.shape)")
        let end = try place(of: result)
        let places = try variables.map { try place(of: $0) }
        // What lies before the first variable cannot matter.
        let begin = places.min() ?? end
        var sums = [Tensor?](repeating: nil, count: end + 1)
        sums[end] = seed.detached
        for index in stride(from: end, through: begin, by: -1) {
            guard let sum = sums[index], let pullback = entries[index].pullback else { continue }
            for (input, part) in zip(entries[index].inputs, try pullback(sum)) {
                guard let input, let part, input >= begin else { continue }
                sums[input] = try sums[input]?.adding(part) ?? part
            }
            if !places.contains(index) { sums[index] = nil }
        }
        return zip(places, variables).map { place, variable in
            place <= end ? sums[place] ?? Tensor(zeros: variable.shape) : Tensor(zeros: variable.shape)
        }
    }

    /// The Jacobian `∂result/∂variable`, `[result.count, variable.count]`: one pullback a row.
    ///
    /// - Throws: `notRecorded`.
    public func jacobian(of result: Tensor, at variable: Tensor) throws -> Tensor {
        let (rows, columns) = (result.shape.count, variable.shape.count)
        let jacobian = Tensor(uninitialised: Shape(rows: rows, columns: columns))
        for row in 0..<rows {
            let seed = Tensor(zeros: result.shape)
            seed.write { $0[row] = 1 }
            let slope = try pullback(of: result, along: seed, at: [variable])[0].contiguous()
            slope.read { source in
                jacobian.write { ($0 + row * columns).update(from: source, count: columns) }
            }
        }
        return jacobian
    }

    /// The tape of the first recorded operand. Asked before anything else is done for a gradient, so that
    /// operations on unrecorded tensors cost nothing.
    @inline(__always)
    static func of(_ a: Tensor?, _ b: Tensor? = nil, _ c: Tensor? = nil) -> Tape? {
        a?.recording?.tape ?? b?.recording?.tape ?? c?.recording?.tape
    }

    /// `result`, recorded as made from `operands`.
    ///
    /// `pullback` gets the gradient with respect to `result` and returns one gradient an operand, nil where
    /// none is wanted. It captures detached tensors only, or the tape would keep itself alive.
    func record(_ result: Tensor, from operands: [Tensor?], _ pullback: @escaping Pullback) -> Tensor {
        entries.append(Entry(inputs: operands.map { $0?.recording?.place }, pullback: pullback))
        return result.recorded(on: self, at: entries.count - 1)
    }

    private func place(of tensor: Tensor) throws -> Int {
        guard let recording = tensor.recording, recording.tape === self else {
            throw TensorError(
                .notRecorded, in: "gradients", "a tensor of shape \(tensor.shape) is not on the tape")
        }
        return recording.place
    }
}
