import VaneTensors
import VaneWeights

/// Weights by path: a checkpoint and a prefix that grows as a model is put together.
struct WeightScope {
    let checkpoint: any Checkpoint
    var prefix = ""

    /// The weights under `prefix.name`.
    func callAsFunction(_ name: String) -> WeightScope {
        WeightScope(checkpoint: checkpoint, prefix: prefix + name + ".")
    }

    func has(_ name: String) throws -> Bool { try checkpoint.tensor(named: prefix + name) != nil }

    /// The tensor called `name` under the prefix.
    ///
    /// - Throws: ``WeightsError`` `missingTensor` or `unexpectedTensor`, naming file, tensor and both shapes.
    func tensor(_ name: String, shape: Shape) throws -> Tensor {
        guard let tensor = try checkpoint.tensor(named: prefix + name) else {
            throw WeightsError(.missingTensor, "\(checkpoint.name) lacks the tensor '\(prefix + name)'")
        }
        guard tensor.shape == shape else {
            throw WeightsError(
                .unexpectedTensor,
                "\(checkpoint.name): '\(prefix + name)' has shape \(tensor.shape), the configuration says \(shape)"
            )
        }
        return tensor
    }

    /// A vector of parameters, widened to float32.
    func vector(_ name: String, _ count: Int) throws -> Tensor { try tensor(name, shape: [count]).copied() }

    /// A linear layer: `name.weight` and, if `bias`, `name.bias`.
    func linear(
        _ name: String, inputs: Int, outputs: Int, bias: Bool, layout: PackedMatrix.Layout = .outputsByInputs
    ) throws -> Linear {
        let shape: Shape = layout == .outputsByInputs ? [outputs, inputs] : [inputs, outputs]
        let scope = self(name)
        return Linear(
            weight: try PackedMatrix(scope.tensor("weight", shape: shape), layout: layout),
            bias: bias ? try scope.vector("bias", outputs) : nil)
    }

    /// A layer normalisation: `name.weight` and `name.bias`.
    func layerNorm(_ name: String, _ width: Int, epsilon: Double) throws -> Normalisation {
        let scope = self(name)
        return .layer(
            gain: try scope.vector("weight", width), bias: try scope.vector("bias", width),
            epsilon: Float(epsilon))
    }

    /// A root-mean-square normalisation: `name.weight`.
    func rmsNorm(_ name: String, _ width: Int, epsilon: Double) throws -> Normalisation {
        .rootMeanSquare(gain: try self(name).vector("weight", width), epsilon: Float(epsilon))
    }
}
