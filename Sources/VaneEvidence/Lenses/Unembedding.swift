import VaneConcepts
import VaneSites
import VaneTensors

/// The final norm and the unembedding, taken apart: `z = W_U (g ∘ c(h) / σ + b)`, where `c` takes the mean away
/// if the norm does that.
struct Unembedding {
    /// `[vocabulary, width]`
    let rows: Tensor
    /// The norm's factors.
    let gain: [Float]
    /// What the norm adds; nil for a norm that keeps the mean.
    let bias: [Float]?

    /// Reads the weights.
    ///
    /// - Throws: ``EvidenceError`` `unsupportedNetwork` when the network shows none; `TensorError`.
    init(_ network: any ReadableNetwork) throws {
        guard let rows = try network.weights(of: .unembedding),
            let gain = try network.weights(of: .finalNormGain)?.elements
        else { throw EvidenceError(.unsupportedNetwork, "the network shows no unembedding or no final norm") }
        self.rows = rows
        self.gain = gain
        bias = try network.weights(of: .finalNormBias)?.elements
    }

    /// `Σ_t c_t W_U[t]`, `[width]`.
    func combination(of weights: [Int: Double]) -> [Double] {
        let width = rows.width
        var sum = [Double](repeating: 0, count: width)
        rows.read { base in
            for (token, weight) in weights.sorted(by: { $0.key < $1.key }) where weight != 0 {
                for j in 0..<width { sum[j] += weight * Double(base[token * width + j]) }
            }
        }
        return sum
    }

    /// The state without its mean if the norm takes it away.
    func centred(_ state: [Double]) -> [Double] {
        guard bias != nil, !state.isEmpty else { return state }
        let mean = state.reduce(0, +) / Double(state.count)
        return state.map { $0 - mean }
    }

    /// `1/σ` for a state and what the norm made of it, by least squares.
    func scale(of state: [Float], normalised: [Float]) -> Double {
        let centred = centred(state.map(Double.init))
        var (products, squares) = (0.0, 0.0)
        for j in centred.indices where j < normalised.count {
            let input = centred[j] * Double(gain[j])
            products += input * (Double(normalised[j]) - Double(bias?[j] ?? 0))
            squares += input * input
        }
        return squares > 0 ? products / squares : 0
    }

    /// The rows times the norm's factors, each of length 1, `[vocabulary, width]`; rows of zeros stay.
    func unitRows() throws -> Tensor {
        let width = rows.width
        var values = rows.elements
        for start in stride(from: 0, to: values.count, by: width) {
            var square = 0.0
            for j in 0..<width {
                values[start + j] *= gain[j]
                square += Double(values[start + j]) * Double(values[start + j])
            }
            guard square > 0 else { continue }
            let factor = Float(1 / square.squareRoot())
            for j in 0..<width { values[start + j] *= factor }
        }
        return try Tensor(values, shape: rows.shape)
    }
}
