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
        "a vector added to every state writes a sentence; at the start token alone, or for random tokens, less",
        .tags(.planted, .slow))
    func recovery() throws {
        let model = try BuiltIn()
        let start = try #require(model.start)
        let sentences = sentences(model, 10)
        var generator = SeededGenerator(seed: 3)
        let random = sentences.map { sentence in
            sentence.map { _ in generator.integer(below: model.network.layout.vocabulary) }
        }
        let site = Site.residual(1)
        func learn(
            _ texts: [[Int]], _ positions: LatentVectors.Positions = .all, seed: UInt64 = 0
        ) throws -> [LatentVectors.Latent] {
            try LatentVectors(positions: positions, steps: 300, seed: seed).vectors(
                of: texts, start: start, at: site, in: model.network)
        }
        let latents = try learn(sentences)
        let again = try learn(sentences, seed: 1)
        let first = try learn(sentences, .first)
        let noise = try learn(random)
        let counts = [latents, again, first, noise].map { $0.count(where: \.isRecovered) }

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
            "latent vectors of 10 sentences: recovered \(counts[0]) and \(counts[1]); from the start token \(counts[2]); random "
                + "tokens \(counts[3]); same-sentence AUROC \(area.value); losses "
                + "\(latents.map { ($0.loss * 100).rounded() / 100 }), steps \(latents.map(\.steps))")
        #expect(counts[0] >= 5 && counts[1] >= 5)
        #expect(counts[2] < counts[0] && counts[3] < counts[0] / 2)
        #expect(area.value > 0.9)

        // What counts as recovered is what decoding writes.
        for (latent, sentence) in zip(latents, sentences) {
            let written = try LatentVectors(positions: .all).decoded(
                latent.vector, count: sentence.count, start: start, at: site, in: model.network)
            #expect((written == sentence) == latent.isRecovered)
        }
        let unsteered = try LatentVectors(positions: .all).decoded(
            [Float](repeating: 0, count: model.width), count: 8, start: start, at: site, in: model.network)
        #expect(!sentences.contains { Array($0.prefix(8)) == unsteered })
    }
}
