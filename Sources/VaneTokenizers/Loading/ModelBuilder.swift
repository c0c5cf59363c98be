/// Puts a byte-pair model together from vocabulary and merges.
struct ModelBuilder {
    var vocabulary = Vocabulary()
    private var merges = MergeTable(expecting: 0)
    /// Set where a merge joins something with a word mark after it.
    private var reachesOverMark = false

    var byteFallback = false
    var unknown: Int?
    var fusesUnknown = false
    var ignoresMerges = false

    private static let mark = Array("▁".utf8)

    mutating func addVocabulary(_ place: JSONPlace) throws {
        for member in try place.members() {
            let token = String(decoding: member.key, as: UTF8.self)
            guard case .number(let number) = member.value, let id = Int(exactly: number),
                (0...Vocabulary.highestID).contains(id)
            else {
                throw place.error(
                    .invalidValue,
                    "the id of \"\(token)\" is \(member.value.kind), not a whole number from 0 to "
                        + "\(Vocabulary.highestID)")
            }
            switch vocabulary.insert(member.key, id: id) {
            case .added: break
            case .tokenAlreadyHasID: throw place.error(.inconsistent, "\"\(token)\" is listed twice")
            case .idAlreadyUsed:
                let other = vocabulary.token(id).map { String(decoding: $0, as: UTF8.self) } ?? ""
                throw place.error(.inconsistent, "\"\(token)\" and \"\(other)\" have the same id \(id)")
            }
        }
    }

    /// The `merges` of a `tokenizer.json`: strings "a b" or arrays of two.
    mutating func addMerges(_ place: JSONPlace) throws {
        guard case .array(let entries) = place.value else { throw place.error(.invalidValue, "not an array") }
        merges = MergeTable(expecting: entries.count)
        for (number, entry) in entries.enumerated() {
            let here = "\(place.path)[\(number)]"
            switch entry {
            case .string(let line): try addMerge(line[...], here)
            case .array(let pair):
                guard pair.count == 2, case .string(let left) = pair[0], case .string(let right) = pair[1]
                else {
                    throw TokenizerError(.invalidValue, "\(here): expected two strings")
                }
                try addMerge(left[...], right[...], here)
            default: throw TokenizerError(.invalidValue, "\(here): expected two tokens, found \(entry.kind)")
            }
        }
    }

    /// The lines of a `merges.txt`; `#version` and empty lines are no merges.
    mutating func addMerges(lines: [UInt8], name: String) throws {
        guard String(decoding: lines, as: UTF8.self).utf8.elementsEqual(lines) else {
            throw TokenizerError(.malformed, "\(name): not UTF-8")
        }
        let lines = lines.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        merges = MergeTable(expecting: lines.count)
        for (number, line) in lines.enumerated() {
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if line.isEmpty || line.starts(with: "#version".utf8) { continue }
            try addMerge(line, "\(name): line \(number + 1)")
        }
    }

    private mutating func addMerge(_ line: ArraySlice<UInt8>, _ here: String) throws {
        let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 2 else {
            throw TokenizerError(.malformed, "\(here): expected two tokens with one space between them")
        }
        try addMerge(words[0], words[1], here)
    }

    private mutating func addMerge(
        _ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>, _ here: String
    ) throws {
        func id(_ token: ArraySlice<UInt8>) throws -> Int32 {
            if let id = vocabulary.id(of: token) { return Int32(id) }
            let text = String(decoding: token, as: UTF8.self)
            throw TokenizerError(.inconsistent, "\(here): \"\(text)\" is not in the vocabulary")
        }
        merges.append(try id(left), try id(right), becoming: try id((left + right)[...]))
        if right.starts(with: Self.mark), !left.suffix(Self.mark.count).elementsEqual(Self.mark) {
            reachesOverMark = true
        }
    }

    /// - Parameter canSplit: whether words are not cut yet, so that marks may cut them.
    func model(isByteLevel: Bool, canSplit: Bool = false) -> BytePairModel {
        var model = BytePairModel(
            merges: merges, scalarSymbols: [], rareScalarSymbols: [:], fusesUnknown: fusesUnknown)
        if isByteLevel {
            model.byteSymbols = ByteAlphabet.encoded.map { Int32(vocabulary.id(of: $0) ?? -1) }
        } else {
            fillScalars(&model)
        }
        if byteFallback {
            model.fallbackBytes = (0..<256).map { byte in
                let digits = String(byte, radix: 16, uppercase: true)
                let token = "<0x" + (digits.count == 1 ? "0" : "") + digits + ">"
                return Int32(vocabulary.id(of: Array(token.utf8)) ?? -1)
            }
        }
        model.unknown = unknown.map { Int32($0) }
        if ignoresMerges { model.wholeWords = vocabulary }
        if canSplit, !reachesOverMark, !ignoresMerges, vocabulary.id(of: Self.mark) != nil {
            model.independentMark = Self.mark
        }
        return model
    }

    private func fillScalars(_ model: inout BytePairModel) {
        model.scalarSymbols = [Int32](repeating: -1, count: 0x1_0000)
        for id in 0..<vocabulary.size {
            guard let token = vocabulary.token(id), let first = token.first,
                UTF8Scalar.length(first) == token.count
            else { continue }
            let scalar = UTF8Scalar.read(Array(token), 0).value
            if scalar < 0x1_0000 {
                model.scalarSymbols[Int(scalar)] = Int32(id)
            } else {
                model.rareScalarSymbols[scalar] = Int32(id)
            }
        }
    }
}
