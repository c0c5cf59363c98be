import Foundation
public import VaneSites

extension Concept {
    /// The concept steered by its reading probes, flattened or steepened so that the means of the two classes lie
    /// `separation` logits apart. What the probes read stays.
    ///
    /// Direction and decision boundary stay; what changes is how far an edit has to go for a target: from the boundary to
    /// probability `p` it is `log(p / (1 - p)) / separation` times the distance of the class means along the direction. A
    /// fit leaves this slope to the penalty and to how well the examples happen to part, so concepts that are equally
    /// strong in a text ask for very different moves; with one separation they ask for the same. Layers whose means do
    /// not differ along their direction stay as they are.
    public func separated(by separation: Double) -> Concept {
        precondition(separation > 0 && separation.isFinite, "a separation is a positive number of logits")
        let probes = layers.filter { $0.separation > 0 }.map {
            ($0.site, $0.probe.scaled(by: separation / $0.separation))
        }
        return steered(
            by: Dictionary(probes) { first, _ in first },
            from: "reading probe, classes \(separation) logits apart")
    }

    /// The concept with steering probes for which the way from the boundary to a target is `factor` times as long.
    public func reaching(_ factor: Double) -> Concept {
        precondition(factor > 0 && factor.isFinite, "a way is so many times as long by a positive number")
        let probes = layers.map { ($0.site, $0.steering.scaled(by: 1 / factor)) }
        return steered(
            by: Dictionary(probes) { first, _ in first },
            from: (provenance.steering ?? provenance.method) + String(format: ", reach × %.3g", factor))
    }

    /// The concept steered by `probes` where there is one, which come from `method`; what it reads stays.
    public func steered(by probes: [Site: LinearProbe], from method: String) -> Concept {
        let layers = layers.map { layer in
            Layer(
                site: layer.site, probe: layer.probe, steering: probes[layer.site] ?? layer.steering,
                meanDifference: layer.meanDifference, result: layer.result)
        }
        var provenance = provenance
        provenance.steering = method
        return Concept(
            name: name, layers: layers, defaultSites: defaultSites, provenance: provenance, verdict: verdict)
    }

    /// The concept with other sites to steer by default. They must have probes.
    public func steered(at sites: [Site]) -> Concept {
        precondition(
            sites.allSatisfy { site in layers.contains { $0.site == site } }, "no probe at one of \(sites)")
        return Concept(
            name: name, layers: layers, defaultSites: sites, provenance: provenance, verdict: verdict)
    }
}

extension Concept.Layer {
    /// How many logits the means of the two classes lie apart: `w · (mean of the positives - mean of the negatives)`.
    public var separation: Double { separation(of: probe) }

    /// The same for the probe that steers.
    public var steeringSeparation: Double { separation(of: steering) }

    private func separation(of probe: LinearProbe) -> Double {
        Numbers.dot(probe.weights, meanDifference)
    }
}
