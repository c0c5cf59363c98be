import VaneConcepts
public import VaneSites
import VaneTensors

/// The texts and tokens on which a direction is strongest.
///
/// A token's value is `h · v/‖v‖` at the site; a text's is that of its largest token. At most one token a text
/// is shown, so that one text cannot fill the list.
public struct ActivatingExamples: Sendable {
    /// A text with its largest token.
    public struct Example: Sendable, Hashable {
        /// Which text, counted from 0.
        public let text: Int
        /// Which of its tokens.
        public let position: Int
        /// The value there.
        public let value: Double
    }

    /// All texts, the largest value first.
    public let examples: [Example]

    /// Reads texts.
    ///
    /// - Parameters:
    ///   - direction: as wide as the site; a unit vector of an MLP's hidden layer shows a neuron.
    ///   - site: where.
    ///   - texts: token ids.
    ///   - network: the network.
    ///   - progress: called with the number of texts done.
    /// - Throws: ``EvidenceError`` `invalidOption`, `unusableInputs`; `SiteError`.
    public init(
        of direction: [Float], at site: Site, among texts: [[Int]], in network: any SteerableNetwork,
        progress: ((Int) -> Void)? = nil
    ) throws {
        let width = try network.layout.width(of: site)
        guard direction.count == width, let unit = Numbers.unit(direction.map(Double.init)) else {
            throw EvidenceError(
                .invalidOption, "a direction at \(site) has \(width) numbers, not all of them 0")
        }
        var examples: [Example] = []
        for (number, text) in texts.enumerated() {
            guard let states = try SiteRows(text, at: [site], in: network).rows[site] else { continue }
            let values = states.elements
            let scores = text.indices.map { row in
                Numbers.dot(values[row * width..<(row + 1) * width], unit)
            }
            if let best = scores.indices.max(by: { scores[$0] < scores[$1] }) {
                examples.append(Example(text: number, position: best, value: scores[best]))
            }
            progress?(number + 1)
        }
        self.examples = examples.sorted { ($1.value, $0.text) < ($0.value, $1.text) }
    }
}
