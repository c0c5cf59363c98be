import Foundation
import Testing
import VaneDefaultModel
import VaneEvidence
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("The tuned lens on the built-in model")
struct TunedLensTests {
    private let model: BuiltIn
    private let network: any DifferentiableNetwork & InspectableNetwork
    private let texts: [[Int]]

    init() throws {
        model = try BuiltIn()
        network = try #require(model.network as? any DifferentiableNetwork & InspectableNetwork)
        let (language, model) = (PlantedLanguage(seed: 72), model)
        texts = (0..<150).map { Array(model.tokens(language.text(at: $0).text).prefix(24)) }
    }

    private var last: Site { .residual(network.layout.depth - 1) }

    /// Every token's state at a site, `[tokens, width]`.
    private func states(_ site: Site) throws -> Tensor {
        let activations = try MemoryActivations(texts, at: site, in: network)
        return try activations.rows(Array(0..<activations.count))
    }

    @Test(
        "final states behind a planted affine map are read through it, and with states of other tokens nothing is",
        .tags(.planted))
    func planted() throws {
        let final = try states(last)
        let width = final.width
        var generator = SeededGenerator(seed: 5)
        // S = F Q + b, Q a product of 12 random reflections 1 - 2 u uᵀ.
        let axes = (0..<12).map { _ in generator.unitVector(width: width) }
        let shift = generator.unitVector(width: width).map { 8 * $0 }
        let values = final.elements
        var hidden: [Float] = []
        for start in stride(from: 0, to: values.count, by: width) {
            var row = Array(values[start..<start + width])
            for axis in axes {
                let along = zip(row, axis).reduce(Float(0)) { $0 + $1.0 * $1.1 }
                row = zip(row, axis).map { $0 - 2 * along * $1 }
            }
            hidden += zip(row, shift).map { $0 + $1 }
        }
        let states = try Tensor(hidden, shape: final.shape)
        var options = TunedLens.Options()
        options.steps = 150
        let lengths = texts.map(\.count)
        func fit(_ states: Tensor) throws -> TunedLens.Fit {
            let lens = try TunedLens(
                states: [.residual(0): states], final: final, lengths: lengths, in: network, fingerprint: "",
                options: options)
            return try #require(lens.fits.first)
        }
        let found = try fit(states)
        let order = generator.shuffled(0..<states.shape[0]).map { Int32($0) }
        let shuffled = try fit(states.gatherRows(order))
        print("planted map: \(found); shuffled: \(shuffled)")
        #expect(found.isNearer && found.tuned < 0.1 * found.plain && found.tuned < 0.1 * found.constant)
        #expect(shuffled.tuned > 0.9 * shuffled.constant)
    }

    @Test(
        "it is nearer than the logit lens at every block, nearer the later, and survives its file",
        .tags(.planted))
    func blocks() throws {
        var options = TunedLens.Options()
        options.steps = 80
        let sites = (0..<network.layout.depth - 1).map(Site.residual)
        let lens = try TunedLens(texts, at: sites, in: network, fingerprint: "f", options: options)
        print(lens.fits)
        #expect(lens.fits.allSatisfy { $0.isNearer && $0.tuned < 0.7 * $0.constant })
        #expect(zip(lens.fits, lens.fits.dropFirst()).allSatisfy { $0.tuned > $1.tuned })

        let folder = try ProcessFolder()
        let path = folder.file("lens.safetensors")
        try lens.write(to: path)
        let read = try TunedLens(contentsOf: path)
        #expect(read.fits == lens.fits && read.fingerprint == "f")
        let text = texts[0]
        let plain = try LogitLens(text, in: network)
        let both = try [lens, read].map { try LogitLens(text, in: network, through: $0) }
        for site in plain.sites {
            let rows = both.map { $0.logProbabilities(at: site, position: text.count - 1) }
            #expect(rows[0] == rows[1])
            let isCarried = rows[0] != plain.logProbabilities(at: site, position: text.count - 1)
            #expect(isCarried == sites.contains(site), "\(site)")
        }
    }

    @Test("it says what it cannot use")
    func errors() throws {
        #expect(throws: EvidenceError.self) {
            try TunedLens(Array(texts.prefix(9)), in: network, fingerprint: "")
        }
        #expect(throws: EvidenceError.self) {
            try TunedLens(texts, at: [.mlpOutput(0)], in: network, fingerprint: "")
        }
        var options = TunedLens.Options()
        options.rate = -1
        let refused = options
        #expect(throws: EvidenceError.self) {
            try TunedLens(texts, in: network, fingerprint: "", options: refused)
        }
        let folder = try ProcessFolder()
        let path = try folder.write("no lens", to: "bad.safetensors")
        #expect(throws: (any Error).self) { try TunedLens(contentsOf: path) }
    }
}
