public import VaneSites

/// Directions that another tool made, or that are made for one: what all exchange formats have in common.
///
/// Sites follow Vane's own convention (`Site/convention`), whatever the file's is; each reader says how it
/// translates. A file does not prove what it was made for: ``modelHint`` is what somebody wrote, and
/// ``notes`` are things the user should see.
public struct VectorFile: Sendable, Hashable {
    /// What the vectors are for.
    public enum Kind: Sendable, Hashable {
        /// `h′ = h + v`; the strength lies in the length of the vector.
        case add
        /// `h′ = h - Σ_j α_j (h·d_j) d_j` with unit directions; `α = 1` removes a direction.
        case project(Projection)
    }

    /// The strengths of a projection: `α` at a site for direction `j` is `alpha · directionScales[j] ·
    /// siteScales[site]`.
    public struct Projection: Sendable, Hashable {
        /// The strength for all directions.
        public var alpha: Float
        /// One factor per direction of a site; empty means 1 for all.
        public var directionScales: [Float]
        /// Factors of sites; 1 where there is none.
        public var siteScales: [Site: Float]

        /// Strengths.
        public init(alpha: Float, directionScales: [Float] = [], siteScales: [Site: Float] = [:]) {
            self.alpha = alpha
            self.directionScales = directionScales
            self.siteScales = siteScales
        }

        /// `α` for direction `index` at `site`.
        public func strength(at site: Site, direction index: Int) -> Float {
            let scale = directionScales.indices.contains(index) ? directionScales[index] : 1
            return alpha * scale * (siteScales[site] ?? 1)
        }
    }

    /// A name for people.
    public var name: String
    /// The format it was read from; nil if it was made here.
    public var format: VectorFormat?
    /// What to do with the vectors.
    public var kind: Kind
    /// The model somebody wrote into the file. Never trust it: only width and depth can be checked.
    public var modelHint: String?
    /// The vector of each site, as long as the activation there is wide.
    public var vectors: [Site: [Float]]
    /// Directions 1, 2, … of sites with more than one; ``vectors`` holds direction 0.
    public var furtherVectors: [Site: [[Float]]]
    /// What the user should know before using the vectors.
    public var notes: [String]
    /// Everything else the file says, as text.
    public var facts: [String: String]

    /// Vectors with these facts.
    public init(
        name: String, format: VectorFormat? = nil, kind: Kind = .add, modelHint: String? = nil,
        vectors: [Site: [Float]], furtherVectors: [Site: [[Float]]] = [:],
        notes: [String] = [], facts: [String: String] = [:]
    ) {
        self.name = name
        self.format = format
        self.kind = kind
        self.modelHint = modelHint
        self.vectors = vectors
        self.furtherVectors = furtherVectors
        self.notes = notes
        self.facts = facts
    }

    /// The sites in the order of the forward pass.
    public var sites: [Site] { vectors.keys.sorted() }

    /// All directions of a site, direction 0 first.
    public func directions(at site: Site) -> [[Float]] {
        (vectors[site].map { [$0] } ?? []) + (furtherVectors[site] ?? [])
    }

    /// The length of every vector in the file; nil when they differ.
    public var width: Int? {
        let widths = Set(sites.flatMap { directions(at: $0).map(\.count) })
        return widths.count == 1 ? widths.first : nil
    }

    /// Checks that every vector fits a site of the model with this layout.
    ///
    /// - Throws: `SiteError` for a site the model lacks; ``ConceptError`` `wrongModel` for a vector of
    ///   another width, naming site and both widths.
    public func requireFit(_ layout: NetworkLayout) throws {
        for site in sites {
            let width = try layout.width(of: site)
            for direction in directions(at: site) where direction.count != width {
                throw ConceptError(
                    .wrongModel,
                    "'\(name)' has \(direction.count) numbers at \(site), where this model is \(width) wide")
            }
        }
    }

    /// The sum of this and another file's vectors, which is how llama.cpp combines several files.
    ///
    /// - Throws: ``ConceptError`` `invalidOption` when one of them is a projection (two projections do not
    ///   make one along the sum of their directions) or widths differ at a site.
    public func adding(_ other: VectorFile) throws -> VectorFile {
        guard kind == .add, other.kind == .add else {
            throw ConceptError(
                .invalidOption,
                "'\(name)' and '\(other.name)' cannot be summed: a projection does not combine with others"
            )
        }
        var sum = self
        sum.name = "\(name) + \(other.name)"
        for (site, vector) in other.vectors {
            guard let own = vectors[site] else {
                sum.vectors[site] = vector
                continue
            }
            guard own.count == vector.count else {
                throw ConceptError(
                    .invalidOption,
                    "'\(name)' and '\(other.name)' have \(own.count) and \(vector.count) numbers at \(site)")
            }
            sum.vectors[site] = zip(own, vector).map(+)
        }
        sum.notes += other.notes.filter { !notes.contains($0) }
        sum.facts.merge(other.facts) { own, _ in own }
        return sum
    }
}

extension VectorFile {
    /// The steering directions of `concept` at its default sites, each of length `strength`, to be added.
    ///
    /// - Throws: ``ConceptError`` `unknownSite`, or `invalidOption` for a strength that is not finite.
    public init(_ concept: Concept, strength: Float) throws {
        guard strength.isFinite else {
            throw ConceptError(.invalidOption, "the strength of '\(concept.name)' is \(strength)")
        }
        try self.init(concept, kind: .add) { $0.map { $0 * strength } }
    }

    /// The unit steering directions of `concept` at its default sites, to be projected out with strength
    /// `alpha`.
    ///
    /// - Throws: as ``init(_:strength:)``.
    public init(_ concept: Concept, projectingOut alpha: Float) throws {
        guard alpha.isFinite else {
            throw ConceptError(.invalidOption, "the strength of '\(concept.name)' is \(alpha)")
        }
        try self.init(concept, kind: .project(Projection(alpha: alpha))) { $0 }
    }

    private init(_ concept: Concept, kind: Kind, _ scaled: ([Float]) -> [Float]) throws {
        let layers = try concept.defaultLayers
        let provenance = concept.provenance
        self.init(
            name: concept.name, kind: kind, modelHint: provenance.model.architecture,
            vectors: Dictionary(layers.map { ($0.site, scaled($0.steering.direction)) }) { first, _ in first
            },
            notes: concept.verdict.isFound ? [] : ["'\(concept.name)': \(concept.verdict.sentence)"],
            facts: [
                "method": provenance.steering ?? provenance.method,
                "examples_sha256": provenance.examplesSHA256,
                "model_fingerprint": provenance.model.fingerprint,
                "tokenizer_fingerprint": provenance.model.tokenizerFingerprint,
                "model_name": provenance.model.name, "verdict": concept.verdict.sentence,
                "vane_version": provenance.vaneVersion,
            ])
    }
}
