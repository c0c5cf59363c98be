public import ArgumentParser
import Foundation
public import Vane

/// `CONCEPT=STRENGTH`: a concept and how strongly to steer it.
struct ConceptTarget: ExpressibleByArgument {
    let path: String
    let strength: Strength?
    /// What stands after the `=` if that is no strength; refused with a sentence of its own.
    let unreadable: String?

    init?(argument: String) {
        guard let separator = argument.lastIndex(of: "=") else {
            (path, strength, unreadable) = (argument, nil, nil)
            return
        }
        let text = String(argument[argument.index(after: separator)...])
        path = String(argument[..<separator])
        strength = Strength(text)
        unreadable = strength == nil ? text : nil
    }
}

/// `FILE=FACTOR`: another tool's vectors and how strongly to apply them.
struct VectorTarget: ExpressibleByArgument {
    let path: String
    let factor: Double?

    init?(argument: String) {
        guard !FileManager.default.fileExists(atPath: argument),
            let separator = argument.lastIndex(of: "=")
        else {
            (path, factor) = (argument, 1)
            return
        }
        path = String(argument[..<separator])
        factor = Double(argument[argument.index(after: separator)...]).flatMap { $0.isFinite ? $0 : nil }
    }
}

/// What to do along a concept's direction, by the name of the operation.
struct MethodArgument: ExpressibleByArgument {
    let operation: SteeringPlan.Operation

    init?(argument: String) {
        guard let named = SteeringPlan.Operation.named.first(where: { $0.name == argument }) else {
            return nil
        }
        operation = named.operation
    }

    static var allValueStrings: [String] { SteeringPlan.Operation.named.map(\.name) }
}

extension Concept {
    /// Reads the concept file at `argument`, or takes the built-in model's starter concept of this name.
    ///
    /// - Throws: `ConceptError` `missingFile`, naming the starter concepts; errors of reading.
    init(argument: String) throws {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: argument, isDirectory: &isFolder), !isFolder.boolValue {
            try self.init(contentsOf: argument)
        } else if let starter = try DefaultModel.concept(named: argument) {
            self = starter
        } else {
            throw ConceptError(
                .missingFile,
                "there is no concept file \(argument), nor has the built-in model a concept of that name; it has "
                    + DefaultModel.conceptNames.joined(separator: ", "))
        }
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
