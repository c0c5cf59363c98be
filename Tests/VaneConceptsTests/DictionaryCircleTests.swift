import Foundation
import Testing
import VaneConcepts
import VaneTensors
import VaneTestSupport

@Suite("Circles among the rows of a dictionary")
struct DictionaryCircleTests {
    private let width = 64
    private let random = 500

    /// What eight rows of the dictionary beside the random ones make.
    private enum Bundle {
        /// Eight directions of a circle, active by their nearness to an angle.
        case circle
        /// The same directions, each active by itself.
        case loose
        /// Eight directions near one another, each active by itself.
        case near
    }

    private func world(_ bundle: Bundle, seed: UInt64) throws -> (
        dictionary: Tensor, codes: Tensor, rows: [Int]
    ) {
        var generator = SeededGenerator(seed: seed, stream: 109)
        let a = generator.unitVector(width: width)
        let raw = generator.unitVector(width: width)
        let shared = Float(Numbers.dot(a, raw))
        let rest = zip(raw, a).map { $0 - shared * $1 }
        let size = Float(Numbers.norm(rest))
        let b = rest.map { $0 / size }
        var rows = (0..<random).map { _ in generator.unitVector(width: width) }
        let places = (0..<8).map { _ in generator.integer(below: random) }
        let own = Array(Set(places)).sorted()
        let eight = own + (random..<random + 8 - own.count)
        rows += (0..<8 - own.count).map { _ in generator.unitVector(width: width) }
        for (k, row) in eight.enumerated() {
            let angle = 2 * Double.pi * Double(k) / 8
            let (c, s) = (Float(cos(angle)), Float(sin(angle)))
            let noise = generator.unitVector(width: width)
            rows[row] =
                bundle == .near
                ? zip(a, noise).map { $0 + 0.6 * $1 }
                : (0..<width).map { c * a[$0] + s * b[$0] + 0.1 * noise[$0] }
        }
        let (count, features) = (5000, rows.count)
        var codes = [Float](repeating: 0, count: count * features)
        for position in 0..<count {
            for row in 0..<features where generator.uniform() < 0.01 {
                codes[position * features + row] = Float(0.5 + generator.uniform())
            }
            let isOn = generator.uniform() < 0.4
            let angle = 2 * Double.pi * generator.uniform()
            for (k, row) in eight.enumerated() {
                let turn = cos(angle - 2 * Double.pi * Double(k) / 8)
                let isActive = generator.uniform() < (bundle == .near ? 0.3 : 0.5)
                let amount = Float(0.5 + generator.uniform())
                codes[position * features + row] =
                    bundle == .circle ? (isOn ? Float(max(0, turn)) : 0) : (isActive ? amount : 0)
            }
        }
        return (
            try Tensor(rows.flatMap { $0 }, shape: [features, width]),
            try Tensor(codes, shape: [count, features]), eight.sorted()
        )
    }

    @Test(
        "a circle over 8 of 500 rows is found first and is irreducible; the same rows each by itself, and a bundle, are not",
        .tags(.planted), arguments: [1, 2, 3] as [UInt64])
    func planted(seed: UInt64) throws {
        let search = DictionaryCircles()
        let (dictionary, codes, rows) = try world(.circle, seed: seed)
        let clusters = try search.clusters(of: dictionary)
        #expect(clusters.contains(rows), "the eight rows are a cluster")
        let planes = try search.planes(of: dictionary, codes: codes)
        let first = try #require(planes.first)
        print(
            "circle among \(random) rows, seed \(seed): \(clusters.count) clusters, first S \(first.reducibility.separability) M "
                + "\(first.reducibility.mixture), next \(planes.dropFirst().first.map { "\($0.rows.count) rows, axis \($0.axis), \($0.score)" } ?? "none")"
        )
        #expect(first.rows == rows && first.axis == 0 && first.reducibility.isIrreducible)
        // Further axes of the same cluster may hold its overtones, which are one feature as well.
        let others = planes.filter { $0.rows != rows }
        #expect(others.allSatisfy { !$0.reducibility.isIrreducible })
        for bundle in [Bundle.loose, .near] {
            let (dictionary, codes, rows) = try world(bundle, seed: seed)
            let planes = try search.planes(of: dictionary, codes: codes)
            print(
                "control \(bundle): \(planes.first.map { "\($0.rows.count) rows, S \($0.reducibility.separability) M \($0.reducibility.mixture)" } ?? "no plane")"
            )
            #expect(planes.allSatisfy { !$0.reducibility.isIrreducible })
            #expect(try search.clusters(of: dictionary).contains { Set(rows).isSubset(of: $0) })
        }
    }

    @Test("what does not fit is refused, and nothing is found in nothing")
    func refusals() throws {
        let dictionary = try Tensor([1, 0, 0, 1, .nan, 0], shape: [3, 2])
        #expect(throws: ConceptError.self) { try DictionaryCircles().clusters(of: dictionary) }
        let small = try Tensor([1, 0, 0.9, 0.1, 0, 0], shape: [3, 2])
        #expect(try DictionaryCircles().clusters(of: small) == [[0, 1]])
        #expect(throws: ConceptError.self) {
            try DictionaryCircles().planes(of: small, codes: Tensor(zeros: [4, 2]))
        }
        #expect(throws: ConceptError.self) { try DictionaryCircles(threshold: 0).clusters(of: small) }
        #expect(try DictionaryCircles().planes(of: small, codes: Tensor(zeros: [4, 3])).isEmpty)
    }
}
