import Foundation
public import VaneSites

/// Makes a concept of others by a ``ConceptExpression``, site by site.
///
/// A name stands for the concept's unit direction at a site, so factors compare. The result's direction is `u = Σ cᵢ vᵢ`; what
/// `without` takes out becomes factors too. Steering and reading directions are combined alike, each from their own.
///
/// **What the combined probe means.** A part's probe has its boundary at `vᵢ · h = tᵢ` and one logit is `1/sᵢ` long
/// (`sᵢ = ‖wᵢ‖`). The combined probe is `σ(s (u · h - Σ cᵢ tᵢ) / ‖u‖)` with `1/s = Σ |cᵢ| / sᵢ / Σ |cᵢ|`: a state on every part's
/// boundary is on its boundary, and a logit is as long a way as it is on average for the parts. It is not fitted to any text, and
/// the verdict says "untested"; put ``directions`` to a test with ``GivenDirections``.
public struct ConceptAlgebra: Sendable {
    /// The formula.
    public let expression: ConceptExpression
    /// The concepts of ``ConceptExpression/names``, in that order.
    public let concepts: [Concept]
    /// Where all of them have probes, in the order of the first one's layers.
    public let sites: [Site]

    /// A formula with its concepts.
    ///
    /// - Throws: ``ConceptError`` `invalidOption` for too few concepts; `wrongModel` for concepts of several models;
    ///   `unknownSite` when they share no site.
    public init(_ expression: ConceptExpression, of concepts: [Concept]) throws {
        guard concepts.count == expression.names.count, let first = concepts.first else {
            throw ConceptError(
                .invalidOption,
                "the formula has \(expression.names.count) concepts, \(concepts.count) are given")
        }
        for concept in concepts.dropFirst() { try concept.requireModel(first.provenance.model) }
        self.expression = expression
        self.concepts = concepts
        sites = first.layers.map(\.site).filter { site in
            concepts.allSatisfy { $0.layers.contains { $0.site == site } }
        }
        guard !sites.isEmpty else {
            throw ConceptError(
                .unknownSite,
                "the concepts \(concepts.map { "'\($0.name)'" }.joined(separator: ", ")) have no site in common"
            )
        }
    }

    /// The combined steering direction at each site, of length 1.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` where nothing is left.
    public var directions: [Site: [Float]] {
        get throws {
            var result: [Site: [Float]] = [:]
            for site in sites { result[site] = try combined(at: site) { $0.steering }.probe.direction }
            return result
        }
    }

    /// The combined concept, untested.
    ///
    /// Default sites are those that all parts have, all shared sites if there are none.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples` where nothing is left of the directions.
    public func concept(named name: String) throws -> Concept {
        let layers = try sites.map { site in
            let parts = try concepts.map { try $0.layer(at: site) }
            let reading = try combined(at: site) { $0.probe }
            let steering = try combined(at: site) { $0.steering }
            var difference = [Double](repeating: 0, count: reading.probe.weights.count)
            for (part, factor) in zip(parts, steering.factors) {
                for (j, value) in part.meanDifference.enumerated() where j < difference.count {
                    difference[j] += factor * Double(value)
                }
            }
            let norm = parts.reduce(0) { $0 + $1.result.typicalNorm } / Double(parts.count)
            return Concept.Layer(
                site: site, probe: reading.probe, steering: steering.probe,
                meanDifference: difference.map { Float($0) },
                result: Concept.LayerResult(untestedAt: site, typicalNorm: norm))
        }
        let shared = sites.filter { site in concepts.allSatisfy { $0.defaultSites.contains(site) } }
        let first = concepts[0].provenance
        let parts = zip(expression.names, concepts).map { name, concept in
            name == concept.name ? name : "\(name) is '\(concept.name)'"
        }
        var notes = concepts.filter { !$0.verdict.isFound }.map {
            "the part '\($0.name)' has no direction that was found: \($0.verdict.sentence)"
        }
        notes.insert("its probe is put together from its parts' and fitted to no text", at: 0)
        return Concept(
            name: name, layers: layers, defaultSites: shared.isEmpty ? sites : shared,
            provenance: Concept.Provenance(
                method: "combination \(expression) of \(parts.joined(separator: ", "))",
                options: first.options, model: first.model, positives: 0, negatives: 0, heldOut: 0,
                truncated: 0, examplesSHA256: "", vaneVersion: VaneVersion.current),
            verdict: .untested(because: "it was put together from other concepts", cautions: notes))
    }

    /// The combination of one probe a concept at a site, and the factors of their unit directions in it.
    private func combined(at site: Site, _ choose: (Concept.Layer) -> LinearProbe) throws -> (
        probe: LinearProbe, factors: [Double]
    ) {
        let probes = try concepts.map { choose(try $0.layer(at: site)) }
        for (probe, concept) in zip(probes, concepts)
        where probe.norm == 0 || probe.weights.count != probes[0].weights.count {
            throw ConceptError(
                .unusableExamples, "the concept '\(concept.name)' has no usable direction at \(site)")
        }
        let units = probes.map { probe in probe.weights.map { Double($0) / probe.norm } }
        let factors = Factors(units).of(expression.root)
        var sum = [Double](repeating: 0, count: probes[0].weights.count)
        for (unit, factor) in zip(units, factors) { for j in sum.indices { sum[j] += factor * unit[j] } }
        let norm = Numbers.norm(sum)
        let weight = factors.reduce(0) { $0 + abs($1) }
        guard norm > 1e-6 * weight, norm.isFinite else {
            throw ConceptError(
                .unusableExamples, "nothing is left of '\(expression)' at \(site): its parts cancel")
        }
        let length = zip(factors, probes).reduce(0) { $0 + abs($1.0) / $1.1.norm } / weight
        let boundary = zip(factors, probes).reduce(0) { $0 - $1.0 * Double($1.1.bias) / $1.1.norm } / norm
        let slope = 1 / length
        return (
            LinearProbe(
                weights: sum.map { Float($0 / norm * slope) }, bias: Float(-boundary * slope)), factors
        )
    }
}

/// Formulas as factors of unit vectors, by the vectors' inner products.
private struct Factors {
    private let gram: [[Double]]

    init(_ units: [[Double]]) {
        gram = units.map { a in units.map { Numbers.dot(a, $0) } }
    }

    func of(_ node: ConceptExpression.Node) -> [Double] {
        switch node {
        case .atom(let place):
            return gram.indices.map { $0 == place ? 1 : 0 }
        case .sum(let parts, let factors):
            return zip(parts, factors).reduce([Double](repeating: 0, count: gram.count)) {
                Factors.added($0, of($1.0), $1.1)
            }
        case .without(let first, let removed):
            var basis: [[Double]] = []
            for node in removed {
                let whole = of(node)
                let left = cleared(whole, of: basis)
                let (size, rest) = (norm(whole), norm(left))
                // What lies in the others' span already adds nothing to it.
                if rest > 1e-7 * size { basis.append(left.map { $0 / rest }) }
            }
            return cleared(of(first), of: basis)
        }
    }

    /// Less the parts along an orthonormal basis; twice, as rounding leaves some.
    private func cleared(_ factors: [Double], of basis: [[Double]]) -> [Double] {
        (basis + basis).reduce(factors) { Factors.added($0, $1, -product($0, $1)) }
    }

    private func product(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, gram).reduce(0) { $0 + $1.0 * Numbers.dot($1.1, b) }
    }

    private func norm(_ a: [Double]) -> Double { max(product(a, a), 0).squareRoot() }

    private static func added(_ a: [Double], _ b: [Double], _ factor: Double) -> [Double] {
        zip(a, b).map { $0 + factor * $1 }
    }
}
