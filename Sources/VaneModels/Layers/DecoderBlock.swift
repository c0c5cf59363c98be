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
        let attended = try attention.output(context)
        pass.visit(.attentionOutput(layer), attended)
        let middle = try x.adding(attended)

        let hidden = try mlp.hidden(mlpNorm(middle))
        pass.visit(.mlpHidden(layer), hidden)
        let written = try mlp.down(hidden)
        pass.visit(.mlpOutput(layer), written)
        let result = try middle.adding(written)
        pass.visit(.residual(layer), result)
        return result
    }
}
