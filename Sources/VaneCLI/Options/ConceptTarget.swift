public import ArgumentParser
public import Vane

/// `FILE=P`: a concept file and the probability to reach.
struct ConceptTarget: ExpressibleByArgument {
    let path: String
    let target: Double?

    init?(argument: String) {
        guard let separator = argument.lastIndex(of: "=") else {
            (path, target) = (argument, nil)
            return
        }
        guard let target = Double(argument[argument.index(after: separator)...]) else { return nil }
        path = String(argument[..<separator])
        self.target = target
    }
}

/// A range of layers such as `4..6`.
struct LayersArgument: ExpressibleByArgument {
    let layers: ClosedRange<Int>

    init?(argument: String) {
        guard let range = LayerRange.parse(argument) else { return nil }
        layers = range
    }
}

extension TokenScope: ExpressibleByArgument {}
