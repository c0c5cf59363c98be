/// The dimensions of a tensor, outermost first, stored inline: making one allocates nothing.
///
/// At most ``maximumRank`` dimensions.
public struct Shape: Hashable, Sendable, CustomStringConvertible, ExpressibleByArrayLiteral {
    /// The largest number of dimensions.
    public static let maximumRank = 6

    private var dimensions: SIMD8<Int>
    /// The number of dimensions.
    public let rank: Int

    /// A shape with these dimensions, outermost first. More than ``maximumRank`` or a negative one is a
    /// programmer mistake.
    public init(_ dimensions: some Collection<Int>) {
        precondition(dimensions.count <= Shape.maximumRank, "a shape has at most 6 dimensions")
        self.dimensions = .zero
        rank = dimensions.count
        for (i, dimension) in dimensions.enumerated() {
            precondition(dimension >= 0, "a dimension cannot be negative")
            self.dimensions[i] = dimension
        }
    }

    /// A shape with these dimensions, outermost first.
    public init(arrayLiteral elements: Int...) { self.init(elements) }

    init(rows: Int, columns: Int) {
        dimensions = SIMD8(rows, columns, 0, 0, 0, 0, 0, 0)
        rank = 2
    }

    /// Dimension `axis`, counted from the outermost.
    public subscript(axis: Int) -> Int {
        precondition(axis >= 0 && axis < rank, "axis \(axis) of a shape of rank \(rank)")
        return dimensions[axis]
    }

    /// The product of the dimensions; 1 for rank 0.
    public var count: Int {
        var product = 1
        for axis in 0..<rank { product *= dimensions[axis] }
        return product
    }

    /// The dimensions as an array.
    public var array: [Int] { (0..<rank).map { dimensions[$0] } }

    /// `[2, 3]`
    public var description: String { "\(array)" }
}
