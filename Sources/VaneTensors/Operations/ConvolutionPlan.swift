import CVaneKernels

/// A pair of lengths for the two axes of an image; an integer literal means both.
public struct Extent: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// Along the rows' axis.
    public let height: Int
    /// Along a row.
    public let width: Int

    /// A pair.
    public init(height: Int, width: Int) { (self.height, self.width) = (height, width) }
    /// The same length for both axes.
    public init(integerLiteral value: Int) { self.init(height: value, width: value) }
    /// The same length for both axes.
    public init(_ value: Int) { self.init(height: value, width: value) }

    /// `height · width`
    var count: Int { height * width }
    /// `2×3`
    public var description: String { "\(height)×\(width)" }
}

/// The sizes of a convolution from `[batch, inputs, image]` to `[batch, outputs, result]` with a weight
/// `[outputs, inputs / groups, kernel]`, and its three products.
///
/// The kernel's windows are laid out as the columns of a matrix ("im2col"), `[patch, positions]`, so that
/// each product is one of the matrix kernel. Every number is one chain of additions in an order that depends
/// on the sizes alone.
struct ConvolutionPlan: Sendable {
    let batch: Int
    let inputs: Int
    let outputs: Int
    let groups: Int
    let image: Extent
    let result: Extent
    let kernel: Extent
    let stride: Extent
    let padding: Extent
    let dilation: Extent

    /// Rows of the column matrix: weights of one output.
    var patch: Int { inputs / groups * kernel.count }
    /// Columns of the column matrix: places of the window.
    var positions: Int { result.count }

    var imageShape: Shape { [batch, inputs, image.height, image.width] }
    var resultShape: Shape { [batch, outputs, result.height, result.width] }
    var weightShape: Shape { [outputs, inputs / groups, kernel.height, kernel.width] }

    /// `⌊(length + 2·padding - dilation·(kernel - 1) - 1) / stride⌋ + 1`, 0 if the window does not fit.
    static func places(_ length: Int, kernel: Int, stride: Int, padding: Int, dilation: Int = 1) -> Int {
        let room = length + 2 * padding - dilation * (kernel - 1) - 1
        return room < 0 ? 0 : room / stride + 1
    }

    /// The convolution of `x` with `weight`, `[batch, outputs, result]`, plus one number of `bias` an output.
    func product(_ x: Tensor, _ weight: Tensor, bias: Tensor?) -> Tensor {
        let y = Tensor(uninitialised: resultShape)
        let (outs, patch, positions) = (outputs / groups, patch, positions)
        Compute.each(batch * groups) { part in
            let group = part % groups
            let matrix = columns(x, part)
            let packed = Storage(byteCount: vk_pack_bytes(VK_F32, positions, patch))
            withExtendedLifetime((matrix, packed)) {
                vk_pack(VK_F32, packed.base, matrix.base, positions, patch, 1, positions)
                y.write { y in
                    let start = y + part * outs * positions
                    weight.read { w in
                        vk_linear(
                            start, positions, w + group * outs * patch, patch, VK_F32, packed.base, nil, outs,
                            positions, patch)
                    }
                    bias?.read { bias in
                        for out in 0..<outs {
                            let (row, value) = (start + out * positions, bias[group * outs + out])
                            for i in 0..<positions { row[i] += value }
                        }
                    }
                }
            }
        }
        return y
    }

    /// The gradient with respect to the image from `dy`, `[batch, outputs, result]`; also the transposed
    /// convolution of `dy`.
    func imageGradient(_ dy: Tensor, _ weight: Tensor) -> Tensor {
        let dx = Tensor(zeros: imageShape)
        let (outs, patch, positions) = (outputs / groups, patch, positions)
        let turned = Tensor(uninitialised: [groups, patch, outs])
        weight.read { w in
            turned.write { t in
                for group in 0..<groups {
                    vk_transpose(t + group * patch * outs, w + group * patch * outs, outs, patch, patch)
                }
            }
        }
        Compute.each(batch * groups) { part in
            let packed = Storage(byteCount: vk_pack_bytes(VK_F32, positions, outs))
            let matrix = Storage(byteCount: patch * positions * 4)
            withExtendedLifetime((packed, matrix)) {
                let columns = matrix.base.assumingMemoryBound(to: Float.self)
                dy.read { dy in
                    vk_pack(VK_F32, packed.base, dy + part * outs * positions, positions, outs, 1, positions)
                }
                turned.read { w in
                    vk_linear(
                        columns, positions, w + part % groups * patch * outs, outs, VK_F32, packed.base, nil,
                        patch, positions, outs)
                }
                dx.write { addColumns(columns, to: $0 + part * (inputs / groups) * image.count) }
            }
        }
        return dx
    }

    /// The gradient with respect to the weight: that of each example, added in their order.
    func weightGradient(_ x: Tensor, _ dy: Tensor) -> Tensor {
        let dw = Tensor(zeros: weightShape)
        let (outs, patch, positions) = (outputs / groups, patch, positions)
        let packed = Storage(byteCount: vk_pack_bytes(VK_F32, patch, positions))
        let example = Tensor(uninitialised: [outs, patch])
        for part in 0..<batch * groups {
            let matrix = columns(x, part)
            withExtendedLifetime((matrix, packed)) {
                vk_pack(VK_F32, packed.base, matrix.base, patch, positions, positions, 1)
                dw.write { dw in
                    let sum = dw + part % groups * outs * patch
                    example.write { one in
                        dy.read { dy in
                            vk_linear(
                                one, patch, dy + part * outs * positions, positions, VK_F32, packed.base, nil,
                                outs, patch, positions)
                        }
                        vk_add(sum, sum, one, outs * patch)
                    }
                }
            }
        }
        return dw
    }

    /// The windows of example and group `part` of `x` as the columns of a `[patch, positions]` matrix.
    private func columns(_ x: Tensor, _ part: Int) -> Storage {
        let matrix = Storage(byteCount: patch * positions * 4)
        let (positions, kernel) = (positions, kernel)
        Compute.ranges(patch, of: max(1, Compute.grain / positions)) { rows in
            x.read { x in
                let images = x + part * (inputs / groups) * image.count
                let start = matrix.base.assumingMemoryBound(to: Float.self)
                for row in rows {
                    let place = row % kernel.count
                    copyWindow(
                        start + row * positions, images + row / kernel.count * image.count,
                        place / kernel.width, place % kernel.width)
                }
            }
        }
        return matrix
    }

    /// One row of the column matrix: the image's elements under element (`i`, `j`) of the kernel.
    private func copyWindow(_ row: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ i: Int, _ j: Int)
    {
        let shift = j * dilation.width - padding.width
        let inside = insideColumns(shift)
        for h in 0..<result.height {
            let target = row + h * result.width
            let line = h * stride.height - padding.height + i * dilation.height
            guard line >= 0 && line < image.height else {
                target.update(repeating: 0, count: result.width)
                continue
            }
            let source = x + line * image.width
            for w in 0..<inside.lowerBound { target[w] = 0 }
            for w in inside { target[w] = source[w * stride.width + shift] }
            for w in inside.upperBound..<result.width { target[w] = 0 }
        }
    }

    /// Adds the rows of a column matrix back where ``columns(_:_:)`` took them, one channel after another.
    private func addColumns(_ columns: UnsafePointer<Float>, to x: UnsafeMutablePointer<Float>) {
        for row in 0..<patch {
            let plane = x + row / kernel.count * image.count
            let place = row % kernel.count
            let (i, j) = (place / kernel.width, place % kernel.width)
            let shift = j * dilation.width - padding.width
            let inside = insideColumns(shift)
            for h in 0..<result.height {
                let line = h * stride.height - padding.height + i * dilation.height
                guard line >= 0 && line < image.height else { continue }
                let source = columns + row * positions + h * result.width
                let target = plane + line * image.width
                for w in inside { target[w * stride.width + shift] += source[w] }
            }
        }
    }

    /// The columns of the result whose window element, `shift` from the window's start, is inside the image.
    private func insideColumns(_ shift: Int) -> Range<Int> {
        let step = stride.width
        let first = shift >= 0 ? 0 : min(result.width, (-shift + step - 1) / step)
        let room = image.width - 1 - shift
        return first..<max(first, min(result.width, room < 0 ? 0 : room / step + 1))
    }
}
