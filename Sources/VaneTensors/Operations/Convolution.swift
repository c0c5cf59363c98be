extension Tensor {
    /// The two-dimensional convolution (cross-correlation, as in PyTorch's `conv2d`):
    /// `y[n, o, h, w] = bias[o] + Σ x[n, c, h·stride + i·dilation - padding, …] · weight[o, c, i, j]`.
    ///
    /// `self` is `[batch, inputs, height, width]`, `weight` `[outputs, inputs / groups, kernel height, kernel
    /// width]`, `bias` `[outputs]`; the result is `[batch, outputs, height′, width′]` with `height′ =
    /// ⌊(height + 2·padding - dilation·(kernel - 1) - 1) / stride⌋ + 1`. Outside the image are zeros. Output
    /// `o` sees the inputs of its group only. Windows are copied: needs `patch · height′ · width′` numbers of
    /// scratch memory an example.
    ///
    /// - Throws: `shapeMismatch`, naming both shapes; `outOfRange` for an impossible stride, padding,
    ///   dilation or number of groups.
    public func conv2d(
        _ weight: Tensor, bias: Tensor? = nil, stride: Extent = 1, padding: Extent = 0, dilation: Extent = 1,
        groups: Int = 1
    ) throws -> Tensor {
        let plan = try Sliding(stride, padding, dilation, groups).plan(
            "conv2d", rank: 4, self, weight, bias)
        return convolved(plan, on: self, weight, bias)
    }

    /// The one-dimensional convolution, PyTorch's `conv1d`: `[batch, inputs, length]` with `weight`
    /// `[outputs, inputs / groups, kernel]` gives `[batch, outputs, length′]`; see
    /// ``conv2d(_:bias:stride:padding:dilation:groups:)``.
    ///
    /// - Throws: `shapeMismatch`, naming both shapes; `outOfRange`.
    public func conv1d(
        _ weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
        groups: Int = 1
    ) throws -> Tensor {
        let plan = try Sliding(line: stride, padding, dilation, groups).plan(
            "conv1d", rank: 3, self, weight, bias)
        let image = try reshaped(to: plan.imageShape)
        let result = convolved(plan, on: image, try weight.reshaped(to: plan.weightShape), bias)
        return try result.reshaped(to: [plan.batch, plan.outputs, plan.result.width])
    }

    /// The transposed two-dimensional convolution, PyTorch's `conv_transpose2d`: the gradient of `conv2d`
    /// with respect to its image, for `self` as the gradient of its result.
    ///
    /// `self` is `[batch, inputs, height, width]`, `weight` `[inputs, outputs / groups, kernel height, kernel
    /// width]`, `bias` `[outputs]`; the result is `[batch, outputs, height′, width′]` with `height′ =
    /// (height - 1)·stride - 2·padding + dilation·(kernel - 1) + outputPadding + 1`.
    ///
    /// - Throws: `shapeMismatch`, naming both shapes; `outOfRange`, also for an output padding that is not
    ///   smaller than stride or dilation.
    public func convTranspose2d(
        _ weight: Tensor, bias: Tensor? = nil, stride: Extent = 1, padding: Extent = 0,
        outputPadding: Extent = 0, dilation: Extent = 1, groups: Int = 1
    ) throws -> Tensor {
        let plan = try Sliding(stride, padding, dilation, groups).transposedPlan(
            "convTranspose2d", rank: 4, self, weight, bias, outputPadding)
        return spread(plan, on: self, weight, bias)
    }

    /// The transposed one-dimensional convolution, PyTorch's `conv_transpose1d`: `[batch, inputs, length]`
    /// with `weight` `[inputs, outputs / groups, kernel]` gives `[batch, outputs, length′]`; see
    /// ``convTranspose2d(_:bias:stride:padding:outputPadding:dilation:groups:)``.
    ///
    /// - Throws: `shapeMismatch`, naming both shapes; `outOfRange`.
    public func convTranspose1d(
        _ weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, outputPadding: Int = 0,
        dilation: Int = 1, groups: Int = 1
    ) throws -> Tensor {
        let plan = try Sliding(line: stride, padding, dilation, groups).transposedPlan(
            "convTranspose1d", rank: 3, self, weight, bias, Extent(height: 0, width: outputPadding))
        let rows = try reshaped(to: plan.resultShape)
        let result = spread(plan, on: rows, try weight.reshaped(to: plan.weightShape), bias)
        return try result.reshaped(to: [plan.batch, plan.inputs, plan.image.width])
    }

    private func convolved(
        _ plan: ConvolutionPlan, on image: Tensor, _ weight: Tensor, _ bias: Tensor?
    ) -> Tensor {
        let (x, w) = (image.detached.dense, weight.detached.dense)
        let result = plan.product(x, w, bias: bias?.detached.dense)
        guard let tape = Tape.of(image, weight, bias) else { return result }
        let (needsImage, needsWeight) = (image.isRecorded, weight.isRecorded)
        let biasShape = bias.flatMap { $0.isRecorded ? $0.shape : nil }
        return tape.record(result, from: [image, weight, bias]) { gradient in
            let dy = gradient.contiguous()
            return [
                needsImage ? plan.imageGradient(dy, w) : nil, needsWeight ? plan.weightGradient(x, dy) : nil,
                biasShape.map { dy.channelSums($0) },
            ]
        }
    }

    private func spread(
        _ plan: ConvolutionPlan, on rows: Tensor, _ weight: Tensor, _ bias: Tensor?
    ) -> Tensor {
        let (x, w) = (rows.detached.dense, weight.detached.dense)
        let result = plan.imageGradient(x, w)
        if let bias { result.addToChannels(bias.detached.dense) }
        guard let tape = Tape.of(rows, weight, bias) else { return result }
        let (needsRows, needsWeight) = (rows.isRecorded, weight.isRecorded)
        let biasShape = bias.flatMap { $0.isRecorded ? $0.shape : nil }
        return tape.record(result, from: [rows, weight, bias]) { gradient in
            let dy = gradient.contiguous()
            return [
                needsRows ? plan.product(dy, w, bias: nil) : nil,
                needsWeight ? plan.weightGradient(dy, x) : nil, biasShape.map { dy.channelSums($0) },
            ]
        }
    }

    /// The sum of each channel of `[batch, channels, …]` in double precision, rounded.
    private func channelSums(_ sumsShape: Shape) -> Tensor {
        let sums = Tensor(uninitialised: sumsShape)
        let (batch, channels) = (shape[0], shape[1])
        let size = batch * channels == 0 ? 0 : shape.count / (batch * channels)
        Compute.ranges(channels, of: max(1, Compute.grain / max(1, batch * size))) { range in
            read { x in
                sums.write { y in
                    for channel in range {
                        var sum = 0.0
                        for example in 0..<batch {
                            let plane = x + (example * channels + channel) * size
                            for i in 0..<size { sum += Double(plane[i]) }
                        }
                        y[channel] = Float(sum)
                    }
                }
            }
        }
        return sums
    }

    /// Adds one number of `bias` to each channel, in place: for results nobody else has seen.
    private func addToChannels(_ bias: Tensor) {
        let (batch, channels) = (shape[0], shape[1])
        let size = batch * channels == 0 ? 0 : shape.count / (batch * channels)
        write { y in
            bias.read { bias in
                for plane in 0..<batch * channels {
                    let (row, value) = (y + plane * size, bias[plane % channels])
                    for i in 0..<size { row[i] += value }
                }
            }
        }
    }
}
