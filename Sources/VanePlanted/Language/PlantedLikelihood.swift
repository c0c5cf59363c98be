#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The probability of any text under the planted grammar, and what it says about the attributes of the text.
///
/// A text is a row of sentences that are independent once its attributes `a` are known:
///
///     p(text)    = Σ_a p(a) Π_s p(s | a)
///     p(s | a)   = (1 - e) Σ_paths p(frame | a) / variants · Π_slots p(filler | slot, a)  +  e · p_words(s)
///     p(x | a)   = (1 - e) [x fits a] / (number that fit)  +  e / (number of all)     (x a frame or a filler)
///
/// An assignment `a` gives each attribute one of its values, or neutral where it can be, and the main character
/// of a third person text a gender; all are equally likely. A frame is chosen among all frames, whatever the
/// kind and part they are for. The sum is over every way in which a variant of a frame with some fillers gives
/// the words, whatever attributes these mix, so a mixture is improbable and not impossible. `p_words` draws
/// words independently, as often as 1,000 texts of the language use them, with add-one smoothing; a word that
/// the language does not have is spelled byte by byte. With noise above 0 every text has a probability
/// above 0, as long as a floating-point number can hold it.
///
/// The writer of ``PlantedLanguage`` differs in four ways that this leaves out: it knows the kind and the part,
/// keeps the words of variables through the text, avoids words it has used, and prefers pronouns for a main
/// character who has been named. So ``PlantedText/logProbability`` is near, and not the same.
///
/// A sentence is the longest run of words, up to `.`, `?`, `!` or the end of the line, that a frame produces;
/// where none does, the words up to the first of these. Spaces, line breaks and the letters of speakers cost
/// nothing. Words without such an end at the end of the text are not scored unless a frame produces them:
/// whoever wrote them may not have finished.
///
///     let likelihood = PlantedLikelihood()
///     likelihood.logProbability(of: "Yesterday, I baked an awful pie.").perplexity
public struct PlantedLikelihood: Sendable {
    /// How probable a text is.
    public struct Score: Sendable, Equatable {
        /// The natural logarithm of the probability of the words scored; at most 0.
        public let logProbability: Double
        /// Words scored, marks not counted.
        public let words: Int
        /// Sentences scored.
        public let sentences: Int
        /// Sentences scored that the grammar produces, with the agreement of tense, person and gender.
        public let grammaticalSentences: Int

        /// `exp(-logProbability / words)`; 1 where no words were scored.
        public var perplexity: Double { words == 0 ? 1 : exp(-logProbability / Double(words)) }
    }

    private struct Sentence {
        let tokens: [String]
        let paths: [PlantedParser.Path]
        /// Units of the text up to the end of the sentence.
        let end: Int
    }

    /// The rate at which a writer leaves the rule: for other words than a frame's, and for a frame or a filler
    /// that does not fit.
    public let noise: Double
    private let parser: PlantedParser
    private let matcher: PlantedMatcher
    private let words: PlantedWordModel
    private let assignments: PlantedAssignments
    private let slots: [PlantedTable]
    private let frames: PlantedTable

    private static let sample = PlantedLanguage(seed: 0x776F_7264).texts(1000).flatMap(\.sentences)

    /// The probability under the planted language; `noise` (0 ..< 1) is `e` above. Making it costs a fraction
    /// of a second: keep it.
    public init(noise: Double = 0.01) {
        self.init(grammar: .shared, sample: Self.sample, noise: noise)
    }

    /// The probability under a grammar of one's own, with the form that the tables of the planted language have;
    /// `sample` are the sentences in which words are counted.
    package init(lexicon: [String], frames: [String], sample: [String], noise: Double) {
        self.init(grammar: PlantedGrammar(lexicon: lexicon, frames: frames), sample: sample, noise: noise)
    }

    private init(grammar: PlantedGrammar, sample: [String], noise: Double) {
        precondition((0..<1).contains(noise), "the noise is at least 0 and below 1")
        self.noise = noise
        let variants = PlantedVariants(grammar: grammar)
        parser = PlantedParser(variants)
        matcher = PlantedMatcher(variants)
        words = PlantedWordModel(grammar: grammar, sample: sample)
        var assignments = PlantedAssignments()
        slots = grammar.slots.map { assignments.table(of: $0.fillers.map(\.tags), noise: noise) }
        frames = assignments.table(of: grammar.frames.map(\.tags), noise: noise)
        self.assignments = assignments
    }

    /// How probable the complete sentences of a text are.
    public func logProbability(of text: String) -> Score {
        score(sentences(of: PlantedUnit.units(of: text)), from: 0)
    }

    /// How probable a continuation is after a prompt: `log p(prompt + continuation) - log p(prompt)`.
    ///
    /// The second term holds the sentences of the whole text that end within the prompt. A sentence that the
    /// prompt leaves unfinished belongs to the continuation with all its words, so that writers who finish the
    /// same prompt are compared on the same sentence. Sentences and words are counted in the same way.
    public func score(of continuation: String, after prompt: String) -> Score {
        let complete = PlantedUnit.units(of: prompt).prefix { $0.isComplete }.count
        let all = sentences(of: PlantedUnit.units(of: prompt + continuation))
        return score(all, from: all.prefix { $0.end <= complete }.count)
    }

    /// The probability of each value of each attribute (and of `"neutral"`) given the complete sentences of a
    /// text.
    public func posterior(of text: String) -> [PlantedAttribute: [String: Double]] {
        var total = assignments.logPriors
        for sentence in sentences(of: PlantedUnit.units(of: text)) { add(sentence, to: &total) }
        let whole = Self.logSum(total)
        // Without noise a text can be impossible under every assignment; then nothing is known.
        let logs = whole == -.infinity ? assignments.logPriors : total
        let base = whole == -.infinity ? 0 : whole
        var sums = PlantedAttribute.allCases.map { [Double](repeating: 0, count: $0.values.count + 1) }
        for (values, logProbability) in zip(assignments.values, logs) {
            let probability = exp(logProbability - base)
            for (i, attribute) in PlantedAttribute.allCases.enumerated() {
                sums[i][Int(values[attribute.index]) + 1] += probability
            }
        }
        var result: [PlantedAttribute: [String: Double]] = [:]
        for (attribute, sums) in zip(PlantedAttribute.allCases, sums) {
            var probabilities = Dictionary(uniqueKeysWithValues: zip(attribute.values, sums.dropFirst()))
            if attribute.canBeNeutral { probabilities["neutral"] = sums[0] }
            result[attribute] = probabilities
        }
        return result
    }

    private func sentences(of units: [PlantedUnit]) -> [Sentence] {
        var result: [Sentence] = []
        var start = 0
        while start < units.count {
            var end = min(start + parser.longestInUnits, units.count)
            while units[end - 1].line != units[start].line { end -= 1 }
            var tokens = units[start..<end].flatMap(\.tokens)
            var paths = parser.paths(of: tokens)
            while paths.isEmpty && end > start + 1 {
                end -= 1
                tokens = units[start..<end].flatMap(\.tokens)
                paths = parser.paths(of: tokens)
            }
            if units[end - 1].isComplete || !paths.isEmpty {
                result.append(Sentence(tokens: tokens, paths: paths, end: end))
            }
            start = end
        }
        return result
    }

    /// The score of the sentences from `first` on, given those before.
    private func score(_ sentences: [Sentence], from first: Int) -> Score {
        var total = assignments.logPriors
        for sentence in sentences[..<first] { add(sentence, to: &total) }
        let before = Self.logSum(total)
        for sentence in sentences[first...] { add(sentence, to: &total) }
        let scored = sentences[first...]
        // A prompt without probability leaves none to its continuation.
        let ratio = before == -.infinity ? -.infinity : min(0, Self.logSum(total) - before)
        return Score(
            logProbability: scored.isEmpty ? 0 : ratio,
            words: scored.reduce(0) { $0 + $1.tokens.count { !PlantedTokens.isMark($0) } },
            sentences: scored.count,
            grammaticalSentences: scored.count { !$0.paths.isEmpty && matcher.frame(of: $0.tokens) != nil })
    }

    /// Adds `log p(sentence | a)` to the entry of each assignment `a`.
    private func add(_ sentence: Sentence, to total: inout [Double]) {
        let byWords = log(noise) + words.logProbability(of: sentence.tokens)
        guard !sentence.paths.isEmpty else {
            for i in total.indices { total[i] += byWords }
            return
        }
        var sum = [Double](repeating: exp(byWords), count: total.count)
        for path in sentence.paths {
            var path = factors(of: path)
            let first = path.removeFirst()
            let cells = assignments.cells[first.projection]
            if path.isEmpty {
                for i in sum.indices { sum[i] += first.row[Int(cells[i])] }
                continue
            }
            var product = cells.map { first.row[Int($0)] }
            for factor in path {
                let cells = assignments.cells[factor.projection]
                for i in product.indices { product[i] *= factor.row[Int(cells[i])] }
            }
            for i in sum.indices { sum[i] += product[i] }
        }
        for i in total.indices { total[i] += log(sum[i]) }
    }

    /// What a path weighs, as one factor for each projection of the assignments.
    private func factors(of path: PlantedParser.Path) -> [(projection: Int, row: [Double])] {
        let whole = (1 - noise) / Double(path.variants)
        var factors = [(projection: frames.projection, row: frames.row([path.frame]).map { $0 * whole })]
        for choice in path.choices {
            let table = slots[choice.slot]
            let row = table.row(choice.fillers)
            if let known = factors.firstIndex(where: { $0.projection == table.projection }) {
                for i in row.indices { factors[known].row[i] *= row[i] }
            } else {
                factors.append((table.projection, row))
            }
        }
        return factors
    }

    private static func logSum(_ logs: [Double]) -> Double {
        let largest = logs.max() ?? -.infinity
        if largest == -.infinity { return largest }
        return largest + log(logs.reduce(0) { $0 + exp($1 - largest) })
    }
}
