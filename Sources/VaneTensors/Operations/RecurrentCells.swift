/// A gated recurrent unit's step, PyTorch's `GRUCell` (Cho et al., arXiv 1406.1078):
///
/// ```text
/// r = σ(W_ir x + b_ir + W_hr h + b_hr)        z = σ(W_iz x + b_iz + W_hz h + b_hz)
/// n = tanh(W_in x + b_in + r · (W_hn h + b_hn))
/// h′ = n + z · (h - n)
/// ```
///
/// Parameters have PyTorch's names and shapes, gates in the order r, z, n: `weight_ih` `[3·hidden, inputs]`,
/// `weight_hh` `[3·hidden, hidden]`, `bias_ih` and `bias_hh` `[3·hidden]`, both or neither.
public struct GRUCell: Sendable {
    private let projections: GateProjections

    /// The length of an input row.
    public var inputs: Int { projections.input.inputs }
    /// The length of a state row.
    public var hidden: Int { projections.hidden }

    /// A cell of the parameters called `prefix + "weight_ih" + suffix` and so on; a suffix such as `_l0`
    /// takes one layer of PyTorch's `GRU`.
    ///
    /// - Throws: `missingParameter`, `shapeMismatch`.
    public init(_ parameters: [String: Tensor], prefix: String = "", suffix: String = "") throws {
        projections = try GateProjections(parameters, prefix, suffix, gates: 3, "GRUCell")
    }

    /// The state after `x`, `[batch, inputs]`, in state `h`, `[batch, hidden]`.
    ///
    /// - Throws: `shapeMismatch`.
    public func callAsFunction(_ x: Tensor, _ h: Tensor) throws -> Tensor {
        let (fromInput, fromState) = try projections(x, h)
        func gate(_ k: Int, _ tensor: Tensor) throws -> Tensor {
            try tensor.columns(k * hidden..<(k + 1) * hidden)
        }
        let reset = try gate(0, fromInput).adding(gate(0, fromState)).sigmoid()
        let keep = try gate(1, fromInput).adding(gate(1, fromState)).sigmoid()
        let new = try gate(2, fromInput).adding(reset.multiplying(gate(2, fromState))).tanh()
        return try new.adding(keep.multiplying(h.subtracting(new)))
    }
}

/// A long short-term memory's step, PyTorch's `LSTMCell` (Hochreiter and Schmidhuber, 1997, with forget
/// gate):
///
/// ```text
/// i, f, g, o = σ, σ, tanh, σ of (W_i x + b_i + W_h h + b_h), each
/// c′ = f · c + i · g
/// h′ = o · tanh c′
/// ```
///
/// Parameters have PyTorch's names and shapes, gates in the order i, f, g, o: `weight_ih` `[4·hidden,
/// inputs]`, `weight_hh` `[4·hidden, hidden]`, `bias_ih` and `bias_hh` `[4·hidden]`, both or neither.
public struct LSTMCell: Sendable {
    private let projections: GateProjections

    /// What the cell hands from step to step, each `[batch, hidden]`.
    public struct State: Sendable {
        /// The output.
        public var hidden: Tensor
        /// The memory.
        public var cell: Tensor

        /// A state.
        public init(hidden: Tensor, cell: Tensor) { (self.hidden, self.cell) = (hidden, cell) }
    }

    /// The length of an input row.
    public var inputs: Int { projections.input.inputs }
    /// The length of a state row.
    public var hidden: Int { projections.hidden }

    /// A cell of the parameters called `prefix + "weight_ih" + suffix` and so on; a suffix such as `_l0`
    /// takes one layer of PyTorch's `LSTM`.
    ///
    /// - Throws: `missingParameter`, `shapeMismatch`.
    public init(_ parameters: [String: Tensor], prefix: String = "", suffix: String = "") throws {
        projections = try GateProjections(parameters, prefix, suffix, gates: 4, "LSTMCell")
    }

    /// The state after `x`, `[batch, inputs]`.
    ///
    /// - Throws: `shapeMismatch`.
    public func callAsFunction(_ x: Tensor, _ state: State) throws -> State {
        let (fromInput, fromState) = try projections(x, state.hidden)
        let sums = try fromInput.adding(fromState)
        func gate(_ k: Int) throws -> Tensor { try sums.columns(k * hidden..<(k + 1) * hidden) }
        let written = try gate(0).sigmoid().multiplying(gate(2).tanh())
        let cell = try gate(1).sigmoid().multiplying(state.cell).adding(written)
        return State(hidden: try gate(3).sigmoid().multiplying(cell.tanh()), cell: cell)
    }
}

/// The two matrices of a recurrent cell, the gates' rows one below the other.
private struct GateProjections: Sendable {
    let input: PackedMatrix
    let state: PackedMatrix
    let inputBias: Tensor?
    let stateBias: Tensor?
    let hidden: Int
    private let operation: String

    init(
        _ parameters: [String: Tensor], _ prefix: String, _ suffix: String, gates: Int, _ operation: String
    ) throws {
        func parameter(_ name: String) throws -> Tensor {
            guard let tensor = parameters[prefix + name + suffix] else {
                throw TensorError(.missingParameter, in: operation, "'\(prefix + name + suffix)' is missing")
            }
            return tensor
        }
        let (wide, deep) = (try parameter("weight_ih"), try parameter("weight_hh"))
        try TensorError.expect(
            wide.shape.rank == 2 && deep.shape.rank == 2 && deep.shape[0] == gates * deep.shape[1]
                && wide.shape[0] == deep.shape[0], in: operation,
            "weight_ih \(wide.shape) and weight_hh \(deep.shape); [\(gates)·hidden, inputs] and "
                + "[\(gates)·hidden, hidden] are needed")
        let hasBias = ["bias_ih", "bias_hh"].contains { parameters[prefix + $0 + suffix] != nil }
        inputBias = hasBias ? try parameter("bias_ih") : nil
        stateBias = hasBias ? try parameter("bias_hh") : nil
        for bias in [inputBias, stateBias] {
            try TensorError.expect(
                (bias?.shape.count ?? wide.shape[0]) == wide.shape[0], in: operation,
                "bias \(bias?.shape ?? []) with weight_ih \(wide.shape)")
        }
        input = try PackedMatrix(wide)
        state = try PackedMatrix(deep)
        hidden = deep.shape[1]
        self.operation = operation
    }

    func callAsFunction(_ x: Tensor, _ h: Tensor) throws -> (Tensor, Tensor) {
        try TensorError.expect(
            x.shape.rank == 2 && x.shape[1] == input.inputs && h.shape == [x.shape[0], hidden], in: operation,
            "input \(x.shape) and state \(h.shape) for a cell of \(input.inputs) inputs, \(hidden) hidden")
        return (try x.linear(input, bias: inputBias), try h.linear(state, bias: stateBias))
    }
}
