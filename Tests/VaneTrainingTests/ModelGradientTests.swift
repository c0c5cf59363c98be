import Foundation
import Testing
import VaneModels
import VaneSites
import VaneTensors
import VaneTestSupport
import VaneTraining
import VaneWeights

/// Gradients of the mean negative log-likelihood, computed by PyTorch in float64 (`generate_gradients.py`).
private struct Golden: Decodable {
    struct Parameter: Decodable {
        /// The norm of the whole gradient.
        let norm: Double
        /// Which rows are kept; all if nil.
        let rows: [Int]?
        let values: [Double]
    }
    let ids: [Int]
    let loss: Double
    /// After k blocks, all positions.
    let residual: [[Double]]
    let parameters: [String: Parameter]
}

@Suite("Gradients through whole models", .tags(.golden))
struct ModelGradientTests {
    private static let fixtures = [ModelFixture.gpt2, .gptNeo, .llama]

    private func golden(_ fixture: ModelFixture) throws -> Golden {
        try JSONDecoder().decode(
            Golden.self, from: Data(contentsOf: URL(fileURLWithPath: fixture.folder + "/gradients.json")))
    }

    /// `max|a - b| / max|b|`
    private func relative(_ actual: [Float], _ expected: [Double]) -> Double {
        guard actual.count == expected.count else { return .infinity }
        let scale = expected.map(abs).max() ?? 0
        let error = zip(actual, expected).map { abs(Double($0) - $1) }.max() ?? 0
        return error / max(scale, 1e-9)
    }

    @Test("reach every site as PyTorch's do", arguments: fixtures)
    func sites(_ fixture: ModelFixture) throws {
        let golden = try golden(fixture)
        let network = try fixture.load()
        let sites = [Site.embedding] + (0..<network.layout.depth).map(Site.residual)
        for (k, site) in sites.enumerated() {
            // One site at a time: nothing below it is recorded.
            let tape = Tape()
            let (loss, activations) = try record(network, golden.ids, [site], tape)
            let variable = try #require(activations[site])
            let slope = try tape.gradients(of: loss, at: [variable])[0]
            #expect(abs(Double(loss.elements[0]) - golden.loss) < 1e-4)
            // The last row of the input has no target; PyTorch's gradient there is zero.
            let error = relative(slope.elements, Array(golden.residual[k].prefix(slope.shape.count)))
            #expect(error < 1e-4, "\(site): \(error)")
            #expect(slope.elements.contains { $0 != 0 })
        }
    }

    private func record(
        _ network: DecoderNetwork, _ ids: [Int], _ sites: [Site], _ tape: Tape
    ) throws -> (Tensor, [Site: Tensor]) {
        let input = SequenceInput(
            state: network.makeSequence(), tokens: Array(ids.dropLast()), promptLength: ids.count)
        let (logits, activations) = try network.forward(
            [input], output: .allLogits, watching: sites, on: tape)
        return (try #require(logits).crossEntropy(ids.dropFirst().map(Int32.init)), activations)
    }

    @Test("with respect to parameters are PyTorch's", arguments: fixtures)
    func parameters(_ fixture: ModelFixture) throws {
        let golden = try golden(fixture)
        let file = try SafetensorsFile(path: fixture.folder + "/model.safetensors")
        let tape = Tape()
        var variables: [String: Tensor] = [:]
        for name in file.tensorNames {
            variables[name] = try file.tensor(named: name).map { tape.watch($0.copied()) }
        }
        let loss = try LanguageModelLoss(fixture.configuration())(variables, [golden.ids])
        let names = golden.parameters.keys.sorted()
        let slopes = try tape.gradients(of: loss, at: names.map { try #require(variables[$0]) })
        var worst = 0.0
        for (name, slope) in zip(names, slopes) {
            let expected = try #require(golden.parameters[name])
            let width = slope.shape[slope.shape.rank - 1]
            let rows = expected.rows ?? Array(0..<slope.shape.count / width)
            let elements = slope.elements
            let kept = rows.flatMap { elements[$0 * width..<($0 + 1) * width] }
            let error = relative(kept, expected.values)
            worst = max(worst, error)
            #expect(error < 1e-4, "\(name): \(error)")
            #expect(abs(Gradients.norm([name: slope]) / expected.norm - 1) < 1e-4, "\(name)")
        }
        print("worst relative gradient error, \(fixture.rawValue): \(worst)")
    }

    @Test("stop at edits and heads instead of losing their part")
    func refused() throws {
        let network = try ModelFixture.llama.load()
        var hooks = Hooks()
        hooks.add(RowEdit { $0[0] += 1 }, at: .residual(1))
        func pass(_ site: Site) throws {
            let input = SequenceInput(
                state: network.makeSequence(), tokens: [1, 2, 3], hooks: hooks, promptLength: 3)
            _ = try network.forward([input], output: .allLogits, watching: [site], on: Tape())
        }
        // Below an edit the gradient would miss the edit's part; at or above it nothing is lost.
        #expect(throws: SiteError.self) { try pass(.residual(0)) }
        #expect(throws: Never.self) { try pass(.residual(1)) }
        #expect(throws: SiteError.self) { try pass(.head(layer: 0, head: 0)) }
        #expect(throws: SiteError.self) { try pass(.residual(9)) }
    }

    @Test("of half-width frozen weights with respect to activations are those of the widened ones")
    func halfWidth() throws {
        let network = try ModelFixture.gpt2Sharded.load()
        let checkpoint = try FolderCheckpoint(folder: ModelFixture.gpt2Sharded.folder)
        var widened: [String: Tensor] = [:]
        for name in checkpoint.tensorNames { widened[name] = try checkpoint.tensor(named: name)?.copied() }
        let wide = try Registry.load(
            configuration: ModelFixture.gpt2Sharded.configuration(),
            checkpoint: MemoryCheckpoint(name: "widened", tensors: widened))
        let slopes = try [network, wide].map { network in
            let tape = Tape()
            let (loss, activations) = try record(network, [3, 1, 4, 1, 5, 9, 2, 6], [.residual(0)], tape)
            return try tape.gradients(of: loss, at: [try #require(activations[.residual(0)])])[0].elements
        }
        #expect(slopes[0] == slopes[1] && slopes[0].contains { $0 != 0 })
    }
}
