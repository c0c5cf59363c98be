public import VaneSites
import VaneTensors

/// Linear relational concepts: where a network turns subjects into objects by a linear map, the map's inverse
/// points to the subjects of an object (row 44: Chanin et al., arXiv 2311.08968).
///
/// For a relation, with `s` the activation of the subject's last token at one site and `o` the mean
/// activation of the object's tokens at a later one, both `[width]`:
///
///     W = mean ∂o/∂s,   b = mean (o - W s)            over examples the network has right
///     v = normalise( mean W†(o - b) )                 per object; W† the pseudo-inverse of the best rank-k matrix
///
/// A subject belongs to the object with the largest `v · s`; `s + β ‖s‖ (v' - v)` moves it to another. A low
/// rank is essential: small singular values are noise that the inverse would blow up. Choose it on subjects
/// that are not scored.
///
/// A Jacobian costs `width` backward passes between the two sites for a batch of examples.
public struct LinearRelation: Sendable {
    /// An example: a text that states a relation.
    public struct Example: Sendable, Hashable {
        /// The whole text, the object included.
        public let tokens: [Int]
        /// The position of the subject's last token, counted from 0.
        public let subject: Int
        /// The positions of the object's tokens.
        public let object: Range<Int>
        /// What the object is called.
        public let name: String

        /// An example.
        public init(tokens: [Int], subject: Int, object: Range<Int>, name: String) {
            self.tokens = tokens
            self.subject = subject
            self.object = object
            self.name = name
        }
    }

    /// `W`, row by row, `[width, width]`.
    public let matrix: [Float]
    /// `b`, `[width]`.
    public let bias: [Float]
    /// Where `s` is read.
    public let subjectSite: Site
    /// Where `o` is read.
    public let objectSite: Site
    private let spectrum: PrincipalAxes

    /// Learns the map of a relation.
    ///
    /// - Parameters:
    ///   - examples: texts the network has right; better of other objects than those whose concepts are
    ///     wanted.
    ///   - subjectSite: where subjects are read.
    ///   - objectSite: where objects are read; later in the network, of the same width.
    ///   - network: the network.
    ///   - batchTokens: tokens a pass takes at most.
    ///   - progress: called with the number of finished backward passes and their total.
    /// - Throws: ``ConceptError`` `unusableExamples` for none, or one whose positions are outside its text or
    ///   whose object stands before the subject; `invalidOption` for sites in the wrong order or of different
    ///   widths; `SiteError`.
    public init(
        _ examples: [Example], from subjectSite: Site, to objectSite: Site,
        in network: any DifferentiableNetwork, batchTokens: Int = 512,
        progress: ((Int, Int) -> Void)? = nil
    ) throws {
        let width = try network.layout.width(of: subjectSite)
        guard subjectSite < objectSite, try network.layout.width(of: objectSite) == width, batchTokens > 0
        else {
            throw ConceptError(
                .invalidOption,
                "a relation leads from a site to a later one of the same width, not from \(subjectSite) to "
                    + "\(objectSite)")
        }
        try LinearRelation.check(examples, network.layout.maximumPositions)
        let batches = TokenBatches.ranges(examples.map(\.tokens.count), limit: batchTokens)
        var sum = [Double](repeating: 0, count: width * width)
        var subjects: [[Double]] = []
        var objects: [[Double]] = []
        for (number, range) in batches.enumerated() {
            let batch = Array(examples[range])
            let tape = Tape()
            let inputs = batch.map {
                SequenceInput(
                    state: network.makeSequence(), tokens: $0.tokens, promptLength: $0.tokens.count)
            }
            let activations = try network.forward(
                inputs, output: .none, watching: [subjectSite, objectSite], on: tape
            ).activations
            guard let from = activations[subjectSite], let to = activations[objectSite] else {
                throw ConceptError(.unknownSite, "nothing was read at \(subjectSite) or \(objectSite)")
            }
            var starts: [Int] = []
            for example in batch {
                let start = starts.last.map { $0 + batch[starts.count - 1].tokens.count } ?? 0
                starts.append(start)
                let tokens = example.object
                subjects.append(Numbers.sum(from, start + example.subject..<start + example.subject + 1))
                objects.append(
                    Numbers.sum(to, start + tokens.lowerBound..<start + tokens.upperBound).map {
                        $0 / Double(tokens.count)
                    })
            }
            for row in 0..<width {
                // All texts at once: none depends on another.
                var seed = [Float](repeating: 0, count: to.shape.count)
                for (example, start) in zip(batch, starts) {
                    for position in example.object {
                        seed[(start + position) * width + row] = 1 / Float(example.object.count)
                    }
                }
                let slope = try tape.pullback(
                    of: to, along: Tensor(seed, shape: to.shape), at: [from])[0].contiguous()
                slope.read { slope in
                    for (example, start) in zip(batch, starts) {
                        let base = slope + (start + example.subject) * width
                        for j in 0..<width { sum[row * width + j] += Double(base[j]) }
                    }
                }
                progress?(number * width + row + 1, batches.count * width)
            }
        }
        let map = sum.map { $0 / Double(examples.count) }
        var bias = [Double](repeating: 0, count: width)
        for (subject, object) in zip(subjects, objects) {
            for row in 0..<width {
                let image = Numbers.dot(map[row * width..<(row + 1) * width], subject)
                bias[row] += (object[row] - image) / Double(examples.count)
            }
        }
        matrix = map.map { Float($0) }
        self.bias = bias.map { Float($0) }
        self.subjectSite = subjectSite
        self.objectSite = objectSite
        spectrum = try PrincipalAxes(Tensor(matrix, shape: [width, width]), isCentred: false)
    }

    private static func check(_ examples: [Example], _ limit: Int) throws {
        guard !examples.isEmpty else { throw ConceptError(.unusableExamples, "there is no example") }
        for (number, example) in examples.enumerated() {
            let tokens = example.tokens.count
            guard example.subject >= 0 && !example.object.isEmpty,
                example.object.lowerBound >= example.subject, example.object.upperBound <= tokens,
                tokens <= limit
            else {
                throw ConceptError(
                    .unusableExamples,
                    "example \(number + 1) has its subject at \(example.subject) and its object at "
                        + "\(example.object) of \(tokens) tokens; expected the object behind the subject and at "
                        + "most \(limit) tokens")
            }
        }
    }

    /// `W†(o - b)` with the pseudo-inverse of rank `rank`: the subject that an object's activation comes
    /// from.
    ///
    /// Singular values whose square is below a billionth of the largest one's count as 0.
    public func subject(of object: [Float], rank: Int) -> [Float] {
        let width = bias.count
        guard object.count == width else { return [] }
        let rest = zip(object, bias).map { Double($0) - Double($1) }
        // W = U S Vᵀ: the axes are the columns of V, the scores U S, the variances S² / width.
        let variances = spectrum.variances
        let parts = spectrum.scores.read { base in
            (0..<min(max(0, rank), variances.count)).map { k in
                (0..<width).reduce(0.0) { $0 + Double(base[$1 * variances.count + k]) * rest[$1] }
                    / (variances[k] * Double(width))
            }
        }
        return spectrum.combined(parts).map { Float($0) }
    }

    /// The unit direction of each object among `examples`, from the mean of its inverted activations.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples`; `SiteError`.
    public func concepts(
        _ examples: [Example], rank: Int, in network: any SteerableNetwork, batchTokens: Int = 512
    ) throws -> [String: [Float]] {
        try LinearRelation.check(examples, network.layout.maximumPositions)
        let rows = try RowMeans.read(
            examples.map(\.tokens), rows: examples.map(\.object), at: objectSite, in: network,
            batchTokens: batchTokens)
        let width = bias.count
        var sums: [String: [Double]] = [:]
        for (example, row) in zip(examples, rows) {
            let subject = subject(of: row, rank: rank)
            let sum = sums[example.name] ?? [Double](repeating: 0, count: width)
            sums[example.name] = zip(sum, subject).map { $0 + Double($1) }
        }
        return sums.compactMapValues { Numbers.unit($0) }
    }

    /// The activations of the subjects' last tokens, `[examples][width]`.
    ///
    /// - Throws: ``ConceptError`` `unusableExamples`; `SiteError`.
    public func subjects(
        of examples: [Example], in network: any SteerableNetwork, batchTokens: Int = 512
    ) throws -> [[Float]] {
        try LinearRelation.check(examples, network.layout.maximumPositions)
        return try RowMeans.read(
            examples.map(\.tokens), rows: examples.map { $0.subject..<$0.subject + 1 }, at: subjectSite,
            in: network, batchTokens: batchTokens)
    }

    /// The object with the largest `v · s`, the first by name of equals; nil without concepts.
    public static func object(of subject: [Float], among concepts: [String: [Float]]) -> String? {
        concepts.map { (name: $0.key, score: Numbers.dot($0.value, subject)) }
            .min { ($1.score, $0.name) < ($0.score, $1.name) }?.name
    }
}
