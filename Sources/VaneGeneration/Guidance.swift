import Synchronization
import VaneSites

/// Choosing each next token by the state it leads to, as guided decoding does (row 22: the Frame
/// Representation Hypothesis, Valois et al., arXiv 2412.07334, its guided decoding).
///
/// 1. The `candidates` most likely next tokens, of those that top-k, top-p and min-p leave, are appended to
///    the text, each to a copy of it, and run as one batch.
/// 2. `score` is called for each with the outputs of the final norm at the last `window` tokens, the
///    candidate's last, and with the candidate.
/// 3. The candidate with the largest score is written; the likelier one of equals. Nothing is drawn.
///
/// A token costs one pass over `candidates` rows and a copy of the keys and values for each. A token that
/// ends a text is written when it is the likeliest one and is no candidate otherwise: what follows an end
/// says nothing of the text. Edits that run along see the candidates that are not chosen too, so their
/// ledger counts more states than there are tokens.
public struct Guidance: Sendable {
    /// How many of the likeliest tokens are tried; 1 is greedy decoding.
    public var candidates: Int
    /// How many of the last states `score` reads.
    public let window: Int
    /// What the chosen continuation has most of, from states in the order of their tokens,
    /// `[≤ window][width]`, and the last token.
    public let score: @Sendable (_ states: [[Float]], _ token: Int) throws -> Double

    /// Guidance by a function of the last states.
    ///
    /// - Parameters:
    ///   - candidates: how many of the likeliest tokens are tried.
    ///   - window: how many of the last states are read.
    ///   - score: what the chosen continuation has most of; called on the thread that runs the model.
    public init(
        candidates: Int, window: Int,
        score: @escaping @Sendable (_ states: [[Float]], _ token: Int) throws -> Double
    ) {
        self.candidates = candidates
        self.window = window
        self.score = score
    }

    /// - Throws: ``GenerationError`` `invalidOption`, naming the option and its range.
    func validate() throws {
        guard candidates > 0 && window > 0 else {
            throw GenerationError(
                .invalidOption,
                "guidance needs at least one candidate and one state, not \(candidates) and \(window)")
        }
    }
}

/// The continuations that a guided sequence has to choose from.
struct Branches {
    /// A token that may come next.
    struct Candidate {
        let token: Int
        let logProbability: Double
        let state: any BranchingState
    }

    let guidance: Guidance
    /// The last states of what is written.
    private var states: [[Float]] = []
    /// Empty until the prompt has run.
    var candidates: [Candidate] = []
    private let readers: [LastStates]
    private let hooks: [Hooks]

    init(_ guidance: Guidance, _ hooks: Hooks) {
        self.guidance = guidance
        readers = (0..<guidance.candidates).map { _ in LastStates(guidance.window) }
        self.hooks = readers.map { reader in
            var all = hooks
            all.add(reader, at: .finalNorm)
            return all
        }
    }

    /// The hooks of branch `number`, 0 for the prompt.
    func hooks(of number: Int) -> Hooks { hooks[number] }

    /// Takes what was read of the prompt.
    mutating func begin() { states = readers[0].take() }

    /// The number of the best candidate, whose states are kept.
    mutating func choose() throws -> Int {
        var best: (number: Int, score: Double)?
        var seen: [[[Float]]] = []
        for number in candidates.indices {
            seen.append(Array((states + readers[number].take()).suffix(guidance.window)))
            let score = try guidance.score(seen[number], candidates[number].token)
            if score > best?.score ?? -.infinity { best = (number, score) }
        }
        let number = best?.number ?? 0
        states = seen[number]
        return number
    }
}

/// Keeps the last rows of a site.
private final class LastStates: Tap {
    private let limit: Int
    private let rows = Mutex<[[Float]]>([])

    init(_ limit: Int) { self.limit = limit }

    func read(_ activation: Activation) {
        let new = (max(0, activation.rows - limit)..<activation.rows).map { Array(activation[$0]) }
        rows.withLock { $0 = Array(($0 + new).suffix(limit)) }
    }

    /// What was read since the last call.
    func take() -> [[Float]] {
        rows.withLock { rows in
            defer { rows = [] }
            return rows
        }
    }
}
