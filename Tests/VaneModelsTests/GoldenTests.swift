import Foundation
import Testing
import VaneModels
import VaneSites
import VaneTensors
import VaneTestSupport

/// Reference numbers of a fixture, from `transformers` in float64; made by Tests/Fixtures/generate_models.py.
private struct Golden: Decodable {
    struct Prompt: Decodable {
        let ids: [Int]
        let logits: [Double]
        let meanNll: Double
        let residual: [[Double]]
        let residualFirst: [[Double]]
        let attentionOutput: [[Double]]
        let mlpOutput: [[Double]]
        let mlpHidden: [[Double]]
        let headContext: [[Double]]
        let finalNorm: [Double]
        let greedy: [Int]
    }
    let prompts: [Prompt]

    init(_ fixture: ModelFixture) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let data = try Data(contentsOf: URL(fileURLWithPath: fixture.folder + "/golden.json"))
        self = try decoder.decode(Golden.self, from: data)
    }
}

@Suite("Fixture models agree with the reference library", .tags(.golden))
struct GoldenTests {
    /// `max |a − b| / max |b|`. Float32 through a few blocks loses about 1e-6; a wrong formula loses far
    /// more.
    static let tolerance = 1e-4

    @Test("every activation, the logits and the loss are the reference's", arguments: ModelFixture.allCases)
    func activations(fixture: ModelFixture) throws {
        let network = try fixture.load()
        var worst = (error: 0.0, place: "")
        func check(_ values: [Float], _ reference: [Double], _ place: String) {
            let error = relativeError(values, reference)
            #expect(error <= GoldenTests.tolerance, "\(fixture.rawValue) \(place)")
            if error > worst.error { worst = (error, place) }
        }
        for prompt in try Golden(fixture).prompts {
            let recorder = ActivationRecorder()
            let input = SequenceInput(
                state: network.makeSequence(), tokens: prompt.ids,
                hooks: recorder.hooks(at: network.layout.everySite), promptLength: prompt.ids.count)
            let logits = try #require(try network.forward([input], output: .allLogits))
            func last(_ site: Site) -> [Float] { recorder.rows(at: site).last ?? [] }

            check(last(.logits), prompt.logits, "logits")
            #expect(last(.logits) == Array(logits.elements.suffix(network.layout.vocabulary)))
            let loss = Float(meanNegativeLogLikelihood(logits, prompt.ids))
            check([loss], [prompt.meanNll], "loss")
            check(last(.finalNorm), prompt.finalNorm, "finalNorm")
            #expect(prompt.residual.count == network.layout.depth + 1)
            for k in 0...network.layout.depth {
                let site: Site = k == 0 ? .embedding : .residual(k - 1)
                check(last(site), prompt.residual[k], "\(site), last")
                check(recorder.rows(at: site).first ?? [], prompt.residualFirst[k], "\(site), first")
            }
            for layer in 0..<network.layout.depth {
                check(last(.attentionOutput(layer)), prompt.attentionOutput[layer], "attention \(layer)")
                check(last(.mlpOutput(layer)), prompt.mlpOutput[layer], "mlp \(layer)")
                check(last(.mlpHidden(layer)), prompt.mlpHidden[layer], "mlpHidden \(layer)")
                let heads = (0..<network.layout.heads).flatMap { last(.head(layer: layer, head: $0)) }
                check(heads, prompt.headContext[layer], "heads \(layer)")
            }
        }
        print("worst relative error, \(fixture.rawValue): \(worst.error) at \(worst.place)")
        #expect(worst.error > 0, "nothing was compared")
    }

    @Test("the 20 ids that follow greedily are the reference's", arguments: ModelFixture.allCases)
    func greedyText(fixture: ModelFixture) throws {
        let network = try fixture.load()
        for prompt in try Golden(fixture).prompts {
            #expect(prompt.greedy.count == 20)
            #expect(try greedy(network, prompt.ids, count: 20) == prompt.greedy)
        }
    }
}
