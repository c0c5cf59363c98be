public import ArgumentParser
import Foundation
public import Vane

/// `CONCEPT=P`: a concept and the probability to reach.
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
