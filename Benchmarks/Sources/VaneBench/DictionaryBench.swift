import Foundation
import Vane

/// Training of a sparse dictionary: 768 to 3072 latents, 32 of a row active, batches of 4096.
enum DictionaryBench {
    static let shape = "dictionary"

    private static let (width, latents, active, batch) = (768, 3072, 32, 4096)

    /// Activations of sparse codes over random directions with a little noise, as a dictionary finds them.
    static func activations() throws -> MemoryActivations {
        var generator = SeededGenerator(seed: 5)
        let directions = (0..<latents).map { _ in generator.unitVector(width: width) }
        var rows = [Float](repeating: 0, count: batch * width)
        for row in 0..<batch {
            for j in 0..<width { rows[row * width + j] = Float(0.02 * generator.normal()) }
            for _ in 0..<active {
                let (size, direction) = (
                    Float(0.5 + generator.uniform()), directions[generator.integer(below: latents)]
                )
                for j in 0..<width { rows[row * width + j] += size * direction[j] }
            }
        }
        return try MemoryActivations(Tensor(rows, shape: [batch, width]))
    }

    /// Rows a second of whole steps after two that warm up.
    static func train(_ kind: SparseTrainer.Kind, _ activations: MemoryActivations) throws -> Double {
        let (warm, measured) = (2, 6)
        let trainer = try SparseTrainer(
            .init(kind: kind, latents: latents, k: active, steps: warm + measured, batch: batch))
        var start = ContinuousClock.now
        var end = start
        _ = try trainer.train(on: activations) { progress in
            if progress.step == warm { start = ContinuousClock.now }
            end = ContinuousClock.now
        }
        return Double(measured * batch) / ((end - start) / .seconds(1))
    }
}
