public import VaneSites
public import VaneTensors

/// Rows of activations to train on.
public protocol ActivationSource: Sendable {
    /// How many rows there are.
    var count: Int { get }
    /// Entries of a row.
    var width: Int { get }
    /// Some rows, float32, `[numbers, width]`; every number is less than ``count``.
    func rows(_ numbers: [Int]) throws -> Tensor
}

/// Activations in memory.
public struct MemoryActivations: ActivationSource {
    private let matrix: Tensor

    /// The rows of a matrix.
    ///
    /// - Throws: ``EvidenceError`` `unusableInputs` unless it is a matrix with rows.
    public init(_ matrix: Tensor) throws {
        guard matrix.shape.rank == 2 && matrix.shape.count > 0 else {
            throw EvidenceError(.unusableInputs, "activations are [rows, width], not \(matrix.shape)")
        }
        self.matrix = matrix.detached.copied()
    }

    /// The activations of every token of some texts at a site.
    ///
    /// - Throws: ``EvidenceError`` `unusableInputs` for no texts or an empty one; `SiteError`.
    public init(_ texts: [[Int]], at site: Site, in network: any SteerableNetwork, batchTokens: Int = 2048)
        throws
    {
        try self.init(TokenRows.read(texts[...], at: site, in: network, batchTokens: batchTokens))
    }

    /// How many rows there are.
    public var count: Int { matrix.shape[0] }
    /// Entries of a row.
    public var width: Int { matrix.shape[1] }

    /// Some rows, `[numbers, width]`.
    public func rows(_ numbers: [Int]) throws -> Tensor {
        try matrix.gatherRows(numbers.map { Int32(clamping: $0) })
    }
}

/// The order in which a training run takes the rows of a source: blocks of neighbouring rows are shuffled, and the
/// rows within some blocks at a time. Reading stays in large pieces, and what a step takes follows from its number.
public struct ShuffledRows: Sendable {
    /// Neighbouring rows of a block.
    public static let block = 256
    /// Blocks whose rows are mixed.
    public static let mixed = 64

    private let count: Int
    private let seed: UInt64
    private var current: (epoch: Int, group: Int, order: [Int])?
    private var blocks: (epoch: Int, order: [Int])?

    /// An order of `count` rows.
    ///
    /// - Throws: ``EvidenceError`` `unusableInputs` for no rows.
    public init(count: Int, seed: UInt64) throws {
        guard count > 0 else { throw EvidenceError(.unusableInputs, "there are no activations") }
        self.count = count
        self.seed = seed
    }

    /// The rows that step `step`, counted from 1, takes: `size` of them. Each row comes once before any comes again.
    public mutating func numbers(step: Int, size: Int) -> [Int] {
        var result: [Int] = []
        result.reserveCapacity(size)
        var place = (step - 1) * size
        while result.count < size {
            let (epoch, offset) = (place / count, place % count)
            let order = group(epoch, offset / groupSize)
            let first = offset % groupSize
            let taken = order[first..<min(order.count, first + size - result.count)]
            result += taken
            place += taken.count
        }
        return result
    }

    private var groupSize: Int { ShuffledRows.block * ShuffledRows.mixed }

    /// The rows of a group in their order. Only the last block of all may be short, and it stays last, so that every
    /// group but the last is full.
    private mutating func group(_ epoch: Int, _ group: Int) -> [Int] {
        if let current, current.epoch == epoch, current.group == group { return current.order }
        let size = ShuffledRows.block
        let whole = count / size
        if blocks?.epoch != epoch {
            var generator = SeededGenerator(seed: seed, stream: UInt64(epoch) << 32)
            blocks = (epoch, generator.shuffled(0..<whole) + (count % size == 0 ? [] : [whole]))
        }
        let order = blocks?.order ?? []
        let chosen = order[group * ShuffledRows.mixed..<min(order.count, (group + 1) * ShuffledRows.mixed)]
        var generator = SeededGenerator(seed: seed, stream: UInt64(epoch) << 32 | UInt64(group + 1))
        let rows = generator.shuffled(chosen.flatMap { $0 * size..<min(count, ($0 + 1) * size) })
        current = (epoch, group, rows)
        return rows
    }
}
