import Testing
import VaneEvidence
import VaneModels
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("A model's health")
struct HealthTests {
    private static let coordinates = [3, 17]

    private func planted(massive: Bool) throws -> Tensor {
        var world = try PlantedActivations(width: 32, noise: 0.2, seed: 4)
        if massive {
            _ = try world.plant(
                MassiveActivations(coordinates: Self.coordinates, value: 700, at: .every(8), spread: 0.05))
        }
        return world.activations(0..<160)
    }

    @Test(
        "planted massive activations are found: coordinates, positions, value and spread; where there are none, none",
        .tags(.planted))
    func detection() throws {
        let texts = (0..<20).map { $0 * 8..<$0 * 8 + 8 }
        let found = try MassiveEntries(in: planted(massive: true), texts: texts)
        #expect(found.coordinates.map(\.index) == Self.coordinates)
        for coordinate in found.coordinates {
            #expect(coordinate.count == 20 && coordinate.positions.map(\.position) == [0])
            #expect(abs(coordinate.mean - 700) < 35 && coordinate.spread < 0.1, "\(coordinate)")
        }
        #expect(try MassiveEntries(in: planted(massive: false), texts: texts).coordinates.isEmpty)
        // Large everywhere is not massive.
        let large = try planted(massive: false).elements.map { $0 * 5000 }
        let even = try MassiveEntries(in: Tensor(large, shape: [160, 32]), texts: texts)
        #expect(even.largest > 100 && even.coordinates.isEmpty)
        #expect(throws: EvidenceError.self) { try MassiveEntries(in: Tensor(zeros: [0, 3]), texts: []) }
        #expect(throws: EvidenceError.self) { try MassiveEntries(in: Tensor(zeros: [2, 3]), texts: [0..<3]) }
    }

    @Test(
        "in a network with planted massive activations they are found where they begin; their means may stand for them, zeros not",
        .tags(.planted))
    func network() throws {
        let network = try ModelFixture.llama.load()
        let texts = (0..<6).map { network.layout.randomTokens(8, seed: 20 + UInt64($0)) }
        let threshold = MassiveEntries.Threshold(minimum: 100, ratio: 100)
        let clean = try ModelHealth(on: texts, threshold: threshold, in: network)
        #expect(clean.dependence == nil && clean.layers.allSatisfy(\.massive.coordinates.isEmpty))
        #expect(clean.layers.count == network.layout.depth + 1)
        var hooks = Hooks()
        hooks.add(FirstTokenEdit(coordinate: 5, value: 900), at: .residual(0))
        let health = try ModelHealth(on: texts, threshold: threshold, in: network, under: hooks)
        let first = try #require(health.layers.first { !$0.massive.coordinates.isEmpty })
        #expect(first.site == .residual(0) && first.massive.coordinates.map(\.index) == [5])
        #expect(first.massive.coordinates[0].positions.map(\.position) == [0])
        let found = try #require(health.dependence)
        let moved = abs(found.zeroed - found.loss)
        #expect(abs(found.averaged - found.loss) < 0.1 * moved, "\(found)")
        #expect(abs(found.random - found.loss) < 0.1 * moved, "\(found)")
        #expect(throws: EvidenceError.self) { try ModelHealth(on: [[1]], in: network) }
        #expect(throws: EvidenceError.self) { try ModelHealth(on: [], in: network) }
    }

    @Test(
        "states that share a direction are anisotropic, and less so without a massive coordinate",
        .tags(.planted))
    func anisotropy() throws {
        let network = try ModelFixture.llama.load()
        let texts = (0..<6).map { network.layout.randomTokens(8, seed: 40 + UInt64($0)) }
        var hooks = Hooks()
        hooks.add(RowEdit { $0[2] += 3000 }, at: .residual(0))
        let plain = try ModelHealth(on: texts, in: network)
        let shared = try ModelHealth(
            on: texts, threshold: .init(minimum: 100, ratio: 100), in: network, under: hooks)
        let (a, b) = (plain.layers[1], shared.layers[1])
        #expect(b.anisotropy > 0.99 && abs(b.calmAnisotropy - a.anisotropy) < 0.2)
        #expect(b.norm > 1000 && a.anisotropy < 0.9, "\(a.anisotropy)")
    }
}

/// Sets a coordinate of the first token to about a value, a little different in every text.
private struct FirstTokenEdit: Edit {
    let coordinate: Int
    let value: Float

    func apply(to activation: Activation) {
        guard activation.firstPosition == 0, activation.rows > 0 else { return }
        activation[0][coordinate] = value + activation[0][0]
    }
}
