/// A record of operations, from which gradients are taken by reverse-mode differentiation.
///
/// Tensors that come from ``watch(_:)`` are recorded, and so is every result computed from them; all others
/// cost nothing. A tape is used by one thread, and lives as long as somebody holds it: afterwards its tensors
/// are recorded nowhere.
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
    // Sendable: the documentation asks for one thread at a time, and recorded tensors refer to the tape.

    private struct Entry {
        /// Places on the tape, nil for operands that are not recorded.
        let inputs: [Int?]
        let pullback: Pullback?
        /// Makes the result again, for operations that were not recorded the first time.
        var replay: (() throws -> Tensor)?
    }

    /// Turns the gradient with respect to a result into those with respect to its operands; nil where an
    /// operand is not recorded.
    typealias Pullback = (Tensor) throws -> [Tensor?]

    private var entries: [Entry] = []
    private var isPaused = false
    let link = TapeLink()

    /// An empty tape.
    public init() { link.tape = self }

    /// Operations and watched tensors recorded so far.
    public var count: Int { entries.count }

    /// `tensor` as a variable: gradients can be taken with respect to the result.
    public func watch(_ tensor: Tensor) -> Tensor {
        entries.append(Entry(inputs: [], pullback: nil))
        return tensor.detached.recorded(on: self, at: entries.count - 1)
    }

    /// The result of `body`, whose operations are not recorded but run again when a gradient is taken: memory
    /// for their operands is needed only then, for the price of a second run ("gradient checkpointing"; Chen
    /// et al., arXiv 1604.06174).
    ///
    /// The gradients have the same bits as those of recorded operations, with respect to every tensor of this
    /// tape that `body` uses. `body` must do the same each time: give random draws a position, and change
    /// nothing outside. Variables watched inside are out of reach. Checkpoints can stand inside each other; a
    /// body that uses the tape must not hold it: `tape.checkpoint { [unowned tape] in … }`.
    public func checkpoint(_ body: @escaping () throws -> Tensor) throws -> Tensor {
        try checkpoint(first: body, again: body)
    }

    /// As ``checkpoint(_:)`` for operations that leave something behind: `first` does, `again` does not.
    package func checkpoint(
        first: () throws -> Tensor, again: @escaping () throws -> Tensor
    ) throws -> Tensor {
        guard !isPaused else { return try first() }
        isPaused = true
        defer { isPaused = false }
        let result = try first().detached
        entries.append(Entry(inputs: [], pullback: nil, replay: again))
        return result.recorded(on: self, at: entries.count - 1)
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
        try descend(from: end, through: begin, begin: begin, keeping: Set(places), &sums)
        return zip(places, variables).map { place, variable in
            place <= end ? sums[place] ?? Tensor(zeros: variable.shape) : Tensor(zeros: variable.shape)
        }
    }

    /// Adds to `sums` what the entries from `end` down to `last` make of the gradients of their results, as
    /// far as it concerns places from `begin` on. Gradients are let go when they are used, but for those of
    /// `kept`.
    private func descend(
        from end: Int, through last: Int, begin: Int, keeping kept: Set<Int>, _ sums: inout [Tensor?]
    ) throws {
        for index in stride(from: end, through: last, by: -1) {
            guard let sum = sums[index] else { continue }
            let entry = entries[index]
            if let pullback = entry.pullback {
                for (input, part) in zip(entry.inputs, try pullback(sum)) {
                    guard let input, let part, input >= begin else { continue }
                    sums[input] = try sums[input]?.adding(part) ?? part
                }
            }
            if let replay = entry.replay { try descend(sum, along: replay, begin: begin, &sums) }
            if !kept.contains(index) { sums[index] = nil }
        }
    }

    /// Records the operations of a checkpoint behind all others, hands the gradient of their result down, and
    /// forgets them. Earlier places get the same terms in the same order as without a checkpoint.
    private func descend(
        _ gradient: Tensor, along replay: () throws -> Tensor, begin: Int, _ sums: inout [Tensor?]
    ) throws {
        let (start, length) = (entries.count, sums.count)
        defer {
            entries.removeSubrange(start...)
            sums.removeSubrange(length...)
        }
        let result = try replay()
        sums += [Tensor?](repeating: nil, count: entries.count - length)
        guard let place = result.recording?.place, result.recording?.tape === self, place >= begin else {
            return
        }
        sums[place] = try sums[place]?.adding(gradient) ?? gradient
        try descend(from: entries.count - 1, through: start, begin: begin, keeping: [], &sums)
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
    /// none is wanted. It captures detached tensors only, or it would record what it does.
    func record(_ result: Tensor, from operands: [Tensor?], _ pullback: @escaping Pullback) -> Tensor {
        guard !isPaused else { return result }
        // A place on another tape, or on one that is gone, is no place here.
        let places = operands.map { operand -> Int? in
            guard let recording = operand?.recording, recording.tape === self else { return nil }
            return recording.place
        }
        entries.append(Entry(inputs: places, pullback: pullback))
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
