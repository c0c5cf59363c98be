import Foundation
import Testing
import VaneConcepts
import VaneDefaultModel
import VaneGeneration
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport
import VaneTokenizers
import VaneTraining

@Suite("The recipe of the built-in model")
struct RecipeTests {
    /// Large enough for every path of the recipe, small enough for a test.
    private let recipe = DefaultModelRecipe(
        stages: [
            .init(rate: LearningRate(peak: 1e-3, warmup: 2, steps: 20), lastStep: 7),
            .init(rate: LearningRate(peak: 1e-3, steps: 5), lists: 50, namedLists: 50, briefs: 50),
        ], batch: 2, context: 32, vocabulary: 400, width: 32, depth: 2, heads: 2, keyValueHeads: 1,
        hidden: 64)

    private func files(_ folder: ProcessFolder) throws -> [String: Data] {
        try Dictionary(
            uniqueKeysWithValues: ["config.json", "tokenizer.json", "model.safetensors", "training.tsv"].map {
                ($0, try folder.read($0))
            })
    }

    @Test("the same recipe gives the same bytes, also when it is stopped on the way", .tags(.law, .slow))
    func reproducible() throws {
        struct Stop: Error {}
        let whole = try ProcessFolder()
        var losses: [Double] = []
        try recipe.train(into: whole.path, documents: 300) { losses.append($1.loss) }
        #expect(losses.count == 12 && losses.allSatisfy(\.isFinite))
        let expected = try files(whole)

        let stopped = try ProcessFolder()
        #expect(throws: Stop.self) {
            try recipe.train(into: stopped.path, documents: 300, checkpointEvery: 2) {
                if $0 == 2 && $1.step == 3 { throw Stop() }
            }
        }
        #expect(try stopped.names() == ["stage-1.safetensors", "stage-2.safetensors"])
        try recipe.train(into: stopped.path, documents: 300, checkpointEvery: 2)
        #expect(try files(stopped) == expected)

        var other = recipe
        other.seed = 9
        let different = try ProcessFolder()
        try other.train(into: different.path, documents: 300)
        #expect(try files(different)["model.safetensors"] != expected["model.safetensors"])
        #expect(throws: TrainingError.self, "a checkpoint of another recipe is refused") {
            try other.train(into: stopped.path, documents: 300)
        }
    }

    @Test("what it writes is a model that loads and generates")
    func loads() async throws {
        let folder = try ProcessFolder()
        try recipe.train(into: folder.path, documents: 300)
        let model = try LanguageModel(folder: folder.path)
        #expect(model.identity.layout.depth == 2 && model.identity.layout.maximumPositions == 32)
        let generation = try await Engine(model).generate([
            GenerationRequest(prompt: model.tokenizer.encode("One day"), maximumTokens: 8)
        ])[0]
        #expect(generation.tokens.count <= 8 && generation.logProbabilities.allSatisfy(\.isFinite))
    }

    @Test("the corpus mixes texts with every kind of the world, and its bytes are known", .tags(.golden))
    func corpus() {
        let corpus = PlantedCorpus(seed: 1)
        let documents = (0..<2000).map { corpus.document(at: $0) }
        let world = PlantedWorldOracle()
        let worldly = documents.count { document in
            document.split(separator: "\n").allSatisfy { world.isGrammatical(String($0)) }
        }
        // 23 in 100, give or take three standard deviations.
        #expect((404...516).contains(worldly), "\(worldly)")
        #expect(PlantedCorpus(seed: 1).document(at: 1234) == documents[1234])
        #expect(PlantedCorpus(seed: 2).document(at: 1234) != documents[1234])
        let hash = documents.prefix(300).joined(separator: "\u{0}").utf8.reduce(
            0xCBF2_9CE4_8422_2325 as UInt64
        ) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
        #expect(hash == 0xCE83_A01E_6BCD_7DCA, "FNV-1a is now 0x\(String(hash, radix: 16, uppercase: true))")
    }

    @Test("lists hold words of one value, and are told from other lines", .tags(.planted))
    func lists() {
        let thesaurus = PlantedThesaurus(seed: 3)
        for i in 0..<300 {
            for line in thesaurus.document(at: i).split(separator: "\n") {
                #expect(PlantedThesaurus.isGrammatical(String(line)), "\(line)")
            }
        }
        #expect(PlantedThesaurus.isGrammatical("Alike: lovely, a joy."))
        #expect(!PlantedThesaurus.isGrammatical("Alike: lovely, awful."))
        #expect(!PlantedThesaurus.isGrammatical("Alike: lovely, quantum."))
        #expect(!PlantedThesaurus.isGrammatical("lovely, a joy."))
        #expect(PlantedThesaurus.isGrammatical("Alike, positive: lovely, a joy."))
        #expect(!PlantedThesaurus.isGrammatical("Alike, negative: lovely, a joy."))
        #expect(!PlantedThesaurus.isGrammatical("Alike, lovely: a joy."))
        let named = PlantedThesaurus(seed: 3, named: 60)
        let documents = (0..<1000).map { named.document(at: $0) }
        for line in documents.joined(separator: "\n").split(separator: "\n") {
            #expect(PlantedThesaurus.isGrammatical(String(line)), "\(line)")
        }
        // 60 in 100 of those whose attribute is not left out, which are about seven in ten.
        #expect((330...530).contains(documents.count { $0.hasPrefix("Alike, ") }))
        for (plain, named) in zip((0..<1000).map { thesaurus.document(at: $0) }, documents)
        where !named.hasPrefix("Alike, ") { #expect(plain == named) }
        let mixed = PlantedCorpus(seed: 1, lists: 15)
        let count = (0..<2000).count { mixed.document(at: $0).hasPrefix("Alike: ") }
        #expect((252...348).contains(count), "\(count) of 2000")
    }

    @Test("examples show the value asked for, and no sentence stands twice", .tags(.planted))
    func examples() throws {
        let oracle = PlantedOracle()
        for starter in StarterConcept.all {
            let examples = try starter.examples(40, seed: 5)
            #expect(examples.positive.count == 40 && examples.negative.count == 40)
            #expect(Set(examples.positive + examples.negative).count == 80)
            for sentence in examples.positive {
                #expect(oracle.reading(of: sentence).value(of: starter.attribute) == starter.value)
            }
            for sentence in examples.negative {
                let value = oracle.reading(of: sentence).value(of: starter.attribute)
                #expect(value != nil && value != starter.value)
            }
        }
    }
}
