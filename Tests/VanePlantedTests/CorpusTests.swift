import Foundation
import Testing
import VanePlanted
import VaneTensors
import VaneTestSupport

@Suite("Log-linear worlds and topic models", .tags(.planted))
struct CorpusTests {
    private func inner(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }

    private func minus(_ x: [Double], _ y: [Double]) -> [Double] { zip(x, y).map { $0 - $1 } }

    private func correlation(_ x: [Double], _ y: [Double]) -> Double {
        let (mx, my) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
        let (a, b) = (x.map { $0 - mx }, y.map { $0 - my })
        return inner(a, b) / (inner(a, a) * inner(b, b)).squareRoot()
    }

    /// The largest distance of a count from what its probability gives, in standard errors.
    private func deviation(_ counts: [Int], _ probabilities: [Double], draws: Int) -> Double {
        zip(counts, probabilities).map { count, p in
            let error = (p * (1 - p) * Double(draws)).squareRoot()
            return abs(Double(count) - p * Double(draws)) / max(error, 1e-9)
        }.max() ?? 0
    }

    @Test("every counterfactual pair of a concept differs by its direction, in vectors and in log-odds")
    func directions() throws {
        let world = try LogLinearCorpus(seed: 1)
        #expect(world.vocabulary == 128 && world.unembeddings[0].count == 16)
        let contexts: [[Bool?]] = [
            [true, false, true, false], [false, nil, nil, true], [nil, nil, nil, nil],
        ]
        for k in 0..<4 {
            let pairs = world.counterfactuals(k)
            #expect(pairs.count == 64)
            for (without, with) in pairs {
                #expect(world.lemma(of: without) == world.lemma(of: with))
                #expect(world.word(lemma: world.lemma(of: with), concepts: world.concepts(of: with)) == with)
                #expect(zip(world.concepts(of: with), world.concepts(of: without)).count { $0 != $1 } == 1)
                let difference = minus(world.unembeddings[with], world.unembeddings[without])
                for (a, b) in zip(difference, world.conceptDirections[k]) { #expect(abs(a - b) < 1e-12) }
            }
            for context in contexts {
                let state = world.state(of: context, discourse: (0..<12).map { sin(Double($0)) })
                let p = world.probabilities(of: state)
                #expect(abs(p.reduce(0, +) - 1) < 1e-12)
                let expected = context[k].map { $0 ? 2.0 : -2 } ?? 0
                for (without, with) in pairs {
                    #expect(abs(log(p[with] / p[without]) - expected) < 1e-10)
                }
                // Moving along the steering direction changes this concept's odds and leaves the others'.
                let moved = world.probabilities(
                    of: zip(state, world.steeringDirections[k]).map { $0 + 3 * $1 })
                for j in 0..<4 {
                    let (without, with) = world.counterfactuals(j)[5]
                    let change = log(moved[with] / moved[without]) - log(p[with] / p[without])
                    #expect(abs(change - (j == k ? 3 : 0)) < 1e-10)
                }
            }
        }
    }

    @Test("concepts are at right angles in the causal inner product and in no other")
    func causal() throws {
        var options = LogLinearCorpus.Options()
        options.skew = 1
        let world = try LogLinearCorpus(options, seed: 2)
        let gamma = world.conceptDirections
        var largest = 0.0
        for j in 0..<4 {
            for k in 0..<4 {
                let same = j == k ? 1.0 : 0
                #expect(abs(inner(gamma[j], world.steeringDirections[k]) - same) < 1e-10)
                #expect(abs(world.causalInnerProduct(gamma[j], gamma[k]) - same) < 1e-10)
                if j < k {
                    let cosine =
                        inner(gamma[j], gamma[k])
                        / (inner(gamma[j], gamma[j]) * inner(gamma[k], gamma[k])).squareRoot()
                    largest = max(largest, abs(cosine))
                }
            }
        }
        #expect(largest > 0.05)
        // The covariance of the unembeddings maps a steering direction to its concept's: Cov λ_k = γ_k / 4.
        let count = Double(world.vocabulary)
        let mean = (0..<16).map { i in world.unembeddings.reduce(0) { $0 + $1[i] } / count }
        for k in 0..<4 {
            var image = [Double](repeating: 0, count: 16)
            for word in world.unembeddings {
                let centred = minus(word, mean)
                let along = inner(centred, world.steeringDirections[k]) / count
                for i in 0..<16 { image[i] += along * centred[i] }
            }
            for (a, b) in zip(image, gamma[k]) { #expect(abs(4 * a - b) < 1e-5) }
        }
        // Control: without skew the Euclidean product is as good.
        options.skew = 0
        let plain = try LogLinearCorpus(options, seed: 2).conceptDirections
        #expect(abs(inner(plain[0], plain[1])) < 1e-10)
    }

    @Test("words are as frequent as the formula says, and follow the concepts")
    func frequencies() throws {
        var options = LogLinearCorpus.Options()
        options.step = 0
        let world = try LogLinearCorpus(options, seed: 3)
        let draws = 40_000
        let document = world.document(at: 7, length: draws, concepts: [true, false, false, true])
        #expect(document.states.allSatisfy { $0 == document.states[0] })
        let p = world.probabilities(of: document.states[0])
        var counts = [Int](repeating: 0, count: world.vocabulary)
        for token in document.tokens { counts[token] += 1 }
        let right = deviation(counts, p, draws: draws)
        let wrong = deviation(
            counts, world.probabilities(of: world.state(of: [true, false, false, true])), draws: draws)
        print("log-linear: \(right) standard errors, without the discourse \(wrong)")
        #expect(right < 4)
        #expect(wrong > 10)
    }

    @Test("concepts depend on each other as the graph says")
    func graph() throws {
        var options = LogLinearCorpus.Options()
        options.concepts = 5
        options.parents = 2
        let world = try LogLinearCorpus(options, seed: 4)
        for k in 0..<5 {
            #expect((0..<5).count { world.dependencies[$0][k] != 0 } == min(k, 2))
            for j in k..<5 { #expect(world.dependencies[j][k] == 0) }
        }
        let all = (0..<32).map { code in (0..<5).map { code >> $0 & 1 == 1 } }
        let p = all.map(world.probability)
        #expect(abs(p.reduce(0, +) - 1) < 1e-12)
        var counts = [Int](repeating: 0, count: 32)
        for i in 0..<20_000 {
            let concepts = world.document(at: i, length: 0).concepts
            counts[concepts.indices.reduce(0) { $0 | (concepts[$1] ? 1 << $1 : 0) }] += 1
        }
        #expect(deviation(counts, p, draws: 20_000) < 4)
        // Control: they are not independent.
        #expect(deviation(counts, p.map { _ in 1 / 32.0 }, draws: 20_000) > 10)
    }

    @Test("without concepts the world is RAND-WALK: mutual information is an inner product")
    func randWalk() throws {
        var options = LogLinearCorpus.Options()
        (options.concepts, options.lemmas, options.width) = (0, 200, 40)
        (options.skew, options.step) = (0, 0.2)
        let world = try LogLinearCorpus(options, seed: 5)
        // Exact probabilities over many discourse vectors instead of counts: no sampling noise of words.
        let count = world.vocabulary
        var single = [Double](repeating: 0, count: count)
        var pairs = [Double](repeating: 0, count: count * count)
        let samples = 4000
        var partitions: [Double] = []
        for i in 0..<samples {
            let state = world.document(at: i, length: 1).states[0]
            let p = world.probabilities(of: state)
            partitions.append(exp(inner(world.unembeddings[0], state)) / p[0])
            for v in 0..<count {
                single[v] += p[v] / Double(samples)
                for w in v + 1..<count { pairs[v * count + w] += p[v] * p[w] / Double(samples) }
            }
        }
        var (xy, xx) = (0.0, 0.0)
        for v in 0..<count {
            for w in v + 1..<count {
                let predicted = inner(world.unembeddings[v], world.unembeddings[w]) / 40
                let information = log(pairs[v * count + w] / (single[v] * single[w]))
                xy += predicted * information
                xx += predicted * predicted
            }
        }
        // The frequency of a word grows with its length: log p(w) = |u_w|² / (2 width) + constant.
        let lengths = world.unembeddings.map { inner($0, $0) / 80 }
        let r = correlation(lengths, single.map { log($0) })
        let mean = partitions.reduce(0, +) / Double(samples)
        let spread = (partitions.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(samples)).squareRoot()
        print(
            "RAND-WALK: slope \(xy / xx), length and frequency \(r), partition function \(mean) ± \(spread)")
        #expect(abs(xy / xx - 1) < 0.1)
        #expect(r > 0.9)
        #expect(spread < 0.1 * mean)
        // The walk is slow: neighbours are alike, and distant ones are not.
        let states = world.document(at: 0, length: 400).states
        let near = (0..<399).map { inner(states[$0], states[$0 + 1]) }.reduce(0, +) / 399
        let far = (0..<200).map { inner(states[$0], states[$0 + 200]) }.reduce(0, +) / 200
        #expect(near > 0.95 && abs(far) < 0.5)
        for state in states { #expect(abs(inner(state, state) - 1) < 1e-9) }
    }

    @Test("the same seed gives the same documents, whatever their length", .tags(.law))
    func repeatable() throws {
        let (first, second) = (try LogLinearCorpus(seed: 6), try LogLinearCorpus(seed: 6))
        #expect(first.document(at: 3, length: 20) == second.document(at: 3, length: 20))
        #expect(
            first.document(at: 3, length: 5).tokens[...] == first.document(at: 3, length: 20).tokens[..<5])
        #expect(first.document(at: 4, length: 20).tokens != first.document(at: 3, length: 20).tokens)
        #expect(try LogLinearCorpus(seed: 7).unembeddings != first.unembeddings)
        let (topics, again) = (try TopicCorpus(seed: 6), try TopicCorpus(seed: 6))
        #expect(topics.document(at: 3, length: 20) == again.document(at: 3, length: 20))
        #expect(
            topics.document(at: 3, length: 5).tokens[...] == topics.document(at: 3, length: 20).tokens[..<5])
        #expect(try TopicCorpus(seed: 7).topicWords != topics.topicWords)
    }

    @Test("what cannot be made is refused")
    func refused() {
        var options = LogLinearCorpus.Options()
        options.width = 4
        #expect(throws: PlantedError.self) { try LogLinearCorpus(options, seed: 1) }
        options = .init()
        options.strength = .nan
        #expect(throws: PlantedError.self) { try LogLinearCorpus(options, seed: 1) }
        var topics = TopicCorpus.Options()
        topics.concentration = 0
        #expect(throws: PlantedError.self) { try TopicCorpus(topics, seed: 1) }
        topics = .init()
        topics.overlap = 1.5
        #expect(throws: PlantedError.self) { try TopicCorpus(topics, seed: 1) }
    }

    @Test("words and pairs of words are as frequent as the topic model says", arguments: [0, 0.3])
    func topicFrequencies(_ overlap: Double) throws {
        var options = TopicCorpus.Options()
        (options.topics, options.wordsPerTopic, options.overlap) = (4, 3, overlap)
        let corpus = try TopicCorpus(options, seed: 8)
        for words in corpus.topicWords { #expect(abs(words.reduce(0, +) - 1) < 1e-12) }
        let long = corpus.document(at: 0, length: 40_000)
        #expect(abs(long.mixture.reduce(0, +) - 1) < 1e-12)
        var counts = [Int](repeating: 0, count: 12)
        for token in long.tokens { counts[token] += 1 }
        let p = (0..<12).map { corpus.probability(of: $0, mixture: long.mixture) }
        #expect(deviation(counts, p, draws: 40_000) < 4)
        // One pair a document, so that the pairs are independent.
        var pairs = [Int](repeating: 0, count: 144)
        for i in 0..<40_000 {
            let tokens = corpus.document(at: i, length: 2).tokens
            pairs[tokens[0] * 12 + tokens[1]] += 1
        }
        let expected = (0..<144).map { corpus.probability(of: $0 / 12, with: $0 % 12) }
        #expect(abs(expected.reduce(0, +) - 1) < 1e-12)
        #expect(deviation(pairs, expected, draws: 40_000) < 4.5)
        // Control: words of a document are not independent.
        let single = (0..<12).map { w in expected[(w * 12)..<(w * 12 + 12)].reduce(0, +) }
        #expect(deviation(pairs, (0..<144).map { single[$0 / 12] * single[$0 % 12] }, draws: 40_000) > 20)
    }

    @Test("topics are found again from the words that occur together, and not in shuffled documents")
    func recovered() throws {
        var options = TopicCorpus.Options()
        options.overlap = 0.2
        let corpus = try TopicCorpus(options, seed: 9)
        let documents = (0..<600).map { corpus.document(at: $0, length: 60).tokens }
        var generator = SeededGenerator(seed: 10)
        let mixed = generator.shuffled(documents.joined())
        let shuffled = (0..<600).map { Array(mixed[($0 * 60)..<($0 * 60 + 60)]) }
        let (found, chance) = (purity(corpus, documents), purity(corpus, shuffled))
        print("topics: nearest words of the same topic \(found), shuffled \(chance)")
        #expect(found > 0.9)
        #expect(chance < 0.2)
    }

    /// How many of the 19 words that most often occur together with a word, against what their frequencies
    /// give, belong to its topic.
    private func purity(_ corpus: TopicCorpus, _ documents: [[Int]]) -> Double {
        let size = corpus.vocabulary
        var together = [Double](repeating: 0, count: size * size)
        var single = [Double](repeating: 0, count: size)
        for document in documents {
            for word in document { single[word] += 1 }
            for i in document.indices {
                for j in document.indices where i != j { together[document[i] * size + document[j]] += 1 }
            }
        }
        var same = 0
        for word in 0..<size {
            let ranked = (0..<size).filter { $0 != word }.sorted {
                together[word * size + $0] / max(single[$0], 1) > together[word * size + $1]
                    / max(single[$1], 1)
            }
            same += ranked.prefix(19).count { corpus.topic(of: $0) == corpus.topic(of: word) }
        }
        return Double(same) / Double(19 * size)
    }
}
