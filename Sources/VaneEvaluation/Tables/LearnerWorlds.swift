import Foundation
import VaneConcepts
import VaneTensors

/// The worlds of the table: some that every learner should master, each other built against some of them.
///
/// In every world an activation is `h = signal + ε`, ε standard normal in each of 32 entries; `v`, `u`, … are random unit vectors,
/// `y = ±1` the label. Unless said otherwise there are 400 texts of one token a class.
extension LearnerWorld {
    /// All worlds, the plain one first.
    public static let all: [LearnerWorld] = [
        plain, few, unbalanced, massive(guarded: false), massive(guarded: true), leaning, confounded, shared,
        content(isPaired: true), content(isPaired: false), mixture, onion, circle, noise,
    ]

    /// The world with this id; nil if there is none.
    public static func world(id: String) -> LearnerWorld? { all.first { $0.id == id } }

    private static let width = 32
    private static let perClass = 400

    /// Draws rows and the directions they are made of.
    private struct Draw {
        var generator: SeededGenerator
        private(set) var elements: [Float] = []
        private(set) var count = 0

        init(seed: UInt64, stream: UInt64) { generator = SeededGenerator(seed: seed, stream: 9000 + stream) }

        mutating func direction() -> [Double] { generator.unitVector(width: width).map(Double.init) }

        /// `count` unit vectors at right angles.
        mutating func directions(_ count: Int) -> [[Double]] {
            var result: [[Double]] = []
            while result.count < count {
                var vector = direction()
                for other in result {
                    let part = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
                    vector = zip(vector, other).map { $0 - part * $1 }
                }
                let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
                if norm > 1e-3 { result.append(vector.map { $0 / norm }) }
            }
            return result
        }

        /// Adds a row, noise and the given multiples of directions, and returns its number.
        mutating func row(_ parts: [(Double, [Double])], massive: Double? = nil) -> Int {
            var row = (0..<width).map { _ in generator.normal() }
            for (factor, direction) in parts {
                for j in row.indices { row[j] += factor * direction[j] }
            }
            if let massive { row[3] = massive * (1 + 0.1 * generator.normal()) }
            elements += row.map(Float.init)
            count += 1
            return count - 1
        }
    }

    private static func sample(
        _ draw: Draw, _ positive: [[Int]], _ negative: [[Int]], background: [[Int]], truth: [Double]?,
        isPaired: Bool = false, massiveRatio: Double? = nil
    ) -> Sample {
        Sample(
            width: width, elements: draw.elements, positive: positive, negative: negative,
            background: background, truth: truth.map { $0.map(Float.init) },
            options: LearningOptions(isPaired: isPaired, massiveRatio: massiveRatio, resamples: 20))
    }

    /// A world of single tokens: `parts` gives the signal of a row from its label, 1 or -1.
    private static func world(
        _ id: String, _ summary: String, stream: UInt64, positives: Int = perClass, negatives: Int = perClass,
        make:
            @escaping @Sendable (inout Draw) -> (
                truth: [Double]?, parts: (Double, inout SeededGenerator) -> [(Double, [Double])]
            )
    ) -> LearnerWorld {
        LearnerWorld(id: id, summary: summary) { seed in
            var draw = Draw(seed: seed, stream: stream)
            let (truth, parts) = make(&draw)
            func texts(_ label: Double, _ count: Int) -> [[Int]] {
                (0..<count).map { _ in
                    let signal = parts(label, &draw.generator)
                    return [draw.row(signal)]
                }
            }
            let (positive, negative) = (texts(1, positives), texts(-1, negatives))
            let background = (0..<perClass).map { index in
                let signal = parts(index % 2 == 0 ? 1 : -1, &draw.generator)
                return [draw.row(signal)]
            }
            return sample(draw, positive, negative, background: background, truth: truth)
        }
    }

    private static let plain = world("plain", "2y·v", stream: 1) { draw in
        let v = draw.direction()
        return (v, { label, _ in [(2 * label, v)] })
    }

    private static let few = world(
        "few", "2y·v, 12 texts a class: fewer than entries", stream: 2, positives: 12, negatives: 12
    ) { draw in
        let v = draw.direction()
        return (v, { label, _ in [(2 * label, v)] })
    }

    private static let unbalanced = world(
        "unbalanced", "2y·v, 80 positive and 720 negative texts", stream: 3, positives: 80, negatives: 720
    ) { draw in
        let v = draw.direction()
        return (v, { label, _ in [(2 * label, v)] })
    }

    private static let leaning = world(
        "leaning", "1.5y·v, and noise of deviation 4 along an axis at 45° to v", stream: 4
    ) { draw in
        let pair = draw.directions(2)
        let lean = zip(pair[0], pair[1]).map { 0.5.squareRoot() * ($0 + $1) }
        return (pair[0], { label, generator in [(1.5 * label, pair[0]), (4 * generator.normal(), lean)] })
    }

    private static let confounded = world(
        "confounded", "1.5y·v + 3z·u, u at right angles to v, z = y in 9 of 10 texts", stream: 5
    ) { draw in
        let pair = draw.directions(2)
        return (
            pair[0],
            { label, generator in
                let nuisance = generator.uniform() < 0.9 ? label : -label
                return [(1.5 * label, pair[0]), (3 * nuisance, pair[1])]
            }
        )
    }

    private static let shared = world(
        "shared", "2y·v + 40c: all activations share a large part", stream: 6
    ) { draw in
        let (v, common) = (draw.direction(), draw.direction())
        return (v, { label, _ in [(2 * label, v), (40, common)] })
    }

    private static let mixture = world(
        "mixture", "four clusters, 4 from the origin, at right angles; two of them are positive", stream: 7
    ) { draw in
        let centres = draw.directions(4)
        let positive = zip(centres[0], centres[1]).map { $0 + $1 }
        let negative = zip(centres[2], centres[3]).map { $0 + $1 }
        let truth = zip(positive, negative).map { ($0 - $1) / 2 }
        return (
            truth,
            { label, generator in
                [(4, centres[(label > 0 ? 0 : 2) + generator.integer(below: 2)])]
            }
        )
    }

    private static let onion = world(
        "onion", "±a·v with a sign of chance; a = 4 in positive and 1 in negative texts", stream: 8
    ) { draw in
        let v = draw.direction()
        return (
            v,
            { label, generator in
                [((generator.uniform() < 0.5 ? 1 : -1) * (label > 0 ? 4.0 : 1.0), v)]
            }
        )
    }

    private static let circle = world(
        "circle", "a circle of radius 4; positive are two opposite quarters of it", stream: 9
    ) { draw in
        let plane = draw.directions(2)
        return (
            nil,
            { label, generator in
                let half = generator.uniform() < 0.5 ? 0 : Double.pi
                let angle = (generator.uniform() - 0.5) * .pi / 2 + half + (label > 0 ? 0 : .pi / 2)
                return [(4 * cos(angle), plane[0]), (4 * sin(angle), plane[1])]
            }
        )
    }

    private static let noise = world("noise", "nothing: labels without meaning", stream: 10) { _ in
        (nil, { _, _ in [] })
    }

    /// Every text begins with a token whose entry 3 is about 5000, whatever its label; then comes one with 2y·v.
    private static func massive(guarded: Bool) -> LearnerWorld {
        LearnerWorld(
            id: guarded ? "massive-guarded" : "massive",
            summary: guarded
                ? "the same; tokens with an entry of 100 times the median are left out"
                : "2y·v in the second of two tokens; entry 3 of the first is 5000 ± 500"
        ) { seed in
            var draw = Draw(seed: seed, stream: 11)
            let v = draw.direction()
            func texts(_ label: Double?) -> [[Int]] {
                (0..<perClass).map { index in
                    let first = draw.row([], massive: 5000)
                    return [first, draw.row([(2 * (label ?? (index % 2 == 0 ? 1 : -1)), v)])]
                }
            }
            let (positive, negative) = (texts(1), texts(-1))
            let background = texts(nil)
            return sample(
                draw, positive, negative, background: background, truth: v,
                massiveRatio: guarded ? 100 : nil)
        }
    }

    /// The two texts of a pair share what they are about, which differs widely from pair to pair.
    private static func content(isPaired: Bool) -> LearnerWorld {
        LearnerWorld(
            id: isPaired ? "pairs" : "pairs-lost",
            summary: isPaired
                ? "1.5y·v + t·u, t of deviation 12 and the same in both texts of a pair"
                : "the same, but nobody says which texts are a pair"
        ) { seed in
            var draw = Draw(seed: seed, stream: 12)
            let pair = draw.directions(2)
            var classes: [[[Int]]] = [[], []]
            for _ in 0..<perClass {
                let about = 12 * draw.generator.normal()
                for (number, label) in [1.0, -1].enumerated() {
                    classes[number].append([draw.row([(1.5 * label, pair[0]), (about, pair[1])])])
                }
            }
            let background = (0..<perClass).map { index in
                let about = 12 * draw.generator.normal()
                return [draw.row([(index % 2 == 0 ? 1.5 : -1.5, pair[0]), (about, pair[1])])]
            }
            return sample(
                draw, classes[0], classes[1], background: background, truth: pair[0], isPaired: isPaired)
        }
    }
}
