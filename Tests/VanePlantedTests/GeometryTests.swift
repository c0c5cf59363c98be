import Foundation
import Testing
import VanePlanted
import VaneTensors
import VaneTestSupport

@Suite("The geometry of planted activations", .tags(.planted))
struct GeometryTests {
    /// The two unit vectors along which `rows` vary most.
    private func principalPlane(_ rows: Tensor) throws -> [[Float]] {
        let (count, width) = (rows.shape[0], rows.shape[1])
        let values = rows.elements.map(Double.init)
        let mean = (0..<width).map { j in
            (0..<count).reduce(0) { $0 + values[$1 * width + j] } / Double(count)
        }
        var covariance = [Double](repeating: 0, count: width * width)
        for row in 0..<count {
            let centred = (0..<width).map { values[row * width + $0] - mean[$0] }
            for i in 0..<width {
                for j in 0...i { covariance[i * width + j] += centred[i] * centred[j] / Double(count) }
            }
        }
        for i in 0..<width { for j in 0..<i { covariance[j * width + i] = covariance[i * width + j] } }
        let eigen = try SymmetricEigen(covariance, order: width)
        return [width - 1, width - 2].map { j in
            eigen.vectors[j * width..<(j + 1) * width].map(Float.init)
        }
    }

    /// The larger of the two principal angles of two planes, in degrees: the arc cosine of the smaller
    /// singular value of the axes' cosines.
    private func angle(_ a: [[Float]], _ b: [[Float]]) -> Double {
        let (p, q, r, s) = (dot(a[0], b[0]), dot(a[0], b[1]), dot(a[1], b[0]), dot(a[1], b[1]))
        let square = p * p + q * q + r * r + s * s
        let determinant = p * s - q * r
        let root = max(0, square * square - 4 * determinant * determinant).squareRoot()
        return acos(min(1, max(0, (square - root) / 2).squareRoot())) * 180 / Double.pi
    }

    @Test("the two main axes span the planted circle's plane", arguments: [nil, 7])
    func circle(points: Int?) throws {
        for seed in 0..<5 as Range<UInt64> {
            var world = try PlantedActivations(width: 32, seed: seed)
            let circle = try world.plant(PlantedCircle(radius: 4, points: points))
            try world.plant(PlantedConcepts(margins: [1]))
            let found = try principalPlane(world.activations(0..<600))
            let degrees = angle(found, circle.directions)
            #expect(degrees < 10, "seed \(seed): \(degrees)°")

            // Controls: another seed's plane, and the main axes of a world without the circle.
            var other = try PlantedActivations(width: 32, seed: seed + 100)
            let elsewhere = try other.plant(PlantedCircle(radius: 4))
            #expect(angle(found, elsewhere.directions) > 45, "seed \(seed)")
            let noise = try PlantedActivations(width: 32, seed: seed)
            let axes = try principalPlane(noise.activations(0..<600))
            #expect(angle(axes, circle.directions) > 45, "seed \(seed)")
        }
    }

    @Test("the angle is read from the plane, and the points are evenly spaced")
    func angles() throws {
        var world = try PlantedActivations(width: 16, noise: 0.01, seed: 3)
        let circle = try world.plant(PlantedCircle(radius: 2, points: 7))
        let (rows, width) = (world.activations(0..<300).elements, 16)
        var seen: Set<Int> = []
        for (i, angle) in circle.angles(0..<300).enumerated() {
            let row = Array(rows[i * width..<(i + 1) * width])
            let (x, y) = (dot(row, circle.directions[0]), dot(row, circle.directions[1]))
            #expect(hypot(x - 2 * cos(angle), y - 2 * sin(angle)) < 0.1, "row \(i)")
            let step = angle / (2 * Double.pi / 7)
            #expect(abs(step - step.rounded()) < 1e-9)
            seen.insert(Int(step.rounded()))
        }
        #expect(seen == Set(0..<7))
    }

    @Test("directions are unit vectors, at right angles where they should be")
    func directions() throws {
        var world = try PlantedActivations(width: 12, seed: 1)
        let concepts = try world.plant(PlantedConcepts(margins: [1, 1, 1], cosine: 0.4))
        let circle = try world.plant(PlantedCircle(radius: 1))
        let mixture = try world.plant(PlantedMixture(clusters: 6, distance: 1))
        let codes = try world.plant(PlantedCodes(features: 40, probability: 0.1))
        let all = concepts.directions + circle.directions + mixture.directions
        for (i, a) in all.enumerated() {
            for (j, b) in all.enumerated() {
                let expected = i == j ? 1 : i < 3 && j < 3 ? 0.4 : 0
                #expect(abs(dot(a, b) - expected) < 1e-6, "directions \(i) and \(j)")
            }
        }
        for (k, direction) in codes.directions.enumerated() {
            #expect(abs(dot(direction, direction) - 1) < 1e-6, "code \(k)")
        }
    }

    @Test("the nearest centre tells the cluster")
    func mixture() throws {
        var world = try PlantedActivations(width: 24, seed: 2)
        let mixture = try world.plant(PlantedMixture(clusters: 4, distance: 4))
        let rows = world.activations(0..<1000).elements
        let right = mixture.clusters(0..<1000).enumerated().count { i, cluster in
            let row = Array(rows[i * 24..<(i + 1) * 24])
            return mixture.centres.map { dot(row, $0) }.enumerated().max { $0.element < $1.element }?.offset
                == cluster
        }
        // Two centres are 5.66 apart: each of three others is nearer in Φ(-2.83) = 0.23% of the rows.
        #expect(right >= 980, "\(right) of 1000")
    }

    @Test("sparse codes are read off their directions, in superposition worse than in a wide space")
    func codes() throws {
        /// F1 of `h · d_k > 1/2` as the sign of an active feature.
        func quality(width: Int) throws -> Double {
            var world = try PlantedActivations(width: width, noise: 0.05, seed: 6)
            let codes = try world.plant(
                PlantedCodes(features: 100, probability: 0.02, magnitude: .constant(1)))
            let rows = world.activations(0..<200).elements
            let truth = codes.codes(0..<200).elements
            let directions = codes.directions
            var (hits, found, active) = (0, 0, 0)
            for i in 0..<200 {
                let row = Array(rows[i * width..<(i + 1) * width])
                for (k, direction) in directions.enumerated() {
                    let (isFound, isActive) = (dot(row, direction) > 0.5, truth[i * 100 + k] != 0)
                    hits += isFound && isActive ? 1 : 0
                    found += isFound ? 1 : 0
                    active += isActive ? 1 : 0
                }
            }
            return 2 * Double(hits) / Double(found + active)
        }
        let (wide, narrow) = (try quality(width: 256), try quality(width: 24))
        #expect(wide > 0.95 && narrow < 0.8, "\(wide), \(narrow)")
    }
}
