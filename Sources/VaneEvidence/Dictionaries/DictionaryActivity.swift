import VaneConcepts
public import VaneSites
import VaneTensors

/// When the latents of a dictionary are active, over every token of some texts.
public struct DictionaryActivity: Sendable {
    /// A place where a latent is active.
    public struct Place: Hashable, Sendable, Codable {
        /// The number of the text.
        public let text: Int
        /// The token in it.
        public let token: Int
        /// How strongly, in the unit of the activations.
        public let value: Float
    }

    /// Tokens read.
    public let rows: Int
    /// Per latent, how many tokens it is active at.
    public let counts: [Int]
    /// Per latent the places where it is most active, strongest first, one a text at most.
    public let strongest: [[Place]]
    /// The part of the variance of the activations that is explained: `1 - Σ‖x - x̂‖² / Σ‖x - mean‖²`.
    public let explained: Double
    /// The mean activation.
    public let mean: [Float]

    /// Active latents of a token, on average.
    public var active: Double { Double(counts.reduce(0, +)) / Double(max(rows, 1)) }
    /// The part of the latents that is never active.
    public var dead: Double { Double(counts.count { $0 == 0 }) / Double(max(counts.count, 1)) }
    /// How often latent `index` is active, 0...1.
    public func density(_ index: Int) -> Double { Double(counts[index]) / Double(max(rows, 1)) }

    /// Reads texts.
    ///
    /// - Parameters:
    ///   - dictionary: the dictionary; its site must be known.
    ///   - texts: token ids.
    ///   - network: the network.
    ///   - places: how many places to keep of each latent.
    ///   - batchTokens: tokens a pass takes at most.
    ///   - progress: called with the part that is done.
    /// - Throws: ``EvidenceError`` `unusableInputs` for no texts or an empty one, `unusableSite` for a dictionary of
    ///   another width or without a site; `SiteError`.
    public init(
        of dictionary: SparseDictionary, on texts: [[Int]], in network: any SteerableNetwork, places: Int = 5,
        batchTokens: Int = 2048, progress: ((Double) throws -> Void)? = nil
    ) throws {
        let site = try dictionary.requireSite(in: network.layout)
        guard !texts.isEmpty else { throw EvidenceError(.unusableInputs, "there are no texts") }
        var counts = [Int](repeating: 0, count: dictionary.latents)
        var strongest = [[Place]](repeating: [], count: dictionary.latents)
        var sums = [Double](repeating: 0, count: dictionary.width)
        var (squares, missed, rows) = (0.0, 0.0, 0)
        for batch in TokenBatches.ranges(texts.map(\.count), limit: batchTokens) {
            let activations = try TokenRows.read(
                texts[batch], at: site, in: network, batchTokens: batchTokens)
            let codes = try dictionary.encode(activations)
            let (x, y) = (activations.elements, try dictionary.decode(codes).elements)
            for i in x.indices {
                let (value, left) = (Double(x[i]), Double(x[i]) - Double(y[i]))
                sums[i % sums.count] += value
                squares += value * value
                missed += left * left
            }
            var row = 0
            for text in batch {
                for token in texts[text].indices {
                    for entry in codes.starts[row]..<codes.starts[row + 1] {
                        let latent = Int(codes.indices[entry])
                        counts[latent] += 1
                        let place = Place(text: text, token: token, value: codes.values[entry])
                        DictionaryActivity.keep(place, among: &strongest[latent], most: places)
                    }
                    row += 1
                }
            }
            rows += row
            try progress?(Double(batch.upperBound) / Double(texts.count))
        }
        let means = sums.map { $0 / Double(rows) }
        let spread = squares - means.reduce(0) { $0 + $1 * $1 } * Double(rows)
        guard spread > 0 else {
            throw EvidenceError(.unusableInputs, "the activations at \(site) do not vary over these texts")
        }
        self.rows = rows
        self.counts = counts
        self.strongest = strongest
        explained = 1 - missed / spread
        mean = means.map { Float($0) }
    }

    private static func keep(_ place: Place, among places: inout [Place], most: Int) {
        if places.count == most, let last = places.last, last.value >= place.value { return }
        if let same = places.firstIndex(where: { $0.text == place.text }) {
            guard places[same].value < place.value else { return }
            places.remove(at: same)
        }
        places.insert(place, at: places.firstIndex { $0.value < place.value } ?? places.count)
        if places.count > most { places.removeLast() }
    }
}

extension SparseDictionary {
    /// The site, if the network has it in the dictionary's width.
    ///
    /// - Throws: ``EvidenceError`` `unusableSite`; `SiteError`.
    package func requireSite(in layout: NetworkLayout) throws -> Site {
        guard let site, site != .logits else {
            throw EvidenceError(.unusableSite, "the dictionary does not say at which site it belongs")
        }
        let size = try layout.width(of: site)
        guard size == width else {
            throw EvidenceError(
                .unusableSite,
                "\(site) of this model has \(size) entries, the dictionary \(width); is it another model's?")
        }
        return site
    }
}
