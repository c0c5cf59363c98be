import Foundation
import Testing
import VaneConcepts
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport

@Suite("LlamaCpp: our control vector does there what it does here", .tags(.golden))
struct LlamaCppTests {
    /// What llama.cpp said; made by `generate_llamacpp.py` from the same weights and the same control vector.
    private struct Golden: Decodable {
        let tokens: [Int]
        let plain, steered, minus_half, layer_1, layer_2: [Float]
        let loader: Loader
        struct Loader: Decodable {
            let one, block_0, repeated, further, other_name, two_widths, projection: [[Float]]?
        }
    }

    private let golden: Golden
    private let network: any SteerableNetwork
    private let file: VectorFile

    init() throws {
        golden = try JSONDecoder().decode(
            Golden.self, from: Data(contentsOf: Fixtures.url("exchange/llamacpp.json")))
        network = try PlantedModels.llama.network()
        file = try VectorFile(contentsOf: Fixtures.url("exchange/control.gguf").path)
        try file.requireFit(network.layout)
    }

    /// Our logits with `file` added `shift` blocks later than it says, at `layers` only.
    private func logits(strength: Float, layers: [Int] = [1, 2], shift: Int = 0) throws -> [Float] {
        var moved = file
        moved.vectors = [:]
        for case .residual(let layer) in file.sites where layers.contains(layer) {
            moved.vectors[.residual(layer + shift)] = file.vectors[.residual(layer)]
        }
        let hooks = try moved.compile(strength: Double(strength), for: network.layout).hooks
        return try lastLogits(network, golden.tokens, hooks)
    }

    private func distance(_ a: [Float], _ b: [Float]) -> Float {
        a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? .infinity : .infinity
    }

    @Test("the logits are llama.cpp's, unsteered and steered, to 1e-4")
    func logits() throws {
        let cases: [(String, [Float], [Float])] = [
            ("plain", try logits(strength: 0), golden.plain),
            ("both", try logits(strength: 1), golden.steered),
            ("minus a half", try logits(strength: -0.5), golden.minus_half),
            ("block 1", try logits(strength: 1, layers: [1]), golden.layer_1),
            ("block 2", try logits(strength: 1, layers: [2]), golden.layer_2),
        ]
        for (name, ours, theirs) in cases {
            let difference = distance(ours, theirs)
            print("llama.cpp, \(name): largest difference of the logits \(difference)")
            #expect(difference < 1e-4, "\(name)")
        }
        // The controls: the vector moves the logits, and one block off gives others.
        #expect(distance(golden.steered, golden.plain) > 0.1)
        #expect(distance(try logits(strength: 1, shift: -1), golden.steered) > 0.05)
        #expect(distance(try logits(strength: 1, layers: [1], shift: 1), golden.layer_1) > 0.05)
    }

    @Test("llama.cpp's loader does what our notes say of it")
    func loader() {
        #expect(golden.loader.one == [[1, 2]])
        #expect(
            golden.loader.block_0 == nil && golden.loader.other_name == nil && golden.loader.two_widths == nil
        )
        #expect(golden.loader.repeated == [[11, 22]])
        // It takes the directions of a projection for repeats, and would add them all.
        #expect(golden.loader.further == [[11, 22]])
        #expect(golden.loader.projection?.first.map { distance($0, [-0.2, 1.4, 0, 0]) < 1e-6 } == true)
    }
}
