import VaneTensors

/// One step: the selected entries, their reconstruction, the gradients of what was selected, Adam.
extension SparseTrainingState {
    /// What one loss has to say: entries, their values, the residual they leave, and what the gradients are made of.
    private struct Part {
        /// Selected latents with the value that is decoded.
        var codes: SparseRows
        /// `x - x̂` (or `e - ê`), `[rows, width]`.
        let residual: Tensor
        /// `Σ residual²` per row.
        let squares: [Double]
        /// Per entry the gradient with respect to its value, but for the factor of the loss.
        var slopes: [Float]
    }

    /// Takes a step on a batch `[rows, width]`.
    ///
    /// - Throws: ``EvidenceError`` `unusableInputs` when the loss is not finite.
    func step(_ batch: Tensor) throws -> SparseTrainer.Progress {
        step += 1
        let rows = batch.shape[0]
        let inputs = try centred(batch)
        let dead = lastActive.indices.filter { step - 1 - lastActive[$0] >= options.deadAfter }
        let selected = try select(inputs, dead: options.auxiliary > 0 ? dead : [])
        var codes = selected.codes
        var margins: [Float] = []
        if options.kind == .jumpReLU { margins = silence(&codes) }
        var main = try decoded(codes, of: inputs)
        let loss = main.squares.reduce(0, +)
        guard loss.isFinite else {
            throw EvidenceError(
                .unusableInputs,
                "step \(step): the loss is \(loss); the activations hold numbers that are not finite, or the rate is too high"
            )
        }
        for entry in codes.values.indices where codes.values[entry] > 0 {
            lastActive[Int(codes.indices[entry])] = step
        }
        let active = codes.values.count { $0 > 0 }
        // dL/dz = factor · W_dec·residual
        let factor = Float(-2 / (Double(rows) * Double(width)))
        var thresholdSlopes: [Float] = []
        if options.kind == .jumpReLU {
            thresholdSlopes = thresholdGradient(
                main, margins, factor: factor, active: Double(active) / Double(rows), rows: rows)
            for entry in codes.values.indices where codes.values[entry] == 0 { main.slopes[entry] = 0 }
        }
        var parts = [(part: main, factor: factor)]
        if let revived = selected.dead, loss > 0 {
            let part = try decoded(revived, of: main.residual)
            parts.append((part, Float(-2 * options.auxiliary / loss)))
        }
        try move(parts, inputs, thresholdSlopes)
        let variance = Double(rows) * Double(width)
        return SparseTrainer.Progress(
            step: step, steps: options.rate.steps, unexplained: loss / variance,
            active: Double(active) / Double(rows), dead: dead.count)
    }

    // MARK: Forward

    /// The residual that the entries leave of `target`, and `W_dec·residual` per entry.
    private func decoded(_ codes: SparseRows, of target: Tensor) throws -> Part {
        let (rows, width) = (target.shape[0], width)
        let residual = Tensor(uninitialised: target.shape)
        let negative = codes.values.map { -$0 }
        var slopes = [Float](repeating: 0, count: codes.count)
        var squares = [Double](repeating: 0, count: rows)
        let starts = codes.starts
        codes.withEntries { indices, _ in
            negative.withUnsafeBufferPointer { values in
                slopes.withUnsafeMutableBufferPointer { slopes in
                    squares.withUnsafeMutableBufferPointer { squares in
                        target.read { target in
                            decoder.value.read { matrix in
                                residual.write { left in
                                    // Sound: each row has its own part of what is written; all outlives the call.
                                    nonisolated(unsafe) let (indices, values, slopes, squares) = (
                                        indices, values, slopes, squares
                                    )
                                    nonisolated(unsafe) let (target, matrix, left) = (target, matrix, left)
                                    SparseTrainingState.parallel(rows) { row in
                                        let (first, own) = (starts[row], left + row * width)
                                        let count = starts[row + 1] - first
                                        if let values = values.baseAddress, let slopes = slopes.baseAddress {
                                            SparseKernels.sum(
                                                into: own, from: target + row * width, indices + first,
                                                values + first, count: count, matrix: matrix, stride: width,
                                                width: width)
                                            SparseKernels.dots(
                                                into: slopes + first, indices + first, count: count,
                                                matrix: matrix, stride: width, x: own, width: width)
                                        } else {
                                            own.update(from: target + row * width, count: width)
                                        }
                                        squares[row] = Vectors.dot(own, own, count: width)
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        return Part(codes: codes, residual: residual, squares: squares, slopes: slopes)
    }

    // MARK: Backward

    /// Moves all parameters against their gradients.
    private func move(_ parts: [(part: Part, factor: Float)], _ inputs: Tensor, _ thresholdSlopes: [Float])
        throws
    {
        let adam = AdamStep(
            step: step, rate: options.rate.rate(at: step), beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
        // By latent: the rows in which it is active, with the factors of its decoder's and encoder's gradients.
        let columns = parts.map { part, factor in
            let (byLatent, places) = part.codes.transposed()
            return LatentEntries(
                rows: byLatent.indices, starts: byLatent.starts,
                decoding: byLatent.values.map { $0 * factor },
                encoding: places.map { part.slopes[Int($0)] * factor }, residual: part.residual)
        }
        let biasSlopes = (0..<options.latents).map { latent in
            columns.reduce(Float(0)) { sum, column in
                column.encoding[column.starts[latent]..<column.starts[latent + 1]].reduce(sum, +)
            }
        }
        // The centre is taken from the inputs and added to the outputs.
        var centreSlopes = SparseKernels.columnSums(parts[0].part.residual).map { $0 * parts[0].factor }
        withPointers(biasSlopes.map { -$0 }, Array(0..<Int32(options.latents))) { values, indices in
            centreSlopes.withUnsafeMutableBufferPointer { slopes in
                guard let y = slopes.baseAddress else { return }
                encoder.value.read {
                    SparseKernels.sum(
                        into: y, from: y, indices, values, count: options.latents, matrix: $0, stride: width,
                        width: width)
                }
            }
        }
        moveMatrices(columns, inputs, adam)
        move(encoderBias, biasSlopes, adam)
        move(decoderBias, centreSlopes, adam)
        if !thresholdSlopes.isEmpty { move(thresholds, thresholdSlopes, adam) }
    }

    private struct LatentEntries: Sendable {
        let rows: [Int32]
        let starts: [Int]
        let decoding, encoding: [Float]
        let residual: Tensor
    }

    /// One latent at a time: its two gradients, the decoder's without the part along its direction, Adam, and the
    /// decoder's length back to 1. Nothing as large as a matrix is written but the parameters and their moments.
    private func moveMatrices(_ columns: [LatentEntries], _ inputs: Tensor, _ adam: AdamStep) {
        let (width, latents) = (width, options.latents)
        let (encoder, decoder) = (encoder, decoder)
        let size = 16
        Compute.parallel((latents + size - 1) / size) { part in
            let scratch = Storage(byteCount: 2 * width * 4)
            withExtendedLifetime(scratch) {
                let reading = scratch.base.assumingMemoryBound(to: Float.self)
                let writing = reading + width
                for latent in part * size..<min(latents, (part + 1) * size) {
                    reading.update(repeating: 0, count: 2 * width)
                    for column in columns {
                        let first = column.starts[latent]
                        let count = column.starts[latent + 1] - first
                        guard count > 0 else { continue }
                        column.rows.withUnsafeBufferPointer { rows in
                            column.decoding.withUnsafeBufferPointer { decoding in
                                column.encoding.withUnsafeBufferPointer { encoding in
                                    guard let rows = rows.baseAddress, let decoding = decoding.baseAddress,
                                        let encoding = encoding.baseAddress
                                    else { return }
                                    column.residual.read {
                                        SparseKernels.sum(
                                            into: writing, from: writing, rows + first, decoding + first,
                                            count: count, matrix: $0, stride: width, width: width)
                                    }
                                    inputs.read {
                                        SparseKernels.sum(
                                            into: reading, from: reading, rows + first, encoding + first,
                                            count: count, matrix: $0, stride: width, width: width)
                                    }
                                }
                            }
                        }
                    }
                    let offset = latent * width
                    decoder.value.write { matrix in
                        let row = matrix + offset
                        let along = Vectors.dot(writing, row, count: width)
                        Vectors.add(row, times: Float(-along), to: writing, count: width)
                        apply(adam, decoder, offset, writing, width)
                        let length = Vectors.dot(row, row, count: width).squareRoot()
                        if length > 0 {
                            let factor = Float(1 / length)
                            for j in 0..<width { row[j] *= factor }
                        }
                    }
                    apply(adam, encoder, offset, reading, width)
                }
            }
        }
    }

    private func move(_ parameter: Parameter, _ slopes: [Float], _ adam: AdamStep) {
        slopes.withUnsafeBufferPointer { slopes in
            guard let gradient = slopes.baseAddress else { return }
            apply(adam, parameter, 0, gradient, slopes.count)
        }
    }

    private func withPointers(
        _ values: [Float], _ indices: [Int32], _ body: (UnsafePointer<Float>, UnsafePointer<Int32>) -> Void
    ) {
        values.withUnsafeBufferPointer { values in
            indices.withUnsafeBufferPointer { indices in
                if let values = values.baseAddress, let indices = indices.baseAddress {
                    body(values, indices)
                }
            }
        }
    }

    // MARK: JumpReLU

    /// The gradient with respect to the logarithms of the thresholds `θ`, of entries within half a bandwidth `w`:
    /// `dz/dθ = -θ/w`, and `-1/w` for an active entry's count.
    private func thresholdGradient(
        _ part: Part, _ margins: [Float], factor: Float, active: Double, rows: Int
    ) -> [Float] {
        let limits = self.limits
        let width = Float(options.bandwidth)
        let k = Double(options.k)
        let count = Float(options.sparsity * 2 * (active / k - 1) / k / Double(rows))
        var slopes = [Float](repeating: 0, count: options.latents)
        for (entry, margin) in margins.enumerated() where abs(margin) < width / 2 {
            let latent = Int(part.codes.indices[entry])
            let limit = limits[latent]
            slopes[latent] -= (part.slopes[entry] * factor * limit + count) / width * limit
        }
        return slopes
    }
}

/// Moves a part of a parameter. Sound where no two threads move the same part: the tensors belong to the state alone.
private func apply(
    _ adam: AdamStep, _ parameter: SparseTrainingState.Parameter, _ offset: Int,
    _ gradient: UnsafePointer<Float>, _ count: Int
) {
    parameter.value.write { value in
        parameter.first.write { first in
            parameter.second.write { second in
                adam.apply(value + offset, first + offset, second + offset, gradient: gradient, count: count)
            }
        }
    }
}
