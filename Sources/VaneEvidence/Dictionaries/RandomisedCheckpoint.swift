public import VaneTensors
public import VaneWeights

/// A model's weights with nothing learnt in them: every matrix drawn anew from the normal distribution with its own mean
/// and deviation; vectors (norms and biases) stay. The control of a dictionary: what it finds here, in a model that
/// knows nothing, is no evidence of what the trained model knows (Heap et al., arXiv 2501.17727).
public struct RandomisedCheckpoint: Checkpoint {
    /// What errors call it.
    public let name: String
    private let original: any Checkpoint
    private let seed: UInt64

    /// The weights of `original`, drawn anew.
    public init(_ original: any Checkpoint, seed: UInt64 = 0) {
        self.original = original
        self.seed = seed
        name = original.name
    }

    /// The names of all tensors.
    public var tensorNames: [String] { original.tensorNames }

    /// The tensor called `name`, nil if there is none.
    public func tensor(named name: String) throws -> Tensor? {
        guard let tensor = try original.tensor(named: name), tensor.shape.rank > 1, tensor.shape.count > 0,
            let number = tensorNames.firstIndex(of: name)
        else { return try original.tensor(named: name) }
        let values = tensor.elements
        let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
        let variance = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        let deviation = (variance / Double(values.count)).squareRoot()
        var generator = SeededGenerator(seed: seed, stream: UInt64(number + 1))
        return try Tensor(
            values.map { _ in Float(mean + deviation * generator.normal()) }, shape: tensor.shape)
    }
}
