import Foundation
import VaneTensors

/// Words drawn from a log-linear model of latent binary concepts, in which all that is to be found is known.
///
/// A document has concepts `c` (binary, `m` of them) and at each token `t` a discourse vector `r_t`:
///
///     p(w | c, r) = exp(u_w · h) / Σ_v exp(u_v · h),    u_w = A z_w,    h = A⁻ᵀ (strength · s ; r_t)
///
/// with `s_k = +1` where concept `k` holds and `-1` where it does not (0 where it is unknown). A word is a lemma
/// with a choice for every concept: the first `m` entries of `z_w` are `±1/2`, the others are the lemma's own,
/// normal with deviation `spread`, and the same for all its forms. So two words of a lemma that differ in
/// concept `k` (a counterfactual pair) differ by the same vector everywhere, and
///
///     u_with - u_without = γ_k = A e_k,   λ_k = A⁻ᵀ e_k,   γ_j · λ_k = [j = k],
///     log p(with) - log p(without) = strength · s_k
///
/// `γ_k` is the unembedding direction of the concept, `λ_k` the direction that an activation is moved along to
/// change this concept and no other. `A` is no rotation unless `skew` is 0, so that the Euclidean inner product
/// is the wrong one; the causal one is `⟨x, y⟩ = xᵀ (A Aᵀ)⁻¹ y`, which maps `γ_k` to `λ_k`, and in which
/// directions of different concepts are at right angles (Park, Choe and Veitch, 2024, section 3).
///
/// Concepts depend on each other along an acyclic graph, `p(c_k | c_1 … c_{k-1}) = σ(± Σ_j weight_jk s_j)`. The
/// discourse vector walks slowly over the unit sphere; with no concepts and no skew this is RAND-WALK, in which
/// the pointwise mutual information of two words is near `u_v · u_w / width` (Arora et al., 2016).
///
/// For rows 50 (where linear representations come from), 136 (RAND-WALK) and the causal inner product. Seed
/// and index decide a document.
public struct LogLinearCorpus: Sendable {
    /// What a world is made with.
    public struct Options: Sendable, Hashable {
        /// Binary concepts, 0...10.
        public var concepts = 4
        /// Lemmas; each has a word for every choice of concepts, so there are `lemmas · 2^concepts` words.
        public var lemmas = 8
        /// Entries of an unembedding; more than there are concepts.
        public var width = 16
        /// How strongly a concept decides: its log-odds in a counterfactual pair are `±strength`.
        public var strength = 2.0
        /// Standard deviation of the entries of a word that belong to its lemma.
        public var spread = 1.0
        /// Earlier concepts that each concept depends on; fewer where there are not so many.
        public var parents = 1
        /// Size of the weight of a dependence; its sign is drawn.
        public var dependence = 1.0
        /// How far `A` is from a rotation: the deviation of the entries below its diagonal before rotation.
        public var skew = 0.5
        /// Length of a step of the discourse vector, roughly; 0 keeps it for a document.
        public var step = 0.1

        /// The options as they are set above.
        public init() {}
    }

    /// A document with all that decided it.
    public struct Document: Sendable, Equatable {
        /// Which concepts hold in it.
        public let concepts: [Bool]
        /// Its words.
        public let tokens: [Int]
        /// The vector `h` that each word was drawn from, `[tokens, width]`.
        public let states: [[Double]]
    }

    /// What the world was made with.
    public let options: Options
    /// The seed.
    public let seed: UInt64
    /// The seed of the documents: others who use the same seed draw other numbers.
    private let root: UInt64
    /// `weight_jk`: what the concept `j` adds to the log-odds of concept `k > j` where it holds, and takes away
    /// where it does not; 0 where there is no dependence.
    public let dependencies: [[Double]]
    /// `u_w` for each word, `[vocabulary, width]`.
    public let unembeddings: [[Double]]
    /// `γ_k` for each concept: the difference of the words of every counterfactual pair, `[concepts, width]`.
    public let conceptDirections: [[Double]]
    /// `λ_k` for each concept, `[concepts, width]`.
    public let steeringDirections: [[Double]]
    /// The columns of `A⁻ᵀ`, `[width, width]`.
    private let dual: [[Double]]

    /// The words.
    public var vocabulary: Int { unembeddings.count }

    /// A world under a seed.
    ///
    /// - Throws: ``PlantedError`` `invalidParameter` for an option outside its range.
    public init(_ options: Options = Options(), seed: UInt64) throws(PlantedError) {
        try PlantedError.expect(
            (0...10).contains(options.concepts), "the concepts must be 0...10, not \(options.concepts)")
        try PlantedError.expect(options.lemmas > 0, "there must be lemmas, not \(options.lemmas)")
        try PlantedError.expect(
            options.width > options.concepts,
            "the width must be more than \(options.concepts) concepts, not \(options.width)")
        try PlantedError.expect(options.parents >= 0, "the parents must be 0 or more, not \(options.parents)")
        for (name, value) in [
            ("strength", options.strength), ("spread", options.spread), ("dependence", options.dependence),
            ("skew", options.skew), ("step", options.step),
        ] {
            try PlantedError.expect(
                value >= 0 && value.isFinite, "the \(name) must be a number from 0 up, not \(value)")
        }
        self.options = options
        self.seed = seed
        let (count, width) = (options.concepts, options.width)
        var generator = SeededGenerator(seed: seed, stream: 0x4C6F_674C_696E_6561)
        root = generator.next()
        var dependencies = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
        for k in 0..<count {
            for j in generator.shuffled(0..<k).prefix(options.parents) {
                dependencies[j][k] = generator.uniform() < 0.5 ? -options.dependence : options.dependence
            }
        }
        self.dependencies = dependencies

        // A = Q L: L has ones on its diagonal and so an inverse, Q turns it so that no axis is special.
        var rotation: [[Double]] = []
        for _ in 0..<width {
            rotation.append(UnitVectors.random(width: width, orthogonalTo: rotation, &generator))
        }
        let lower = (0..<width).map { i in
            (0..<width).map { j in
                i == j ? 1 : i > j ? options.skew * generator.normal() / Double(width).squareRoot() : 0
            }
        }
        let columns = (0..<width).map { k in Self.turned(lower.map { $0[k] }, rotation) }
        let dual = (0..<width).map { k in
            // Lᵀ x = e_k, from the last entry up.
            var x = [Double](repeating: 0, count: width)
            for i in (0...k).reversed() {
                x[i] = (i == k ? 1 : 0) - (i + 1..<width).reduce(0) { $0 + lower[$1][i] * x[$1] }
            }
            return Self.turned(x, rotation)
        }
        let lemmas = (0..<options.lemmas).map { _ in
            (count..<width).map { _ in options.spread * generator.normal() }
        }
        unembeddings = lemmas.flatMap { own in
            (0..<1 << count).map { form in
                let signs = (0..<count).map { form >> $0 & 1 == 1 ? 0.5 : -0.5 }
                return Self.turned(signs + own, columns)
            }
        }
        conceptDirections = Array(columns.prefix(count))
        steeringDirections = Array(dual.prefix(count))
        self.dual = dual
    }

    /// `Σ_i x_i · basis_i`
    private static func turned(_ x: [Double], _ basis: [[Double]]) -> [Double] {
        var result = [Double](repeating: 0, count: basis[0].count)
        for (value, vector) in zip(x, basis) where value != 0 { add(value, vector, to: &result) }
        return result
    }

    /// The word of a lemma for a choice of concepts.
    public func word(lemma: Int, concepts: [Bool]) -> Int {
        precondition(concepts.count == options.concepts, "a word has a choice for each concept")
        precondition((0..<options.lemmas).contains(lemma), "there is no lemma \(lemma)")
        return lemma << options.concepts | concepts.indices.reduce(0) { $0 | (concepts[$1] ? 1 << $1 : 0) }
    }

    /// The lemma of a word.
    public func lemma(of word: Int) -> Int { word >> options.concepts }

    /// The concepts of a word.
    public func concepts(of word: Int) -> [Bool] { (0..<options.concepts).map { word >> $0 & 1 == 1 } }

    /// All pairs of words of a lemma that differ in a concept and in nothing else.
    public func counterfactuals(_ concept: Int) -> [(without: Int, with: Int)] {
        precondition((0..<options.concepts).contains(concept), "there is no concept \(concept)")
        return (0..<vocabulary).filter { $0 >> concept & 1 == 0 }.map { ($0, $0 | 1 << concept) }
    }

    /// `⟨x, y⟩ = xᵀ (A Aᵀ)⁻¹ y`, the inner product in which the concepts are at right angles.
    public func causalInnerProduct(_ x: [Double], _ y: [Double]) -> Double {
        dual.reduce(0) { $0 + Self.dot($1, x) * Self.dot($1, y) }
    }

    /// The probability of a choice of concepts, the product of `σ(± Σ_j weight_jk s_j)` over the concepts.
    public func probability(of concepts: [Bool]) -> Double {
        concepts.indices.reduce(1) { $0 * (concepts[$1] ? odds($1, concepts) : 1 - odds($1, concepts)) }
    }

    /// The probability that concept `k` holds, given those before it.
    private func odds(_ k: Int, _ earlier: [Bool]) -> Double {
        let sum = (0..<k).reduce(0) { $0 + (earlier[$1] ? 1 : -1) * dependencies[$1][k] }
        return 1 / (1 + exp(-sum))
    }

    /// The vector `h` of a context in which some concepts are known to hold or not, and others unknown (nil),
    /// with a discourse vector of `width - concepts` entries (nil: none).
    public func state(of concepts: [Bool?], discourse: [Double]? = nil) -> [Double] {
        precondition(concepts.count == options.concepts, "a state has a choice for each concept")
        precondition(
            (discourse?.count ?? options.width - options.concepts) == options.width - options.concepts,
            "a discourse vector has \(options.width - options.concepts) entries")
        let signs = concepts.map { $0.map { $0 ? options.strength : -options.strength } ?? 0 }
        return Self.turned(signs + (discourse ?? []), dual)
    }

    /// `p(w | h)` for each word, a softmax of `u_w · h`.
    public func probabilities(of state: [Double]) -> [Double] {
        let scores = unembeddings.map { Self.dot($0, state) }
        let largest = scores.max() ?? 0
        let weights = scores.map { exp($0 - largest) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    /// Document `index` of the corpus, with so many words. Its beginning does not depend on its length.
    ///
    /// Given concepts are kept, others drawn from the graph.
    public func document(at index: Int, length: Int, concepts given: [Bool]? = nil) -> Document {
        precondition(index >= 0 && length >= 0, "documents count from 0")
        var generator = SeededGenerator(seed: root, stream: UInt64(index))
        var concepts: [Bool] = []
        for k in 0..<options.concepts { concepts.append(generator.uniform() < odds(k, concepts)) }
        if let given {
            precondition(given.count == options.concepts, "a document has a choice for each concept")
            concepts = given
        }
        let own = options.width - options.concepts
        var discourse = UnitVectors.random(width: own, orthogonalTo: [], &generator)
        var (tokens, states) = ([Int](), [[Double]]())
        for _ in 0..<length {
            let state = state(of: concepts, discourse: discourse)
            states.append(state)
            tokens.append(Self.draw(probabilities(of: state), &generator))
            let size = options.step / Double(own).squareRoot()
            let moved = discourse.map { $0 + size * generator.normal() }
            let norm = Self.dot(moved, moved).squareRoot()
            if norm > 0 { discourse = moved.map { $0 / norm } }
        }
        return Document(concepts: concepts, tokens: tokens, states: states)
    }

    private static func dot(_ x: [Double], _ y: [Double]) -> Double {
        zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// An index drawn with these probabilities.
    static func draw(_ probabilities: [Double], _ generator: inout SeededGenerator) -> Int {
        var rest = generator.uniform()
        for (i, probability) in probabilities.enumerated() {
            rest -= probability
            if rest < 0 { return i }
        }
        // Rounding can leave the last bit of the interval to nobody.
        return probabilities.lastIndex { $0 > 0 } ?? 0
    }
}
