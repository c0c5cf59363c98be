/// A formula over concepts, such as `A + B`, `A - 0.5 * B`, `A without B` or `orthogonal(A, B, C)`.
///
///     formula = sum { "without" sum }        what lies along any of the latter is taken out of the first
///     sum     = term { ("+" | "-") term }
///     term    = [ "-" ] [ number "*" ] atom
///     atom    = name | "(" formula ")" | "orthogonal(" formula { "," formula } ")"
///
/// A name is a run of anything but blanks, `+ * ( ) ,`, or anything in quotes; a minus inside a name belongs to it, so a
/// subtraction has a blank in front of it. `orthogonal(A, B, C)` is `A without B without C`: A less its part in the plane of B
/// and C.
public struct ConceptExpression: Sendable, Hashable, CustomStringConvertible {
    indirect enum Node: Sendable, Hashable {
        /// A concept, by its place in ``names``.
        case atom(Int)
        case sum([Node], [Double])
        case without(Node, [Node])
    }

    /// The concepts in the formula, each once, in order of appearance.
    public let names: [String]
    /// The formula as it was written.
    public let description: String
    let root: Node

    /// Reads a formula.
    ///
    /// - Throws: ``ConceptError`` `invalidOption`, naming the place and what is expected there.
    public init(_ text: String) throws {
        guard text.unicodeScalars.count <= 4096 else {
            throw ConceptError(.invalidOption, "a formula has at most 4096 characters")
        }
        var parser = Parser(text)
        root = try parser.whole()
        names = parser.names
        description = text
    }
}

/// Recursive descent over the tokens of a formula.
private struct Parser {
    typealias Node = ConceptExpression.Node

    enum Token: Equatable {
        case name(String, quoted: Bool)
        case symbol(Character)
    }

    private static let symbols: Set<Character> = ["+", "*", "(", ")", ","]
    private static let maximumDepth = 50

    private let text: String
    private var tokens: [(token: Token, place: Int)] = []
    private var next = 0
    private var depth = 0
    private var isBroken: Int?
    private(set) var names: [String] = []

    init(_ text: String) {
        self.text = text
        let characters = Array(text)
        var index = 0
        while index < characters.count {
            let character = characters[index]
            let start = index
            if character.isWhitespace {
                index += 1
            } else if Parser.symbols.contains(character) {
                tokens.append((.symbol(character), start))
                index += 1
            } else if character == "'" || character == "\"" {
                guard let end = characters[(index + 1)...].firstIndex(of: character) else {
                    isBroken = start
                    return
                }
                tokens.append((.name(String(characters[index + 1..<end]), quoted: true), start))
                index = end + 1
            } else if character == "-" {
                // A name cannot begin with a minus.
                tokens.append((.symbol("-"), start))
                index += 1
            } else {
                while index < characters.count, !characters[index].isWhitespace,
                    !Parser.symbols.contains(characters[index])
                {
                    index += 1
                }
                tokens.append((.name(String(characters[start..<index]), quoted: false), start))
            }
        }
    }

    mutating func whole() throws -> Node {
        if let isBroken {
            throw ConceptError(
                .invalidOption, "in '\(text)', the quote at character \(isBroken + 1) does not end")
        }
        let node = try formula()
        guard next == tokens.count else { throw expected("+, -, without or the end") }
        return node
    }

    private mutating func formula() throws -> Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Parser.maximumDepth else {
            throw ConceptError(
                .invalidOption, "a formula nests at most \(Parser.maximumDepth) parentheses")
        }
        let first = try sum()
        var removed: [Node] = []
        while take(.name("without", quoted: false)) { removed.append(try sum()) }
        return removed.isEmpty ? first : .without(first, removed)
    }

    private mutating func sum() throws -> Node {
        var parts: [Node] = []
        var factors: [Double] = []
        var sign = 1.0
        repeat {
            let (factor, node) = try term()
            parts.append(node)
            factors.append(sign * factor)
            if take(.symbol("+")) { sign = 1 } else if take(.symbol("-")) { sign = -1 } else { break }
        } while true
        return parts.count == 1 && factors[0] == 1 ? parts[0] : .sum(parts, factors)
    }

    private mutating func term() throws -> (Double, Node) {
        let sign: Double = take(.symbol("-")) ? -1 : 1
        if case .name(let word, quoted: false)? = peek, next + 1 < tokens.count,
            tokens[next + 1].token == .symbol("*")
        {
            guard let number = Double(word), number.isFinite else { throw expected("a number before *") }
            next += 2
            return (sign * number, try atom())
        }
        return (sign, try atom())
    }

    private mutating func atom() throws -> Node {
        if take(.symbol("(")) {
            let node = try formula()
            guard take(.symbol(")")) else { throw expected(")") }
            return node
        }
        guard case .name(let name, let quoted)? = peek, !name.isEmpty, quoted || name != "without" else {
            throw expected("a concept or (")
        }
        next += 1
        if !quoted, name == "orthogonal", take(.symbol("(")) {
            let first = try formula()
            var removed: [Node] = []
            while take(.symbol(",")) { removed.append(try formula()) }
            guard take(.symbol(")")), !removed.isEmpty else { throw expected(", or ) after two concepts") }
            return .without(first, removed)
        }
        if let place = names.firstIndex(of: name) { return .atom(place) }
        names.append(name)
        return .atom(names.count - 1)
    }

    private var peek: Token? { next < tokens.count ? tokens[next].token : nil }

    private mutating func take(_ token: Token) -> Bool {
        guard peek == token else { return false }
        next += 1
        return true
    }

    private func expected(_ what: String) -> ConceptError {
        let place = next < tokens.count ? "at character \(tokens[next].place + 1)" : "at the end"
        return ConceptError(.invalidOption, "in the formula '\(text)', \(what) is expected \(place)")
    }
}
