public import VaneConcepts
public import VaneGeneration
public import VaneSites
public import VaneSteering
import VaneTokenizers

extension Engine {
    /// Learns maps that carry one class of texts over to the other, and tests them on texts held out.
    ///
    /// - Parameters:
    ///   - method: how; `TestedMaps.Method.aura` only takes away.
    ///   - examples: texts with and without the concept.
    ///   - goal: `.add` carries negative texts to positive ones, `.remove` the other way round.
    ///   - sites: where; if nil the residual stream after every block, the neurons of every block for AurA.
    ///   - isPaired: whether texts of one number are held out together.
    ///   - seed: seeds the split and the shuffled labels.
    ///   - progress: called with a part of the work done, 0...1.
    /// - Throws: `ConceptError` `unusableExamples`, `invalidOption` for AurA with the goal to add;
    ///   `SiteError`.
    public func maps(
        by method: TestedMaps.Method, from examples: ExampleSet, goal: SteeringPlan.Goal = .add,
        at sites: SiteSelector? = nil, isPaired: Bool = false, seed: UInt64 = 0,
        progress: (@Sendable (Double) -> Void)? = nil
    ) throws -> TestedMaps {
        let layout = model.network.layout
        let positive = examples.positive.map { model.tokenizer.encode($0) }
        let negative = examples.negative.map { model.tokenizer.encode($0) }
        var usual = (0..<layout.depth).map(Site.residual)
        if case .aura = method {
            guard goal == .remove else {
                throw ConceptError(
                    .invalidOption, "AurA takes a concept away; it cannot bring one about")
            }
            usual = (0..<layout.depth).map(Site.mlpHidden)
        }
        return try TestedMaps(
            by: method, from: goal == .add ? negative : positive, to: goal == .add ? positive : negative,
            at: try sites?.sites(in: layout) ?? usual, in: model.network, isPaired: isPaired, seed: seed,
            progress: progress)
    }

    /// The part of a plan that adds what one prompt leaves in the stream beyond another (row 56).
    ///
    /// The shorter prompt is padded on the right by spaces, as far as a space is one token, else by the token
    /// that ends texts. A blank prompt is all padding.
    ///
    /// - Parameters:
    ///   - positive: the prompt to steer towards.
    ///   - negative: the prompt to steer away from.
    ///   - block: the stream in front of this block is read and edited; counted from 0.
    ///   - factor: what the block of differences is multiplied with.
    ///   - placement: where in the prompts to steer it is added.
    /// - Throws: `SteeringError` `unusableSite` for a block that the model lacks; `ConceptError`
    ///   `unusableExamples` for two prompts that leave the same.
    public func promptPair(
        _ positive: String, against negative: String, inFrontOf block: Int, times factor: Double,
        at placement: PromptBlock.Placement = .front
    ) throws -> SteeringPlan.Entry {
        let depth = model.network.layout.depth
        guard (0..<depth).contains(block) else {
            throw SteeringError(
                .unusableSite, "there is no block \(block): the model has blocks 0 to \(depth - 1)")
        }
        let site: Site = block == 0 ? .embedding : .residual(block - 1)
        let space = model.tokenizer.encode(" ")
        guard let padding = space.count == 1 ? space.first : model.endOfText.min() ?? space.first else {
            throw ConceptError(.unusableExamples, "the model has no token to pad a prompt with")
        }
        let prompts = [positive, negative].map { text in
            let tokens = model.tokenizer.encode(text)
            return tokens.isEmpty ? [padding] : tokens
        }
        let rows = try ActivationAddition(padding: padding).block(
            prompts[0], against: prompts[1], at: site, in: model.network)
        return .apply(
            .block(PromptBlock(rows, times: factor, at: placement)),
            named: "\(positive.debugDescription) - \(negative.debugDescription)", at: [site])
    }
}
