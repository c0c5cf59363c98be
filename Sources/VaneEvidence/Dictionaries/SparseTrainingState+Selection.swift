import Foundation
import VaneTensors

/// Which entries a step decodes.
extension SparseTrainingState {
    /// The entries to decode: for JumpReLU also those that are only near their threshold.
    func select(_ inputs: Tensor, dead: [Int]) throws -> (codes: SparseRows, dead: SparseRows?) {
        let packed = try PackedMatrix(encoder.value)
        var codes = SparseRows(columns: options.latents)
        var revived = dead.isEmpty ? nil : SparseRows(columns: options.latents)
        let most = min(dead.count, options.auxiliaryLatents ?? max(1, width / 2))
        let bounds = nearThresholds
        // A whole batch at once only where the selection needs it; else as much as caches hold.
        let size = options.kind == .batchTopK ? inputs.shape[0] : SparseDictionary.block
        for start in stride(from: 0, to: inputs.shape[0], by: size) {
            let rows = try inputs.rows(start..<min(start + size, inputs.shape[0]))
            let before = try rows.linear(packed, bias: encoderBias.value)
            switch options.kind {
            case .topK: codes.append(try before.topEntries(options.k))
            case .jumpReLU: codes.append(try before.entries(above: bounds))
            case .batchTopK:
                let least = BatchSelection.threshold(keeping: options.k * before.shape[0], of: before)
                let bound = least > 0 ? least.nextDown : 0
                codes = try before.entries(above: [Float](repeating: bound, count: options.latents))
                batchThreshold =
                    batchThreshold < 0
                    ? Double(least) : batchThreshold + 0.01 * (Double(least) - batchThreshold)
            }
            if revived != nil { revived?.append(try largest(most, before, dead)) }
        }
        return (codes, revived)
    }

    /// The `count` largest entries of each row among some columns.
    private func largest(_ count: Int, _ before: Tensor, _ columns: [Int]) throws -> SparseRows {
        let compact = Tensor(uninitialised: [before.shape[0], columns.count])
        let (from, to) = (before.width, columns.count)
        before.read { x in
            compact.write { y in
                // Sound: every row is written by one part.
                nonisolated(unsafe) let (x, y) = (x, y)
                SparseTrainingState.parallel(before.shape[0]) { row in
                    for (j, column) in columns.enumerated() { y[row * to + j] = x[row * from + column] }
                }
            }
        }
        let entries = try compact.topEntries(count)
        return SparseRows(
            columns: options.latents, starts: entries.starts,
            indices: entries.indices.map { Int32(truncatingIfNeeded: columns[Int($0)]) },
            values: entries.values)
    }

    // MARK: JumpReLU

    /// Where an entry begins to move its threshold.
    private var nearThresholds: [Float] {
        guard options.kind == .jumpReLU else { return [] }
        let half = Float(options.bandwidth / 2)
        return limits.map { max($0 - half, 0) }
    }

    /// JumpReLU's thresholds.
    var limits: [Float] { thresholds.value.elements.map { exp($0) } }

    /// Sets the entries below their threshold to 0; returns how far each entry was above it.
    func silence(_ codes: inout SparseRows) -> [Float] {
        let limits = self.limits
        return codes.indices.indices.map { entry in
            let margin = codes.values[entry] - limits[Int(codes.indices[entry])]
            if margin <= 0 { codes.values[entry] = 0 }
            return margin
        }
    }
}
