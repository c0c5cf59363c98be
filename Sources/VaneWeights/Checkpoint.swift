public import VaneTensors

/// Named tensors: the weights of a model.
public protocol Checkpoint: Sendable {
    /// What errors call it: a file or folder name.
    var name: String { get }
    /// The names of all tensors.
    var tensorNames: [String] { get }
    /// The tensor called `name`, nil if there is none.
    func tensor(named name: String) throws -> Tensor?
}

/// Tensors kept in memory: for tests, and for models made rather than loaded.
public struct MemoryCheckpoint: Checkpoint {
    /// What errors call it.
    public let name: String
    private let tensors: [String: Tensor]

    /// A checkpoint of these tensors.
    public init(name: String, tensors: [String: Tensor]) {
        self.name = name
        self.tensors = tensors
    }

    /// The names of all tensors.
    public var tensorNames: [String] { tensors.keys.sorted() }
    /// The tensor called `name`, nil if there is none.
    public func tensor(named name: String) -> Tensor? { tensors[name] }
}
