/// How the kernel of a convolution moves over an image.
struct Sliding: CustomStringConvertible {
    let stride: Extent
    let padding: Extent
    let dilation: Extent
    let groups: Int

    init(_ stride: Extent, _ padding: Extent, _ dilation: Extent, _ groups: Int) {
        (self.stride, self.padding, self.dilation, self.groups) = (stride, padding, dilation, groups)
    }

    /// Along one row only.
    init(line stride: Int, _ padding: Int, _ dilation: Int, _ groups: Int) {
        self.init(
            Extent(height: 1, width: stride), Extent(height: 0, width: padding),
            Extent(height: 1, width: dilation), groups)
    }

    var description: String { "stride \(stride), padding \(padding), dilation \(dilation), groups \(groups)" }

    /// The sizes of a convolution of `image`, `[batch, inputs, …]` of `rank` dimensions.
    func plan(
        _ operation: String, rank: Int, _ image: Tensor, _ weight: Tensor, _ bias: Tensor?
    ) throws -> ConvolutionPlan {
        try expectPossible(operation, rank, image, weight, bias)
        try TensorError.expect(
            image.shape[1] == weight.shape[1] * groups && weight.shape[0] % groups == 0
                && (bias?.shape.count ?? weight.shape[0]) == weight.shape[0], in: operation,
            "input \(image.shape) does not fit \(described(weight, bias))")
        let (size, kernel) = (Sliding.extent(image.shape), Sliding.extent(weight.shape))
        let result = Extent(
            height: ConvolutionPlan.places(
                size.height, kernel: kernel.height, stride: stride.height, padding: padding.height,
                dilation: dilation.height),
            width: ConvolutionPlan.places(
                size.width, kernel: kernel.width, stride: stride.width, padding: padding.width,
                dilation: dilation.width))
        try TensorError.expect(
            result.count > 0, in: operation,
            "padded input \(image.shape) is smaller than the window of \(described(weight, bias))")
        return ConvolutionPlan(
            batch: image.shape[0], inputs: image.shape[1], outputs: weight.shape[0], groups: groups,
            image: size, result: result, kernel: kernel, stride: stride, padding: padding, dilation: dilation)
    }

    /// The sizes of the convolution whose gradient is the transposed convolution of `rows`: its result has
    /// the size of `rows`, its image that of the transposed convolution's result.
    func transposedPlan(
        _ operation: String, rank: Int, _ rows: Tensor, _ weight: Tensor, _ bias: Tensor?, _ extra: Extent
    ) throws -> ConvolutionPlan {
        try expectPossible(operation, rank, rows, weight, bias)
        try TensorError.expect(
            rows.shape[1] == weight.shape[0] && weight.shape[0] % groups == 0
                && (bias?.shape.count ?? weight.shape[1] * groups) == weight.shape[1] * groups, in: operation,
            "input \(rows.shape) does not fit \(described(weight, bias))")
        guard min(extra.height, extra.width) >= 0, extra.height < max(stride.height, dilation.height),
            extra.width < max(stride.width, dilation.width)
        else {
            throw TensorError(
                .outOfRange, in: operation, "output padding \(extra) is not below stride or dilation: \(self)"
            )
        }
        let (size, kernel) = (Sliding.extent(rows.shape), Sliding.extent(weight.shape))
        func length(_ length: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int) -> Int {
            (length - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1
        }
        let height = length(size.height, kernel.height, stride.height, padding.height, dilation.height)
        let width = length(size.width, kernel.width, stride.width, padding.width, dilation.width)
        try TensorError.expect(
            size.count > 0 && height + extra.height > 0 && width + extra.width > 0, in: operation,
            "input \(rows.shape) leaves nothing with \(described(weight, bias))")
        return ConvolutionPlan(
            batch: rows.shape[0], inputs: weight.shape[1] * groups, outputs: rows.shape[1], groups: groups,
            image: Extent(height: height + extra.height, width: width + extra.width), result: size,
            kernel: kernel, stride: stride, padding: padding, dilation: dilation)
    }

    private func expectPossible(
        _ operation: String, _ rank: Int, _ image: Tensor, _ weight: Tensor, _ bias: Tensor?
    ) throws {
        guard groups > 0, min(stride.height, stride.width, dilation.height, dilation.width) > 0,
            min(padding.height, padding.width) >= 0
        else { throw TensorError(.outOfRange, in: operation, "impossible: \(self)") }
        try TensorError.expect(
            image.shape.rank == rank && weight.shape.rank == rank && weight.shape.count > 0, in: operation,
            "\(rank) dimensions are needed, not input \(image.shape) with \(described(weight, bias))")
    }

    private func described(_ weight: Tensor, _ bias: Tensor?) -> String {
        "weight \(weight.shape), bias \(bias.map { "\($0.shape)" } ?? "none"), \(self)"
    }

    /// The last one or two dimensions, from the third on.
    private static func extent(_ shape: Shape) -> Extent {
        shape.rank == 3 ? Extent(height: 1, width: shape[2]) : Extent(height: shape[2], width: shape[3])
    }
}
