import Foundation
import Testing
import VaneConcepts
import VaneTensors
import VaneTestSupport

@Suite("Circles and whether they can be taken apart")
struct CircularSubspaceTests {
    private enum Cloud: CaseIterable { case circle, gaussian, mixture, lattice }

    private func points(_ cloud: Cloud, seed: UInt64) -> [[Double]] {
        var generator = SeededGenerator(seed: seed, stream: 50)
        return (0..<4096).map { _ in
            switch cloud {
            case .circle:
                let angle = 2 * Double.pi * generator.uniform()
                return [cos(angle), sin(angle)].map { $0 + 0.02 * generator.normal() }
            case .gaussian: return [3 * generator.normal(), generator.normal()]
            case .mixture:
                // Mostly off along the second axis.
                let isOn = generator.uniform() < 0.4
                return [generator.normal(), isOn ? 3 + generator.normal() : 0.02 * generator.normal()]
            case .lattice: return (0..<2).map { _ in Double(generator.integer(below: 5)) }
            }
        }
    }

    @Test(
        "of circle, Gaussian, mixture and lattice only the circle is irreducible, over 20 seeds",
        .tags(.planted))
    func reducibility() throws {
        for cloud in Cloud.allCases {
            var values: [Reducibility] = []
            for seed in 0..<20 { values.append(try Reducibility(points(cloud, seed: UInt64(seed)))) }
            let s = values.map(\.separability), m = values.map(\.mixture)
            print(
                "\(cloud): S \(s.min() ?? 0)...\(s.max() ?? 0), M \(m.min() ?? 0)...\(m.max() ?? 0)")
            #expect(values.allSatisfy { $0.isIrreducible == (cloud == .circle) }, "\(cloud)")
            #expect(values.allSatisfy { ($0.mixture > 0.5) == (cloud == .mixture) }, "\(cloud)")
        }
    }

    @Test("too few points, points on a line and broken points are refused")
    func refusals() {
        let line = (0..<200).map { [Double($0), 2 * Double($0)] }
        let broken = (0..<200).map { [Double($0), $0 == 7 ? .nan : 1] }
        for points in [[], line, broken, line.map { [$0[0]] }, Array(line.prefix(50))] {
            #expect(throws: ConceptError.self) { try Reducibility(points) }
        }
    }

    private let width = 48

    /// States of `count` values of 7 on a circle of radius 3, beside wider directions and noise.
    private func world(_ count: Int, seed: UInt64) -> (states: [[Float]], values: [Int], plane: [[Float]]) {
        var basis = SeededGenerator(seed: 8)
        let a = basis.unitVector(width: width)
        let raw = basis.unitVector(width: width)
        let shared = Float(Numbers.dot(a, raw))
        let rest = zip(raw, a).map { $0 - shared * $1 }
        let size = Float(Numbers.dot(rest, rest).squareRoot())
        let plane = [a, rest.map { $0 / size }]
        let wide = basis.unitVector(width: width)
        let mean = basis.unitVector(width: width)
        var generator = SeededGenerator(seed: seed, stream: 4)
        let values = (0..<count).map { _ in generator.integer(below: 7) }
        let states = values.map { value in
            let (c, s) = (Float(cos(angle(value))), Float(sin(angle(value))))
            let along = Float(4 * generator.normal())
            return (0..<width).map { j in
                5 * mean[j] + 3 * (c * plane[0][j] + s * plane[1][j]) + along * wide[j]
                    + Float(0.3 * generator.normal())
            }
        }
        return (states, values, plane)
    }

    private func angle(_ value: Int) -> Double { 2 * Double.pi * Double(value) / 7 }

    private func value(_ angle: Double) -> Int {
        ((Int((angle / (2 * .pi) * 7).rounded()) % 7) + 7) % 7
    }

    @Test("a planted circle is found, read and written; shuffled angles find none", .tags(.planted))
    func circle() throws {
        let (states, values, plane) = world(300, seed: 1)
        let circle = try CircularSubspace(states, angles: values.map(angle))
        var generator = SeededGenerator(seed: 2)
        let shuffled = try CircularSubspace(states, angles: generator.shuffled(values).map(angle))
        // Cosine of the two planes: the least singular value of the product of their bases, bounded by its
        // size.
        let overlap = circle.basis.map { row in
            plane.reduce(0) { $0 + Numbers.dot(row, $1) * Numbers.dot(row, $1) }.squareRoot()
        }
        print("R² \(circle.rSquared), shuffled \(shuffled.rSquared); basis in the plane \(overlap)")
        #expect(circle.rSquared > 0.95 && shuffled.rSquared < 0.1)
        // A probe leans away from the wide direction, which is not quite at right angles to the plane.
        #expect(overlap.allSatisfy { $0 > 0.95 })
        #expect(abs(Numbers.dot(circle.basis[0], circle.basis[1])) < 1e-5)
        #expect(circle.basis.allSatisfy { abs(Numbers.dot($0, $0) - 1) < 1e-5 })
        let (others, truth, _) = world(200, seed: 9)
        let right = zip(others, truth).count { value(circle.angle(of: $0)) == $1 }
        let chance = zip(others, truth).count { value(shuffled.angle(of: $0)) == $1 }
        print("held-out values read: \(right) of 200, shuffled \(chance)")
        #expect(right > 195 && chance < 80)
        for value in 0..<7 {
            #expect(self.value(circle.angle(of: circle.state(at: angle(value)))) == value)
            let moved = others.prefix(20).map { row in
                let coordinates = circle.coordinates(at: angle(value))
                return zip(circle.basis, coordinates).reduce(row) { row, part in
                    let change = part.1 - Float(Numbers.dot(part.0, row))
                    return zip(row, part.0).map { $0 + change * $1 }
                }
            }
            #expect(moved.allSatisfy { self.value(circle.angle(of: $0)) == value })
        }
        // Points of a circle, read in the plane, cannot be taken apart.
        let many = world(1000, seed: 20).states
        let inside = many.map { row in circle.basis.map { Numbers.dot($0, row) } }
        let inPlane = try Reducibility(inside)
        print("in the plane: S \(inPlane.separability), M \(inPlane.mixture)")
        #expect(inPlane.separability > 1)
    }

    @Test("states without a plane or lists that do not match are refused")
    func circleRefusals() {
        let (states, values, _) = world(30, seed: 1)
        let angles = values.map(angle)
        let line = (0..<30).map { [Float($0), 2 * Float($0), 0] }
        for (states, angles, components) in [
            (states, angles, 1), (states, Array(angles.dropLast()), 5),
            (Array(states.prefix(6)), Array(angles.prefix(6)), 5),
            (line, angles, 5), (states, angles.map { _ in 1 }, 5), (states, angles.map { _ in .nan }, 5),
            ([], [], 5),
        ] {
            #expect(throws: ConceptError.self) {
                try CircularSubspace(states, angles: angles, components: components)
            }
        }
    }
}
