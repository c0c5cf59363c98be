/// How a stretch of normalised text is cut into the words that are merged separately.
enum PreTokenizer: Sendable {
    /// The whole stretch is one word.
    case none
    /// Words of bytes, cut by GPT-2's pattern or not at all.
    case byteLevel(addsPrefixSpace: Bool, splits: Bool)
    /// Spaces become `mark`; words begin at a mark.
    case metaspace(mark: [UInt8], scheme: PrependScheme, splits: Bool)

    enum PrependScheme: String, Sendable {
        case always, first, never
    }

    var isByteLevel: Bool {
        if case .byteLevel = self { true } else { false }
    }

    /// The stretch as it is cut, with prefix and marks; `isFirst` where it begins the text.
    func prepare(_ stretch: [UInt8], isFirst: Bool) -> [UInt8] {
        if stretch.isEmpty { return stretch }
        switch self {
        case .none: return stretch
        case .byteLevel(let addsPrefixSpace, _):
            return addsPrefixSpace && stretch[0] != 0x20 ? [0x20] + stretch : stretch
        case .metaspace(let mark, let scheme, _):
            let marked = ByteReplacement.replace([0x20], with: mark, in: stretch)
            let prepends = scheme == .always || scheme == .first && isFirst
            return prepends && !marked.starts(with: mark) ? mark + marked : marked
        }
    }

    /// Where the word ends that begins at `start`.
    func wordEnd(_ text: [UInt8], from start: Int) -> Int {
        switch self {
        case .byteLevel(_, true): GPT2Splitter.wordEnd(text, from: start, to: text.count)
        case .metaspace(let mark, _, true):
            ByteReplacement.find(mark, in: text, from: start + 1) ?? text.count
        default: text.count
        }
    }
}
