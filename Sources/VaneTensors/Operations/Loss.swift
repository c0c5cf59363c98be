import CVaneKernels

extension Tensor {
    /// The mean cross-entropy of rows of logits with the classes `targets`:
    /// `-1/n · Σ log softmax(row)[target]`, a tensor of one element.
    ///
    /// - Throws: `shapeMismatch` unless there is one target a row; `outOfRange`, naming the target.
    public func crossEntropy(_ targets: [Int32]) throws -> Tensor {
        try TensorError.expect(
            shape.rank == 2 && shape[0] == targets.count && !targets.isEmpty, in: "crossEntropy",
            "\(targets.count) targets for logits \(shape)")
        if let target = targets.first(where: { $0 < 0 || Int($0) >= shape[1] }) {
            throw TensorError(.outOfRange, in: "crossEntropy", "class \(target) of logits \(shape)")
        }
        let source = detached.contiguous()
        let (rows, width) = (targets.count, self.width)
        let scores = Tensor(uninitialised: [rows])
        source.read { x in scores.write { vk_target_log_softmax($0, x, targets, rows, width) } }
        let sum = scores.read { base in targets.indices.reduce(0.0) { $0 - Double(base[$1]) } }
        let result = try Tensor([Float(sum / Double(targets.count))], shape: [])
        guard let tape = Tape.of(self) else { return result }
        return tape.record(result, from: [self]) { gradient in
            let scale = gradient.elements[0] / Float(targets.count)
            // The pullback is taken once a step: making the probabilities again costs less than keeping them.
            let slope = Tensor(uninitialised: source.shape)
            source.read { x in
                slope.write { vk_cross_entropy_gradient($0, x, targets, scale, rows, width) }
            }
            return [slope]
        }
    }
}
