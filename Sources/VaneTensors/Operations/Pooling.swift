extension Tensor {
    /// The largest element of each window of `[batch, channels, height, width]`, PyTorch's `max_pool2d`:
    /// `[batch, channels, height′, width′]`, `height′ = ⌊(height + 2·padding - kernel) / stride⌋ + 1`.
    ///
    /// Padding never wins. The gradient goes to the first of equal elements; NaN wins. `stride` nil means the
    /// kernel's own size.
    ///
    /// - Throws: `shapeMismatch`; `outOfRange` unless `0 < stride` and `0 ≤ padding ≤ kernel / 2`.
    public func maxPool2d(kernel: Extent, stride: Extent? = nil, padding: Extent = 0) throws -> Tensor {
        try largest(PoolingPlan("maxPool2d", shape, kernel, stride ?? kernel, padding))
    }

    /// The largest element of each window of `[batch, channels, length]`; see
    /// ``maxPool2d(kernel:stride:padding:)``.
    ///
    /// - Throws: `shapeMismatch`; `outOfRange`.
    public func maxPool1d(kernel: Int, stride: Int? = nil, padding: Int = 0) throws -> Tensor {
        try largest(PoolingPlan("maxPool1d", shape, line: kernel, stride ?? kernel, padding))
    }

    /// The mean of each window of `[batch, channels, height, width]`, PyTorch's `avg_pool2d`; shapes as
    /// ``maxPool2d(kernel:stride:padding:)``. Sums are taken in double precision. `countIncludePad` says whether
    /// padding counts as zeros in the mean (the default, as in PyTorch) or is left out of it.
    ///
    /// - Throws: `shapeMismatch`; `outOfRange` unless `0 < stride` and `0 ≤ padding ≤ kernel / 2`.
    public func avgPool2d(
        kernel: Extent, stride: Extent? = nil, padding: Extent = 0, countIncludePad: Bool = true
    ) throws -> Tensor {
        try mean(PoolingPlan("avgPool2d", shape, kernel, stride ?? kernel, padding), countIncludePad)
    }

    /// The mean of each window of `[batch, channels, length]`; see
    /// ``avgPool2d(kernel:stride:padding:countIncludePad:)``.
    ///
    /// - Throws: `shapeMismatch`; `outOfRange`.
    public func avgPool1d(
        kernel: Int, stride: Int? = nil, padding: Int = 0, countIncludePad: Bool = true
    ) throws -> Tensor {
        try mean(PoolingPlan("avgPool1d", shape, line: kernel, stride ?? kernel, padding), countIncludePad)
    }

    private func largest(_ plan: PoolingPlan) -> Tensor {
        let source = detached.dense
        let result = Tensor(uninitialised: plan.resultShape)
        plan.windows { from, to, rows, columns in
            source.read { x in
                let place = plan.place(x + from, rows, columns)
                result.write { $0[to] = x[from + place] }
            }
        }
        guard let tape = Tape.of(self) else { return result }
        return tape.record(result, from: [self]) { gradient in
            let upper = gradient.contiguous()
            let dx = Tensor(zeros: source.shape)
            // Finding the places again costs less than keeping them.
            plan.windows { from, to, rows, columns in
                source.read { x in
                    upper.read { dy in
                        dx.write { $0[from + plan.place(x + from, rows, columns)] += dy[to] }
                    }
                }
            }
            return [dx]
        }
    }

    private func mean(_ plan: PoolingPlan, _ countIncludePad: Bool) -> Tensor {
        let source = detached.dense
        let result = Tensor(uninitialised: plan.resultShape)
        let (width, whole) = (plan.image.width, plan.kernel.count)
        plan.windows { from, to, rows, columns in
            source.read { x in
                var sum = 0.0
                for i in rows { for j in columns { sum += Double(x[from + i * width + j]) } }
                let count = countIncludePad ? whole : rows.count * columns.count
                result.write { $0[to] = Float(sum / Double(count)) }
            }
        }
        guard let tape = Tape.of(self) else { return result }
        let shape = self.shape
        return tape.record(result, from: [self]) { gradient in
            let upper = gradient.contiguous()
            let dx = Tensor(zeros: shape)
            plan.windows { from, to, rows, columns in
                let count = countIncludePad ? whole : rows.count * columns.count
                let part = upper.read { $0[to] / Float(count) }
                dx.write { x in
                    for i in rows { for j in columns { x[from + i * width + j] += part } }
                }
            }
            return [dx]
        }
    }
}

/// The sizes of a pooling.
private struct PoolingPlan: Sendable {
    let resultShape: Shape
    let planes: Int
    let image: Extent
    let result: Extent
    let kernel: Extent
    let stride: Extent
    let padding: Extent

    init(_ operation: String, _ shape: Shape, line kernel: Int, _ stride: Int, _ padding: Int) throws {
        try TensorError.expect(
            shape.rank == 3, in: operation, "[batch, channels, length] is needed, not \(shape)")
        try self.init(
            operation, shape, Extent(height: 1, width: shape[2]), Extent(height: 1, width: kernel),
            Extent(height: 1, width: stride), Extent(height: 0, width: padding))
    }

    init(
        _ operation: String, _ shape: Shape, _ kernel: Extent, _ stride: Extent, _ padding: Extent
    ) throws {
        try TensorError.expect(
            shape.rank == 4, in: operation, "[batch, channels, height, width] is needed, not \(shape)")
        try self.init(
            operation, shape, Extent(height: shape[2], width: shape[3]), kernel, stride, padding)
    }

    private init(
        _ operation: String, _ shape: Shape, _ image: Extent, _ kernel: Extent, _ stride: Extent,
        _ padding: Extent
    ) throws {
        guard min(kernel.height, kernel.width, stride.height, stride.width) > 0,
            min(padding.height, padding.width) >= 0, 2 * padding.height <= kernel.height,
            2 * padding.width <= kernel.width
        else {
            throw TensorError(
                .outOfRange, in: operation,
                "impossible: kernel \(kernel), stride \(stride), padding \(padding) (at most half the kernel)"
            )
        }
        result = Extent(
            height: ConvolutionPlan.places(
                image.height, kernel: kernel.height, stride: stride.height, padding: padding.height),
            width: ConvolutionPlan.places(
                image.width, kernel: kernel.width, stride: stride.width, padding: padding.width))
        try TensorError.expect(
            result.count > 0 && image.count > 0, in: operation,
            "input \(shape) with padding \(padding) is smaller than kernel \(kernel)")
        planes = shape[0] * shape[1]
        (self.image, self.kernel, self.stride, self.padding) = (image, kernel, stride, padding)
        resultShape =
            shape.rank == 3
            ? [shape[0], shape[1], result.width] : [shape[0], shape[1], result.height, result.width]
    }

    /// Calls `body` for each window with the place of its plane, the place of its result, and its rows and
    /// columns inside the image. Planes run on the kernels' threads; a plane's windows follow each other.
    func windows(
        _ body: @Sendable (_ plane: Int, _ to: Int, _ rows: Range<Int>, _ columns: Range<Int>) -> Void
    ) {
        let (image, result) = (image, result)
        Compute.ranges(planes, of: max(1, Compute.grain / image.count)) { range in
            for plane in range {
                for h in 0..<result.height {
                    let rows = inside(h * stride.height - padding.height, kernel.height, image.height)
                    for w in 0..<result.width {
                        let columns = inside(w * stride.width - padding.width, kernel.width, image.width)
                        body(plane * image.count, plane * result.count + h * result.width + w, rows, columns)
                    }
                }
            }
        }
    }

    private func inside(_ start: Int, _ length: Int, _ limit: Int) -> Range<Int> {
        max(0, start)..<min(limit, start + length)
    }

    /// The place of the first largest element, or of a NaN.
    func place(_ x: UnsafePointer<Float>, _ rows: Range<Int>, _ columns: Range<Int>) -> Int {
        var best = rows.lowerBound * image.width + columns.lowerBound
        for i in rows {
            for j in columns where x[i * image.width + j] > x[best] || x[i * image.width + j].isNaN {
                best = i * image.width + j
            }
        }
        return best
    }
}
