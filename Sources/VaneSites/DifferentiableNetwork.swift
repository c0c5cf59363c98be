public import VaneTensors

/// A network whose outputs can be differentiated with respect to the activations at its sites.
///
/// Nothing below the first watched site is recorded, so a gradient costs the part of the network above it.
/// The gradients with respect to parameters need no protocol: a network put together from recorded tensors
/// (`Tape.watch`) records itself.
public protocol DifferentiableNetwork: SteerableNetwork {
    /// As `forward(_:output:through:)`, with the activations at `sites` as variables on `tape`.
    ///
    /// - Parameters:
    ///   - batch: whole sequences, each from its first token on.
    ///   - output: which logits to compute.
    ///   - sites: where gradients are wanted; a single head is not one tensor and cannot be watched.
    ///   - tape: where operations above the first of the sites are recorded.
    /// - Returns: recorded logits, and the activation at each site as a variable.
    /// - Throws: ``SiteError`` `notDifferentiable` for a head, and for an edit above a watched site, whose
    ///   own part in the gradient would be lost; and as `forward(_:output:through:)`.
    func forward(
        _ batch: [SequenceInput], output: NetworkOutput, watching sites: [Site], on tape: Tape
    ) throws -> (logits: Tensor?, activations: [Site: Tensor])
}
