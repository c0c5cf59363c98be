import Foundation
import Testing
import VaneEvidence
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

/// A world of sparse codes over more directions than the width, and what a dictionary finds of it.
struct CodeWorld {
    let planted: Planted<PlantedCodes>
    let rows: Tensor
    let width: Int

    init(width: Int, features: Int, active: Double, rows: Int, noise: Double = 0.02, seed: UInt64) throws {
        var world = try PlantedActivations(width: width, noise: noise, seed: seed)
        planted = try world.plant(PlantedCodes(features: features, probability: active / Double(features)))
        self.rows = world.activations(0..<rows)
        self.width = width
    }

    /// The part of the planted directions that some direction of the dictionary has a cosine of 0.9 with.
    func recovered(by dictionary: SparseDictionary) throws -> Double {
        try CodeWorld.recovered(planted.directions, by: dictionary.decoder)
    }

    static func recovered(_ truth: [[Float]], by decoder: Tensor) throws -> Double {
        let width = decoder.shape[1]
        let directions = try Tensor(truth.flatMap { $0 }, shape: [truth.count, width])
        let cosines = try directions.linear(PackedMatrix(decoder)).elements
        let latents = decoder.shape[0]
        let found = truth.indices.count { row in
            cosines[row * latents..<(row + 1) * latents].contains { $0 >= 0.9 }
        }
        return Double(found) / Double(truth.count)
    }
}

@Suite("Sparse dictionaries", .serialized)
struct SparseTrainerTests {
    /// Row 174: width 64, 256 atoms, 4 active; at least 90 % found at a cosine of 0.9 and at most 5 % dead. Rates and
    /// bandwidth were chosen in another world (seed 3).
    @Test(
        "a planted dictionary is found again by each kind", .tags(.planted),
        arguments: SparseTrainer.Kind.allCases)
    func planted(kind: SparseTrainer.Kind) throws {
        let world = try CodeWorld(width: 64, features: 256, active: 4, rows: 50_000, seed: 21)
        var options = SparseTrainer.Options(
            kind: kind, latents: 256, k: 4, steps: 1500, batch: 512, peak: 2e-2, seed: 1)
        options.deadAfter = 20
        var steps: [SparseTrainer.Progress] = []
        let dictionary = try SparseTrainer(options).train(on: MemoryActivations(world.rows)) {
            steps.append($0)
        }
        let recovered = try world.recovered(by: dictionary)
        #expect(recovered >= 0.9)
        let (first, last) = (try #require(steps.first), try #require(steps.last))
        #expect(last.unexplained < first.unexplained / 3, "\(first.unexplained) to \(last.unexplained)")
        #expect(last.dead <= 12 && abs(last.active - 4) < 0.5, "\(last)")
        // Away from the batches of training each kind selects about as many.
        let codes = try dictionary.encode(world.rows.rows(0..<4096))
        #expect(abs(Double(codes.count) / 4096 - 4) < 0.5)
    }

    /// The controls, set before they ran: the same planted directions are not found in noise of the same covariance
    /// (no code in it), nor among random directions: below 5 %.
    @Test("noise and random directions hold no dictionary", .tags(.planted))
    func controls() throws {
        let world = try CodeWorld(width: 64, features: 256, active: 4, rows: 20_000, seed: 3)
        // Every entry shuffled over the rows on its own: the same numbers, no directions.
        var values = world.rows.elements
        var generator = SeededGenerator(seed: 11)
        for j in 0..<64 {
            let column = generator.shuffled(stride(from: j, to: values.count, by: 64).map { values[$0] })
            for (row, value) in column.enumerated() { values[row * 64 + j] = value }
        }
        let trainer = try SparseTrainer(
            .init(latents: 256, k: 4, steps: 500, batch: 512, peak: 2e-2, seed: 1))
        let shuffled = try trainer.train(on: MemoryActivations(Tensor(values, shape: world.rows.shape)))
        let found = try world.recovered(by: shuffled)
        let random = try world.recovered(by: shuffled.withRandomDirections(seed: 2))
        #expect(found < 0.05 && random < 0.05)
    }

    @Test(
        "the bytes depend neither on threads nor on being stopped", .tags(.law),
        arguments: SparseTrainer.Kind.allCases)
    func sameBytes(kind: SparseTrainer.Kind) throws {
        struct Stop: Error {}
        let world = try CodeWorld(width: 20, features: 40, active: 3, rows: 700, seed: 5)
        let source = try MemoryActivations(world.rows)
        var options = SparseTrainer.Options(
            kind: kind, latents: 48, k: 3, steps: 30, batch: 64, peak: 5e-3, seed: 2)
        options.deadAfter = 3
        let trainer = try SparseTrainer(options)
        let folder = try ProcessFolder()
        func bytes(_ dictionary: SparseDictionary) -> [[UInt32]] {
            var thresholds: [Float] = []
            if case .above(let values) = dictionary.selection { thresholds = values }
            return [
                dictionary.encoder.elements, dictionary.decoder.elements, dictionary.encoderBias,
                dictionary.decoderBias, thresholds,
            ].map { $0.map(\.bitPattern) }
        }
        let threads = Compute.threads
        defer { Compute.threads = threads }
        Compute.threads = 1
        var dead = 0
        let alone = bytes(try trainer.train(on: source) { dead = max(dead, $0.dead) })
        #expect(dead > 0, "the revival of dead latents is part of it")
        Compute.threads = 3
        #expect(bytes(try trainer.train(on: source)) == alone)
        for stop in [1, 13, 29] {
            let path = folder.file("checkpoint")
            #expect(throws: Stop.self) {
                _ = try trainer.train(on: source, checkpoint: path, checkpointEvery: 7, run: "a") {
                    if $0.step == stop { throw Stop() }
                }
            }
            var first: Int?
            let gone = try trainer.train(on: source, checkpoint: path, checkpointEvery: 7, run: "a") {
                first = first ?? $0.step
            }
            #expect(first == stop + 1 && bytes(gone) == alone)
            #expect(throws: EvidenceError.self) { try trainer.train(on: source, checkpoint: path, run: "b") }
            try FileManager.default.removeItem(atPath: path)
        }
        try folder.write("no checkpoint", to: "checkpoint")
        #expect(throws: (any Error).self) {
            try trainer.train(on: source, checkpoint: folder.file("checkpoint"))
        }
    }

    @Test("what cannot be trained is refused")
    func refused() throws {
        for options in [
            SparseTrainer.Options(latents: 0, k: 1, steps: 1), .init(latents: 4, k: 5, steps: 1),
            .init(latents: 4, k: 1, steps: 0), .init(latents: 4, k: 1, steps: 1, batch: 0),
            .init(latents: 4, k: 1, steps: 1, peak: .nan),
        ] { #expect(throws: EvidenceError.self) { try SparseTrainer(options) } }
        let trainer = try SparseTrainer(.init(latents: 4, k: 1, steps: 2, batch: 4))
        for values in [[Float](repeating: 3, count: 32), [.nan] + [Float](repeating: 1, count: 31)] {
            #expect(throws: EvidenceError.self) {
                try trainer.train(on: MemoryActivations(Tensor(values, shape: [4, 8])))
            }
        }
        #expect(throws: EvidenceError.self) { try MemoryActivations(Tensor(zeros: [0, 8])) }
    }
}
