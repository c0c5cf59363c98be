/// The names of Python's that Vane reads as data; it never calls what they name.
enum PickleGlobal: Equatable {
    case orderedDictionary
    case size
    case tensor
    case parameter
    /// A storage of this class, such as `FloatStorage`.
    case storage(String)

    /// The global with this full name; nil for any other.
    init?(_ name: String) {
        switch name {
        case "collections.OrderedDict": self = .orderedDictionary
        case "torch.Size": self = .size
        case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor": self = .tensor
        case "torch._utils._rebuild_parameter": self = .parameter
        default:
            guard name.hasPrefix("torch."), TorchElement(storage: String(name.dropFirst(6))) != nil else {
                return nil
            }
            self = .storage(String(name.dropFirst(6)))
        }
    }
}
