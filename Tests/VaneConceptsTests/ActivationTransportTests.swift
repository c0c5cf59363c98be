import Testing
import VaneConcepts
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Activation transport")
struct ActivationTransportTests {
    private let width = 64

    private func normal(_ count: Int, mean: Double, deviation: Double, seed: UInt64) -> [[Float]] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            (0..<width).map { _ in Float(mean + deviation * generator.normal()) }
        }
    }

    private func apply(_ map: TransportMap, _ rows: [[Float]]) -> [[Float]] {
        PlantedRows.apply(TransportEdit(map), to: rows)
    }

    /// The Wasserstein-2 distance in one dimension, the mean over the entries.
    private func distance(_ a: [[Float]], _ b: [[Float]]) -> Double {
        (0..<width).map { j in
            let (x, y) = (a.map { Double($0[j]) }.sorted(), b.map { Double($0[j]) }.sorted())
            return (zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(x.count)).squareRoot()
        }.reduce(0, +) / Double(width)
    }

    private func mean(_ values: [Float]) -> Double {
        values.reduce(0) { $0 + Double($1) } / Double(values.count)
    }

    @Test(
        "the map between two normal laws is found; a shift or the wrong denominator misses", .tags(.planted))
    func laws() throws {
        let (source, target) = (
            normal(200, mean: 0, deviation: 1, seed: 1), normal(200, mean: 3, deviation: 0.5, seed: 2)
        )
        // Many, so that the distance is that of the laws: those of small samples of one law are not 0.
        let heldOut = normal(2000, mean: 0, deviation: 1, seed: 3)
        let wanted = normal(2000, mean: 3, deviation: 0.5, seed: 4)
        func miss(_ map: TransportMap) -> Double { distance(apply(map, heldOut), wanted) }
        let linear = try ActivationTransport(.linear).map(from: source, to: target)
        let gaussian = try ActivationTransport(.gaussian).map(from: source, to: target)
        let shift = try ActivationTransport(.mean).map(from: source, to: target)
        // Σ b̃² in the place of Σ ã²: as both lists are nearly normal, the slope is the inverse of the right
        // one.
        var wrong = linear
        wrong.scale = gaussian.scale.map { 1 / $0 }
        let errors = [linear, gaussian, shift, wrong].map(miss)
        print(
            "ω \(mean(linear.scale)), gaussian \(mean(gaussian.scale)); held-out W2: linear \(errors[0]), gaussian "
                + "\(errors[1]), mean \(errors[2]), wrong denominator \(errors[3]), untouched \(distance(heldOut, wanted))"
        )
        #expect(abs(mean(linear.scale) - 0.5) < 0.01 && abs(mean(gaussian.scale) - 0.5) < 0.01)
        #expect(errors[0] <= 0.1 && errors[1] <= 0.1)
        #expect(shift.scale.allSatisfy { $0 == 1 } && errors[2] >= 0.45)
        #expect(errors[3] > 1 && distance(heldOut, wanted) > 2.9)
        #expect(linear.low == nil && linear.high == nil && linear.strength == 1)
    }

    @Test("classes of different size are compared at the same quantiles", .tags(.planted))
    func unequal() throws {
        for (few, many) in [(70, 400), (400, 70)] {
            let map = try ActivationTransport(.linear).map(
                from: normal(few, mean: 1, deviation: 2, seed: 5),
                to: normal(many, mean: -1, deviation: 1, seed: 6))
            #expect(abs(mean(map.scale) - 0.5) < 0.03, "\(mean(map.scale))")
            #expect(abs(mean(map.offset) + 1.5) < 0.1, "\(mean(map.offset))")
        }
        // Of 1, 2, 3, 4 the quantiles of two values are 1.5 and 3.5.
        let map = try ActivationTransport(.linear).map(from: [[0], [1]], to: [[4], [2], [1], [3]])
        #expect(map.scale == [2] && map.offset == [1.5])
    }

    @Test("an entry that does not vary is shifted; too few or broken rows are refused")
    func edges() throws {
        for form in ActivationTransport.Form.allCases {
            let map = try ActivationTransport(form).map(from: [[2], [2]], to: [[5], [7]])
            #expect(map.scale == [1] && map.offset == [4])
        }
        for (source, target) in [
            ([[1]] as [[Float]], [[1], [2]] as [[Float]]), ([[1], [2]], []), ([[1], [2, 3]], [[1], [2]]),
            ([[1], [.nan]], [[1], [2]]), ([[], []], [[], []]),
        ] {
            #expect(throws: ConceptError.self) {
                try ActivationTransport().map(from: source, to: target)
            }
        }
    }

    @Test("limits of tokens hold every source token, those of pooled values do not", .tags(.planted))
    func support() throws {
        let network = ChainNetwork(width: 8)
        let (source, target) = (ChainNetwork.texts(0..<60), ChainNetwork.texts(1000..<1060))
        func maps(_ support: ActivationTransport.Support) throws -> TransportMap {
            let maps = try ActivationTransport(support: support).maps(
                from: source, to: target, at: [.residual(0)], in: network)
            return try #require(maps[.residual(0)])
        }
        func outside(_ map: TransportMap) throws -> Double {
            let (low, high) = (try #require(map.low), try #require(map.high))
            let rows = source.joined().map { network.row($0) }
            let beyond = rows.reduce(0) { sum, row in
                sum + row.indices.count { row[$0] < low[$0] || row[$0] > high[$0] }
            }
            return Double(beyond) / Double(rows.count * 8)
        }
        let shares = try [ActivationTransport.Support.tokenRange, .pooledRange].map { try outside(maps($0)) }
        print("source tokens outside the limits: by tokens \(shares[0]), by means \(shares[1])")
        #expect(shares[0] == 0 && shares[1] > 0.1)
        #expect(try maps(.everywhere).low == nil)
    }

    @Test("causal maps reckon with the earlier ones; simultaneous ones go too far together", .tags(.planted))
    func causal() throws {
        let network = ChainNetwork(width: 8)
        let sites = [Site.residual(1), .residual(0), .residual(2)]
        let (source, target) = (ChainNetwork.texts(0..<200), ChainNetwork.texts(1000..<1200))
        func learn(_ estimation: ActivationTransport.Estimation) throws -> [Site: TransportMap] {
            try ActivationTransport(.linear, estimation: estimation).maps(
                from: source, to: target, at: sites, in: network)
        }
        /// The mean of the last states of new source texts under the maps.
        func level(_ maps: [Site: TransportMap]) throws -> Double {
            var hooks = Hooks()
            for (site, map) in maps { hooks.add(TransportEdit(map), at: site) }
            let harvest = try Harvest(
                ChainNetwork.texts(400..<500), at: [.residual(2)], in: network, pooling: .mean, under: hooks)
            return mean(try #require(harvest.activations[.residual(2)]).elements)
        }
        let (causal, simultaneous) = (try learn(.causal), try learn(.simultaneous))
        let levels = try [[:], causal, simultaneous].map(level)
        print("the last block's mean: plain \(levels[0]), causal \(levels[1]), simultaneous \(levels[2])")
        // Every block doubles: sources lie at 0, targets at 4 · 2.
        #expect(abs(levels[0]) < 0.3 && abs(levels[1] - 8) < 0.3)
        #expect(levels[2] > 20)
        let later = try #require(causal[.residual(2)])
        #expect(later.scale.allSatisfy { abs($0 - 1) < 0.05 } && later.offset.allSatisfy { abs($0) < 0.3 })
        #expect(causal[.residual(0)] == simultaneous[.residual(0)])
        // Strength 0 is no edit, bit for bit.
        let off = causal.mapValues { $0.with(strength: 0) }
        #expect(try level(off) == levels[0])
    }

    @Test("a map is read as it was written")
    func codable() throws {
        let map = try ActivationTransport(support: .pooledRange).map(
            from: normal(5, mean: 0, deviation: 1, seed: 7), to: normal(5, mean: 1, deviation: 1, seed: 8))
        #expect(map.low?.count == width && map.high?.count == width)
        #expect(map.with(strength: 0.5).strength == 0.5 && map.with(strength: 0.5).scale == map.scale)
    }
}

/// Three blocks: the first holds a row for each token, N(0, 1) below token 10,000 and N(2, 1) from there on;
/// each other is twice the one before.
private final class ChainNetwork: SteerableNetwork {
    let layout: NetworkLayout

    init(width: Int) {
        layout = NetworkLayout(
            depth: 3, width: width, heads: 1, headWidth: width, mlpWidth: width, vocabulary: 1 << 20,
            maximumPositions: 64)
    }

    /// Texts of ten tokens.
    static func texts(_ numbers: Range<Int>) -> [[Int]] {
        numbers.map { number in (0..<10).map { 10 * number + $0 } }
    }

    func row(_ token: Int) -> [Float] {
        var generator = SeededGenerator(seed: 11, stream: UInt64(token))
        return (0..<layout.width).map { _ in Float(generator.normal() + (token < 10_000 ? 0 : 2)) }
    }

    func makeSequence() -> any SequenceState { State() }

    func forward(_ batch: [SequenceInput], output: NetworkOutput, through last: Site?) throws -> Tensor? {
        for input in batch {
            var values = input.tokens.flatMap { row($0) }
            for layer in 0..<layout.depth {
                if layer > 0 { for i in values.indices { values[i] *= 2 } }
                values.withUnsafeMutableBufferPointer { buffer in
                    guard let base = buffer.baseAddress else { return }
                    input.hooks.run(
                        Activation(
                            site: .residual(layer), base: base, rows: input.tokens.count, width: layout.width,
                            rowStride: layout.width, firstPosition: 0, promptLength: input.promptLength))
                }
            }
        }
        return nil
    }

    private final class State: SequenceState { let count = 0 }
}
