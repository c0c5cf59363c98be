import Foundation
import Testing
import VaneModels
import VaneSites
import VaneTensors
import VaneTestSupport

/// Real models that are not in the repository, with numbers computed in float64 from their original files.
enum PublishedModel: String, CaseIterable, Sendable {
    case tinytalk, stories260K

    struct Golden: Decodable {
        struct Prompt: Decodable {
            let ids: [Int]
            let meanNllNats: Double
            /// Pairs of a token id and its logit.
            let lastLogitsTop10: [[Double]]
            let lastLogitsL2: Double
            let residualLastPosition: [[Double]]
            let greedyNewIds: [Int]

            // Spelled out: `convertFromSnakeCase` leaves the case of what follows a digit unclear.
            enum CodingKeys: String, CodingKey {
                case ids
                case meanNllNats = "mean_nll_nats"
                case lastLogitsTop10 = "last_logits_top10"
                case lastLogitsL2 = "last_logits_l2"
                case residualLastPosition = "residual_last_position"
                case greedyNewIds = "greedy_new_ids"
            }
        }
        let eos: Int
        let prompts: [Prompt]
    }

    static var isPresent: Bool { Fixtures.shared != nil }

    private func file(_ name: String) -> URL {
        (Fixtures.shared ?? Fixtures.url("absent")).appendingPathComponent("models/\(rawValue)/\(name)")
    }

    func load() throws -> DecoderNetwork { try Registry.load(folder: file("hf").path) }
    func golden() throws -> Golden {
        try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file("golden.json")))
    }
}

@Suite("Published models agree with their reference", .tags(.golden), .enabled(if: PublishedModel.isPresent))
struct PublishedModelTests {
    /// `max |a − b| / max |b|`; the reference keeps five decimals.
    static let tolerance = 1e-3

    @Test("residual streams, logits and loss are the reference's", arguments: PublishedModel.allCases)
    func activations(model: PublishedModel) throws {
        let network = try model.load()
        let golden = try model.golden()
        var worst = (error: 0.0, place: "")
        func check(_ values: [Float], _ reference: [Double], _ place: String) {
            let error = relativeError(values, reference)
            #expect(error <= PublishedModelTests.tolerance, "\(model.rawValue) \(place)")
            if error > worst.error { worst = (error, place) }
        }
        for prompt in golden.prompts {
            let recorder = ActivationRecorder()
            let sites = [.embedding] + (0..<network.layout.depth).map { Site.residual($0) }
            let input = SequenceInput(
                state: network.makeSequence(), tokens: prompt.ids, hooks: recorder.hooks(at: sites),
                promptLength: prompt.ids.count)
            let logits = try #require(try network.forward([input], output: .allLogits))
            #expect(prompt.residualLastPosition.count == sites.count)
            for (site, reference) in zip(sites, prompt.residualLastPosition) {
                check(recorder.rows(at: site).last ?? [], reference, "\(site)")
            }
            let last = Array(logits.elements.suffix(network.layout.vocabulary))
            #expect(prompt.lastLogitsTop10.count == 10)
            check(
                prompt.lastLogitsTop10.map { last[Int($0[0])] }, prompt.lastLogitsTop10.map { $0[1] },
                "logits")
            let norm = last.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            check([Float(norm)], [prompt.lastLogitsL2], "norm of the logits")
            check([Float(meanNegativeLogLikelihood(logits, prompt.ids))], [prompt.meanNllNats], "loss")
        }
        print("worst relative error, \(model.rawValue): \(worst.error) at \(worst.place)")
        #expect(worst.error > 0, "nothing was compared")
    }

    @Test("the text that follows greedily is the reference's", arguments: PublishedModel.allCases)
    func greedyText(model: PublishedModel) throws {
        let network = try model.load()
        let golden = try model.golden()
        for prompt in golden.prompts {
            let expected = prompt.greedyNewIds
            #expect(try greedy(network, prompt.ids, count: expected.count, end: golden.eos) == expected)
        }
    }
}
