import Testing
import VaneConcepts
import VaneSites
import VaneTensors
import VaneTestSupport

/// A network whose second site is a linear map of the token before: `h₁[i] = W h₀[i - 1] + b + N h₀[i]`.
private final class RelationNetwork: DifferentiableNetwork {
    let layout: NetworkLayout
    private let embedding: Tensor
    private let map: PackedMatrix
    private let bias: Tensor
    private let noise: Tensor

    init(embedding: [[Float]], map: [Float], bias: [Float], noise: [[Float]]) throws {
        let width = bias.count
        layout = NetworkLayout(
            depth: 2, width: width, heads: 1, headWidth: width, mlpWidth: width, vocabulary: embedding.count,
            maximumPositions: 16)
        self.embedding = try Tensor(embedding.flatMap { $0 }, shape: [embedding.count, width])
        self.map = try PackedMatrix(Tensor(map, shape: [width, width]))
        self.bias = try Tensor(bias, shape: [width])
        self.noise = try Tensor(noise.flatMap { $0 }, shape: [noise.count, width])
    }

    private final class State: SequenceState, @unchecked Sendable {
        // Sendable: one forward pass at a time holds a state.
        var count = 0
    }

    func makeSequence() -> any SequenceState { State() }

    private func streams(_ batch: [SequenceInput], _ watch: (Site, Tensor) -> Tensor) throws -> Tensor {
        let tokens = batch.flatMap { $0.tokens.map { Int32($0) } }
        let first = watch(.residual(0), try embedding.gatherRows(tokens))
        var before: [Int32] = []
        for input in batch {
            let start = Int32(before.count)
            before += input.tokens.indices.map { start + Int32(max($0 - 1, 0)) }
        }
        let mapped = try first.gatherRows(before).linear(map, bias: bias)
        return watch(.residual(1), try mapped.adding(noise.gatherRows(tokens)))
    }

    func forward(_ batch: [SequenceInput], output: NetworkOutput, through last: Site?) throws -> Tensor? {
        _ = try streams(batch) { site, values in
            var row = 0
            for input in batch {
                values.write { base in
                    input.hooks.run(
                        Activation(
                            site: site, base: base + row * layout.width, rows: input.tokens.count,
                            width: layout.width, rowStride: layout.width, firstPosition: 0,
                            promptLength: input.promptLength))
                }
                row += input.tokens.count
            }
            return values
        }
        return nil
    }

    func forward(
        _ batch: [SequenceInput], output: NetworkOutput, watching sites: [Site], on tape: Tape
    ) throws -> (logits: Tensor?, activations: [Site: Tensor]) {
        var activations: [Site: Tensor] = [:]
        _ = try streams(batch) { site, values in
            guard sites.contains(site) else { return values }
            let variable = values.isRecorded ? values : tape.watch(values)
            activations[site] = variable
            return variable
        }
        return (nil, activations)
    }
}

@Suite("Linear relational concepts")
struct LinearRelationTests {
    private let width = 24
    private let rank = 6
    private let objects = 5
    private let subjects = 6

    @Test(
        "the inverse of a noisy linear relation points to the planted subjects at its rank; the full rank and the transpose do not",
        .tags(.planted), arguments: [1, 2, 3])
    func planted(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        // W = Σ σ u vᵀ with falling σ, and next to nothing else.
        let left = (0..<rank).map { _ in generator.unitVector(width: width) }
        let right = (0..<rank).map { _ in generator.unitVector(width: width) }
        var map = (0..<width * width).map { _ in Float(generator.normal() * 0.002) }
        for k in 0..<rank {
            let size = Float(8 / Double(k + 1))
            for i in 0..<width {
                for j in 0..<width { map[i * width + j] += size * left[k][i] * right[k][j] }
            }
        }
        // An object's subjects lie around a direction that the relation can see.
        let truth = (0..<objects).map { _ in
            let parts = right.map { _ in generator.normal() }
            return (0..<width).map { j in
                right.indices.reduce(Float(0)) { $0 + Float(parts[$1]) * right[$1][j] }
            }
        }
        let count = objects * subjects
        var embedding: [[Float]] = []
        var noise: [[Float]] = []
        for token in 0..<2 * count {
            let isSubject = token < count
            embedding.append(
                (0..<width).map { j in
                    Float(generator.normal() * 0.02) + (isSubject ? truth[token % objects][j] : 0)
                })
            noise.append((0..<width).map { _ in isSubject ? 0 : Float(generator.normal() * 0.02) })
        }
        let bias = (0..<width).map { _ in Float(generator.normal()) }
        let network = try RelationNetwork(embedding: embedding, map: map, bias: bias, noise: noise)
        let examples = (0..<count).map {
            LinearRelation.Example(
                tokens: [$0, count + $0], subject: 0, object: 1..<2, name: "\($0 % objects)")
        }
        let relation = try LinearRelation(
            examples, from: .residual(0), to: .residual(1), in: network, batchTokens: 17)
        // Without anything between the sites but the map, the Jacobian is the map.
        #expect(zip(relation.matrix, map).allSatisfy { abs($0 - $1) < 1e-4 })
        func cosine(_ a: [Float], _ b: [Float]) -> Double {
            func dot(_ a: [Float], _ b: [Float]) -> Double {
                zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
            }
            return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
        }
        func worst(_ rank: Int) throws -> Double {
            let concepts = try relation.concepts(examples, rank: rank, in: network)
            return try truth.indices.map { cosine(try #require(concepts["\($0)"]), truth[$0]) }.min() ?? 0
        }
        let (found, full) = (try worst(rank), try worst(width))
        // The wrong formula: Wᵀ in place of W†.
        let transposed =
            truth.indices.map { index in
                let image = (0..<width).map { i in
                    (0..<width).reduce(Float(0)) { $0 + map[i * width + $1] * truth[index][$1] }
                }
                let back = (0..<width).map { j in
                    (0..<width).reduce(Float(0)) { $0 + map[$1 * width + j] * image[$1] }
                }
                return cosine(back, truth[index])
            }.min() ?? 0
        print("worst cosine at rank \(rank) \(found), full rank \(full), transpose \(transposed)")
        #expect(found > 0.99 && full < 0.9 && transposed < 0.95)
        // New subjects of an object are told apart.
        let concepts = try relation.concepts(examples, rank: rank, in: network)
        let told = (0..<100).count { number in
            let subject = truth[number % objects].map { $0 + Float(generator.normal() * 0.1) }
            return LinearRelation.object(of: subject, among: concepts) == "\(number % objects)"
        }
        #expect(told > 85, "\(told)")
    }
}
