import Foundation
import Testing
import VaneConcepts
import VaneDefaultModel
import VaneGeneration
import VaneModels
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport
import VaneTokenizers

@Suite("The built-in model")
struct DefaultModelTests {
    private let model: LanguageModel

    init() throws { model = try DefaultModel.load() }

    @Test("it is what the recipe describes, and small enough to ship")
    func shape() throws {
        let recipe = DefaultModelRecipe()
        let layout = model.identity.layout
        #expect(layout.depth == recipe.depth && layout.width == recipe.width && layout.heads == recipe.heads)
        #expect(layout.mlpWidth == recipe.hidden && layout.maximumPositions == recipe.context)
        #expect(layout.vocabulary == model.tokenizer.vocabularySize)
        #expect((2_000_000...4_000_000).contains(try DefaultModel.parameterCount))
        #expect(DefaultModel.byteCount <= 6_000_000, "\(DefaultModel.byteCount) bytes")
        #expect(model.endOfText == [try #require(model.tokenizer.id(of: "<|endoftext|>"))])
    }

    @Test("its tokenizer gives back every document of the corpus, in few tokens", .tags(.law))
    func tokenizer() {
        let corpus = PlantedCorpus(seed: 77)
        var (tokens, words) = (0, 0)
        for i in 0..<200 {
            let document = corpus.document(at: i)
            let ids = model.tokenizer.encode(document)
            #expect(model.tokenizer.decode(ids) == document)
            tokens += ids.count
            words += document.split { $0 == " " || $0 == "\n" }.count
        }
        #expect(Double(tokens) / Double(words) < 1.7)
    }

    @Test("there is a concept for every attribute, found on this model, by its name")
    func concepts() throws {
        #expect(DefaultModel.conceptNames == StarterConcept.all.map(\.name).sorted())
        #expect(Set(StarterConcept.all.map(\.attribute)) == Set(PlantedAttribute.allCases))
        for name in DefaultModel.conceptNames {
            let concept = try #require(try DefaultModel.concept(named: name))
            try concept.requireModel(model.identity)
            #expect(concept.name == name && concept.verdict.isFound, "\(name): \(concept.verdict.sentence)")
        }
        #expect(try DefaultModel.concept(named: "happiness") == nil)
        #expect(try DefaultModel.concept(named: "../config.json") == nil)
    }

    @Test(
        "200 greedy tokens are known bytes, for every number of threads and instruction set", .tags(.golden))
    func story() async throws {
        let golden = try String(contentsOf: Fixtures.url("default-model/story.txt"), encoding: .utf8)
        let threads = Compute.threads
        defer { Compute.threads = threads }
        for count in [1, 2, 3] {
            Compute.threads = count
            #expect(try await greedy() == golden, "\(count) threads")
        }
    }

    /// 200 tokens of greedy stories: where one ends, the next begins.
    private func greedy() async throws -> String {
        var text = ""
        var left = 200
        var openings = ["One day,", "Last winter,", "Next Sunday,", "A year ago,", "These days,"][...]
        let engine = Engine(model)
        while left > 0, let opening = openings.popFirst() {
            let request = GenerationRequest(
                prompt: model.tokenizer.encode(opening), maximumTokens: left,
                sampling: SamplingOptions(temperature: 0))
            let generation = try await engine.generate([request])[0]
            left -= generation.tokens.count
            text += opening + generation.text + "\n"
        }
        return text
    }

    @Test("written out and read in again it is the same model")
    func export() throws {
        let folder = try ProcessFolder()
        try DefaultModel.write(to: folder.path)
        let copy = try LanguageModel(folder: folder.path)
        #expect(copy.identity.fingerprint == model.identity.fingerprint)
        #expect(copy.identity.tokenizerFingerprint == model.identity.tokenizerFingerprint)
        let concept = try Concept(contentsOf: folder.file("concepts/sentiment.vane"))
        #expect(try concept == DefaultModel.concept(named: "sentiment"))
        try concept.requireModel(copy.identity)
    }

    @Test("loading it and writing the first token takes well under a second")
    func fast() async throws {
        let clock = ContinuousClock()
        var times: [Duration] = []
        for _ in 0..<5 {
            times.append(
                try await clock.measure {
                    let model = try DefaultModel.load()
                    _ = try await Engine(model).generate([
                        GenerationRequest(prompt: model.tokenizer.encode("the film was"), maximumTokens: 1)
                    ])
                })
        }
        #expect(times.sorted()[2] < .milliseconds(500), "\(times)")
    }
}
