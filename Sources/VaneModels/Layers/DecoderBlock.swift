import VaneSites
import VaneTensors

/// One block of a decoder: `x + attention(norm(x))`, then `+ mlp(norm(·))`. The place of every site inside a
/// block; architectures differ in what they put into it.
struct DecoderBlock: Sendable {
    let attentionNorm: Normalisation
    let attention: SelfAttention
    let mlpNorm: Normalisation
    let mlp: FeedForward

    func callAsFunction(_ x: Tensor, layer: Int, pass: ForwardPass) throws -> Tensor {
        let context = try attention.context(attentionNorm(x), layer: layer, pass: pass)
        try pass.visitHeads(layer: layer, context, headWidth: attention.headWidth)
        let attended = try pass.visit(.attentionOutput(layer), attention.output(context))
        let middle = try x.adding(attended)

        let hidden = try pass.visit(.mlpHidden(layer), mlp.hidden(mlpNorm(middle)))
        let written = try pass.visit(.mlpOutput(layer), mlp.down(hidden))
        return try pass.visit(.residual(layer), middle.adding(written))
    }
}
