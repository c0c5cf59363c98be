import Testing
import VaneConcepts
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Latent steering vectors")
struct LatentVectorTests {
    /// Sentences of the planted language of 8 to 15 tokens that the model was not trained on.
    private func sentences(_ model: BuiltIn, _ count: Int) -> [[Int]] {
        let language = PlantedLanguage(seed: 41)
        var found: [[Int]] = []
        var index = 0
        while found.count < count {
            for sentence in language.text(at: index).sentences where found.count < count {
                let tokens = model.tokens(sentence)
                if (8...15).contains(tokens.count) {
                    found.append(tokens)
                    break
                }
            }
            index += 1
        }
        return found
    }

    @Test(
        "a vector at the start token makes the model write a sentence; at the head, or for random tokens, it does less",
        .tags(.planted, .slow))
    func recovery() throws {
        let model = try BuiltIn()
        let start = try #require(model.start)
        let sentences = sentences(model, 12)
        var generator = SeededGenerator(seed: 3)
        let random = sentences.map { sentence in
            sentence.map { _ in generator.integer(below: model.network.layout.vocabulary) }
        }
        func learn(_ texts: [[Int]], _ site: Site, seed: UInt64 = 0) throws -> [LatentVectors.Latent] {
            try LatentVectors(steps: 200, seed: seed).vectors(
                of: texts, start: start, at: site, in: model.network)
        }
        let site = Site.residual(2)
        let latents = try learn(sentences, site)
        let again = try learn(sentences, site, seed: 1)
        let head = try learn(sentences, .finalNorm)
        let noise = try learn(random, site)
        let counts = [latents, again, head, noise].map { $0.count(where: \.isRecovered) }

        // The same sentence from two starts is nearer to itself than to others.
        var (scores, same): ([Double], [Bool]) = ([], [])
        for (i, a) in latents.enumerated() {
            for (j, b) in again.enumerated() {
                scores.append(cosine(a.vector, b.vector))
                same.append(i == j)
            }
        }
        let area = Statistics.auroc(scores: scores, positive: same, resamples: 0, generator: &generator)
        print(
            "latent vectors of 12 sentences: recovered \(counts[0]) and \(counts[1]); at the head \(counts[2]); random "
                + "tokens \(counts[3]); same-sentence AUROC \(area.value); losses "
                + "\(latents.map { ($0.loss * 100).rounded() / 100 }), steps \(latents.map(\.steps))")
        #expect(counts[0] >= 10 && counts[1] >= 10)
        #expect(counts[2] <= 3 && counts[3] < counts[0])
        #expect(area.value > 0.9)

        // What counts as recovered is what decoding writes.
        for (latent, sentence) in zip(latents, sentences) {
            let written = try LatentVectors().decoded(
                latent.vector, count: sentence.count, start: start, at: site, in: model.network)
            #expect((written == sentence) == latent.isRecovered)
        }
        let unsteered = try LatentVectors().decoded(
            [Float](repeating: 0, count: model.width), count: 8, start: start, at: site, in: model.network)
        #expect(!sentences.contains { Array($0.prefix(8)) == unsteered })
    }
}
