import Foundation
import Testing
import VaneEvidence
import VaneTensors
import VaneTestSupport

/// A dense dictionary in double precision with gradients by differences: slow, and nothing of it is shared with the
/// trainer but the rule.
private struct DenseReference {
    let width: Int, latents: Int, k: Int, auxiliary: Double, most: Int
    var encoder: [Double], decoder: [Double], encoderBias: [Double], decoderBias: [Double]
    var moments: [[Double]]
    var last: [Int]
    var step = 0

    init(_ rows: [[Double]], latents: Int, k: Int, seed: UInt64, auxiliary: Double, most: Int) {
        width = rows[0].count
        (self.latents, self.k, self.auxiliary, self.most) = (latents, k, auxiliary, most)
        let width = width
        decoder = (0..<latents).flatMap { latent in
            var generator = SeededGenerator(seed: seed, stream: 1 << 62 | UInt64(latent))
            return generator.unitVector(width: width).map { Double($0) }
        }
        encoder = decoder
        encoderBias = [Double](repeating: 0, count: latents)
        decoderBias = (0..<width).map { j in rows.map { $0[j] }.reduce(0, +) / Double(rows.count) }
        moments = [latents * width, latents * width, latents, width].flatMap {
            [[Double](repeating: 0, count: $0), [Double](repeating: 0, count: $0)]
        }
        last = [Int](repeating: 0, count: latents)
    }

    private static var parameters: [WritableKeyPath<DenseReference, [Double]>] {
        [\.encoder, \.decoder, \.encoderBias, \.decoderBias]
    }

    private func before(_ row: [Double]) -> [Double] {
        var result = encoderBias
        for latent in 0..<latents {
            for j in 0..<width { result[latent] += (row[j] - decoderBias[j]) * encoder[latent * width + j] }
        }
        return result
    }

    private func decoded(_ before: [Double], _ chosen: [Int]) -> [Double] {
        var result = [Double](repeating: 0, count: width)
        for latent in chosen {
            for j in 0..<width { result[j] += before[latent] * decoder[latent * width + j] }
        }
        return result
    }

    /// The loss with the selection and the residual of the auxiliary term held.
    private func loss(_ rows: [[Double]], _ chosen: [[Int]], _ revived: [[Int]], _ residual: [[Double]])
        -> Double
    {
        var (main, extra) = (0.0, 0.0)
        let size = residual.joined().reduce(0) { $0 + $1 * $1 }
        for (number, row) in rows.enumerated() {
            let before = before(row)
            let out = decoded(before, chosen[number])
            for j in 0..<width { main += pow(row[j] - decoderBias[j] - out[j], 2) }
            guard !revived.isEmpty else { continue }
            let more = decoded(before, revived[number])
            for j in 0..<width { extra += pow(residual[number][j] - more[j], 2) }
        }
        return main / Double(rows.count * width) + (revived.isEmpty ? 0 : auxiliary * extra / size)
    }

    private func best(_ values: [Double], _ count: Int, among: [Int]) -> [Int] {
        Array(among.filter { values[$0] > 0 }.sorted { values[$0] > values[$1] }.prefix(count))
    }

    mutating func take(_ rows: [[Double]], rate: Double) {
        step += 1
        let now = step
        let dead = (0..<latents).filter { now - 1 - last[$0] >= 1 }
        let all = rows.map(before)
        let chosen = all.map { best($0, k, among: Array(0..<latents)) }
        let revived = dead.isEmpty ? [] : all.map { best($0, min(most, dead.count), among: dead) }
        let residual: [[Double]] = rows.indices.map { number in
            let out = decoded(all[number], chosen[number])
            return (0..<width).map { j in rows[number][j] - decoderBias[j] - out[j] }
        }
        for latent in chosen.joined() { last[latent] = step }
        var slopes: [[Double]] = []
        for path in DenseReference.parameters {
            slopes.append(
                self[keyPath: path].indices.map { i in
                    var copy = self
                    copy[keyPath: path][i] += 1e-5
                    let up = copy.loss(rows, chosen, revived, residual)
                    copy[keyPath: path][i] -= 2e-5
                    let slope = (up - copy.loss(rows, chosen, revived, residual)) / 2e-5
                    // What does not enter the loss has a slope of exactly zero.
                    return abs(slope) < 1e-9 ? 0 : slope
                })
        }
        for latent in 0..<latents {
            let range = latent * width..<(latent + 1) * width
            let along = range.reduce(0) { $0 + slopes[1][$1] * decoder[$1] }
            for i in range { slopes[1][i] -= along * decoder[i] }
        }
        for (number, path) in DenseReference.parameters.enumerated() {
            for (i, slope) in slopes[number].enumerated() {
                moments[2 * number][i] = 0.9 * moments[2 * number][i] + 0.1 * slope
                moments[2 * number + 1][i] = 0.999 * moments[2 * number + 1][i] + 0.001 * slope * slope
                let mean = moments[2 * number][i] / (1 - pow(0.9, Double(step)))
                let size = moments[2 * number + 1][i] / (1 - pow(0.999, Double(step)))
                self[keyPath: path][i] -= rate * mean / (size.squareRoot() + 1e-8)
            }
        }
        for latent in 0..<latents {
            let range = latent * width..<(latent + 1) * width
            let length = range.reduce(0) { $0 + decoder[$1] * decoder[$1] }.squareRoot()
            for i in range { decoder[i] /= length }
        }
    }
}

@Suite("A sparse step is the dense one")
struct SparseReferenceTests {
    /// Set before it ran: four steps, every parameter within 1e-3 of the reference where a step moves it by up to 1e-2;
    /// without the auxiliary term (the control) they must part.
    @Test("parameters follow the gradient by differences, dead latents included", .tags(.law))
    func reference() throws {
        let (width, latents, k, count) = (6, 12, 2, 16)
        var generator = SeededGenerator(seed: 8)
        var rows = (0..<count).map { _ in (0..<width).map { _ in generator.normal() + 0.3 } }
        // To the scale of training, so that nothing has to be scaled back.
        let means = (0..<width).map { j in rows.map { $0[j] }.reduce(0, +) / Double(count) }
        var spread = 0.0
        for row in rows { for j in 0..<width { spread += (row[j] - means[j]) * (row[j] - means[j]) } }
        let deviation = (spread / Double(count * width)).squareRoot()
        rows = rows.map { $0.map { $0 / deviation } }

        var options = SparseTrainer.Options(latents: latents, k: k, steps: 4, batch: count, seed: 5)
        options.rate = LearningRate(peak: 1e-2, steps: 4, decay: .constant)
        options.deadAfter = 1
        options.auxiliary = 0.5
        options.auxiliaryLatents = 2
        let source = try MemoryActivations(
            Tensor(rows.flatMap { $0.map { Float($0) } }, shape: [count, width]))
        var dead: [Int] = []
        let dictionary = try SparseTrainer(options).train(on: source) { dead.append($0.dead) }
        #expect(dead[0] == 0 && dead[1] > 0, "some latents are dead from the second step on")
        func distance(auxiliary: Double) -> Double {
            var reference = DenseReference(
                rows, latents: latents, k: k, seed: 5, auxiliary: auxiliary, most: auxiliary > 0 ? 2 : 0)
            for _ in 0..<4 { reference.take(rows, rate: 1e-2) }
            let pairs: [([Float], [Double])] = [
                (dictionary.encoder.elements, reference.encoder),
                (dictionary.decoder.elements, reference.decoder),
                (dictionary.encoderBias, reference.encoderBias),
                (dictionary.decoderBias, reference.decoderBias),
            ]
            return pairs.flatMap { zip($0, $1).map { abs(Double($0) - $1) } }.max() ?? .infinity
        }
        let (own, without) = (distance(auxiliary: 0.5), distance(auxiliary: 0))
        #expect(own < 1e-3, "\(own)")
        #expect(without > 5e-3, "the control: \(without)")
    }
}
