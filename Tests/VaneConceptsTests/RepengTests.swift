import Foundation
import Testing
import VaneConcepts
import VaneSites
import VaneSteering
import VaneTestSupport

@Suite("repeng: control vectors do there what they do here", .tags(.golden))
struct RepengTests {
    /// What repeng made of the vectors on the same small GPT-2; made by `generate_repeng.py`.
    private struct Golden: Decodable {
        let tokens: [Int]
        let plain, added, taken, normalized, one, written: [Float]
    }

    private let golden: Golden
    private let network: any SteerableNetwork
    private let file: VectorFile

    init() throws {
        golden = try JSONDecoder().decode(
            Golden.self, from: Data(contentsOf: Fixtures.url("exchange/repeng-gpt2.json")))
        network = try PlantedModels.gpt2.network()
        file = try VectorFile(contentsOf: Fixtures.url("exchange/repeng-gpt2.gguf").path)
    }

    private func logits(_ file: VectorFile, strength: Double = 1) throws -> [Float] {
        let hooks = try file.compile(strength: strength, for: network.layout).hooks
        return try lastLogits(network, golden.tokens, hooks)
    }

    private func distance(_ a: [Float], _ b: [Float]) -> Float {
        a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? .infinity : .infinity
    }

    @Test("vectors that repeng wrote give repeng's logits, to 1e-4")
    func read() throws {
        var one = file
        one.vectors = one.vectors.filter { $0.key == .residual(1) }
        let cases: [(String, [Float], [Float])] = [
            ("plain", try logits(file, strength: 0), golden.plain),
            ("added", try logits(file), golden.added),
            ("taken", try logits(file, strength: -0.7), golden.taken),
            ("block 1", try logits(one), golden.one),
        ]
        for (name, ours, theirs) in cases {
            let difference = distance(ours, theirs)
            print("repeng, \(name): largest difference of the logits \(difference)")
            #expect(difference < 1e-4, "\(name)")
        }
        #expect(distance(golden.added, golden.plain) > 0.1)
        // The control: the same vectors a block earlier give others.
        var early = file
        early.vectors = Dictionary(
            uniqueKeysWithValues: file.vectors.map { site, vector in
                (.residual((site.layer ?? 0) - 1), vector)
            })
        #expect(distance(try logits(early), golden.added) > 0.05)
    }

    @Test("vectors that Vane writes are read by repeng and give the same logits")
    func written() throws {
        var ours = file
        ours.name = "written by Vane"
        ours.vectors = file.vectors.mapValues { $0.map { -0.5 * $0 } }
        let folder = try ProcessFolder()
        let path = folder.path + "/written.gguf"
        try ControlVector.write(ours, to: path)
        let bytes = FileManager.default.contents(atPath: path)
        #expect(
            bytes == FileManager.default.contents(atPath: Fixtures.url("exchange/vane-gpt2.gguf").path),
            "the file that repeng read is not what Vane writes")
        #expect(distance(try logits(ours), golden.written) < 1e-4)
        #expect(distance(golden.written, golden.added) > 0.1)
    }
}
