import Testing
import VaneConcepts
import VanePlanted
import VaneSites
import VaneTensors
import VaneTestSupport

/// A network that computes three functions of its tokens, each at a known depth: which token is last (in the
/// embedding, block 0), whether most tokens are odd (an attention that averages, block 1), and whether exactly
/// one of the first and the last token is odd (an attention to the first token at block 2, an MLP at block 3).
private final class LayeredNetwork: SteerableNetwork {
    let layout: NetworkLayout
    private let computes: Bool
    private let seed: UInt64
    private let axes: [[Float]]
    static let vocabulary = 64
    static let length = 7

    /// - Parameter computes: whether the blocks compute; if not they only add noise, as many draws as otherwise.
    init(computes: Bool, seed: UInt64) {
        layout = NetworkLayout(
            depth: 5, width: 24, heads: 1, headWidth: 24, mlpWidth: 24, vocabulary: Self.vocabulary,
            maximumPositions: Self.length)
        self.computes = computes
        self.seed = seed
        var generator = SeededGenerator(seed: seed, stream: 55)
        axes = (0..<4).map { _ in generator.unitVector(width: 24) }
    }

    var identity: ModelIdentity {
        ModelIdentity(
            name: "layered", architecture: "stand-in", fingerprint: "layered",
            tokenizerFingerprint: "parity", layout: layout)
    }

    /// The stream at the last of `tokens` after each block.
    private func states(_ tokens: [Int]) -> [[Float]] {
        let key = tokens.reduce(UInt64(17)) { $0 &* 67 &+ UInt64($1) }
        var generator = SeededGenerator(seed: seed &+ key, stream: 56)
        func sign(_ isOdd: Bool) -> Float { isOdd ? 1 : -1 }
        let isOdd = tokens.map { $0 % 2 == 1 }
        let last = isOdd[isOdd.count - 1]
        let written: [Float] = [
            5 * sign(last), 5 * sign(2 * isOdd.count { $0 } > isOdd.count), 5 * sign(isOdd[0]),
            5 * sign(isOdd[0] != last), 0,
        ]
        var state = (0..<24).map { _ in Float(generator.normal()) }
        return (0..<5).map { block in
            for j in state.indices {
                if computes && block < 4 { state[j] += written[block] * axes[block][j] }
                state[j] += Float(0.2 * generator.normal())
            }
            return state
        }
    }

    func makeSequence() -> any SequenceState { State() }

    func forward(_ batch: [SequenceInput], output: NetworkOutput, through last: Site?) throws -> Tensor? {
        for input in batch {
            let rows = input.tokens.indices.map { states(Array(input.tokens[...$0])) }
            for block in 0..<layout.depth where input.hooks.has(.residual(block)) {
                var values = rows.flatMap { $0[block] }
                values.withUnsafeMutableBufferPointer { buffer in
                    guard let base = buffer.baseAddress else { return }
                    input.hooks.run(
                        Activation(
                            site: .residual(block), base: base, rows: rows.count, width: 24, rowStride: 24,
                            firstPosition: 0, promptLength: input.promptLength))
                }
            }
        }
        return nil
    }

    private final class State: SequenceState { let count = 0 }
}

@Suite("Concepts of a known depth", .tags(.planted))
struct DepthPlantedTests {
    private enum Function: CaseIterable {
        case identity, majority, parity

        func value(_ tokens: [Int]) -> Bool {
            let isOdd = tokens.map { $0 % 2 == 1 }
            return switch self {
            case .identity: isOdd[isOdd.count - 1]
            case .majority: 2 * isOdd.count { $0 } > isOdd.count
            case .parity: isOdd[0] != isOdd[isOdd.count - 1]
            }
        }
    }

    private func depth(
        _ network: LayeredNetwork, seed: UInt64, label: ([Int], Int) -> Bool
    ) throws -> Concept.Depth {
        var generator = SeededGenerator(seed: seed, stream: 57)
        let texts = (0..<600).map { _ in
            (0..<LayeredNetwork.length).map { _ in
                generator.integer(below: LayeredNetwork.vocabulary)
            }
        }
        let labels = texts.enumerated().map { label($1, $0) }
        let options = LearningOptions(
            pooling: .last, isStandardised: false, heldOut: 0.5, folds: 2, lambdas: [0.03], resamples: 2,
            seed: seed)
        func half(_ wanted: Bool) -> [[Int]] {
            texts.indices.filter { labels[$0] == wanted }.map { texts[$0] }
        }
        let concept = try ConceptLearner(LogisticCAV(), options).learn(
            "c", positive: half(true), negative: half(false), digest: "", in: network,
            model: network.identity)
        return try #require(concept.depth)
    }

    @Test("the curve settles where each function is computed, over 5 seeds")
    func order() throws {
        for seed in 1...5 as ClosedRange<UInt64> {
            let network = LayeredNetwork(computes: true, seed: seed)
            let depths = try Function.allCases.map { function in
                try depth(network, seed: seed) { tokens, _ in function.value(tokens) }
            }
            print("settled at \(depths.map(\.convergence)), parity \(depths[2].accuracies)")
            #expect(depths.map(\.convergence) == [.residual(0), .residual(1), .residual(3)])
            #expect(depths[2].accuracies[2] < 0.6 && depths[2].accuracies[3] > 0.97)
        }
    }

    @Test(
        "controls: a network that computes nothing has no such order, and labels without meaning stay at chance"
    )
    func controls() throws {
        var ordered = 0
        var random: [Double] = []
        for seed in 1...5 as ClosedRange<UInt64> {
            let blank = LayeredNetwork(computes: false, seed: seed)
            let depths = try Function.allCases.map { function in
                try depth(blank, seed: seed) { tokens, _ in function.value(tokens) }
            }
            ordered += depths.map(\.convergence) == [.residual(0), .residual(1), .residual(3)] ? 1 : 0
            #expect(depths.allSatisfy { ($0.accuracies.last ?? 1) < 0.65 })
            var generator = SeededGenerator(seed: seed, stream: 58)
            let labels = generator.shuffled((0..<600).map { $0 % 2 == 0 })
            random += try depth(LayeredNetwork(computes: true, seed: seed), seed: seed) { labels[$1] }
                .accuracies
        }
        let mean = random.reduce(0, +) / Double(random.count)
        print("random labels: accuracy \(mean)")
        #expect(ordered == 0 && abs(mean - 0.5) < 0.03)
    }
}
