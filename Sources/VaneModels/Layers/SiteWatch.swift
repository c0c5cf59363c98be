import VaneSites
import VaneTensors

/// Puts the activations at chosen sites on a tape while a pass runs.
final class SiteWatch {
    private let tape: Tape
    private let sites: Set<Site>
    /// What the pass went on with at each watched site.
    private(set) var activations: [Site: Tensor] = [:]

    init(_ sites: [Site], on tape: Tape) {
        self.tape = tape
        self.sites = Set(sites)
    }

    /// `values`, as a variable where the site is watched. What is recorded already stays connected: an
    /// activation is a variable of its own only if nothing before it is one.
    func visit(_ site: Site, _ values: Tensor) -> Tensor {
        guard sites.contains(site) else { return values }
        let variable = values.isRecorded ? values : tape.watch(values)
        activations[site] = variable
        return variable
    }
}
