extension DecodingPlan {
    /// GPT-2's decoder: tokens are bytes in disguise; one with another character in it is plain text.
    static func byteLevel(_ tokens: [[UInt8]]) -> DecodingPlan {
        var plan = DecodingPlan(kind: .byteLevel)
        for token in tokens {
            plan.append(ByteAlphabet.bytes(of: token) ?? token, isByte: false)
        }
        return plan
    }

    /// The `decoder` of a `tokenizer.json`.
    ///
    /// - Parameter tokens: by id, empty where an id is not used.
    static func read(_ place: JSONPlace?, _ tokens: [[UInt8]]) throws -> DecodingPlan {
        guard let place else {
            var plan = pieces(tokens, [])
            plan.separator = [0x20]
            return plan
        }
        switch try place.required("type").string() {
        case "ByteLevel": return byteLevel(tokens)
        case "Metaspace":
            let (mark, scheme) = try TokenizerFile.metaspace(place)
            var plan = pieces(tokens, [.replace(mark, with: [0x20])])
            if scheme != .never {
                plan.firstContent = tokens.map { ByteReplacement.replace(mark, with: [], in: $0) }
            }
            return plan
        case "Sequence":
            let steps = try place.required("decoders").elements()
            if steps.count == 1, try steps[0].required("type").string() == "ByteLevel" {
                return byteLevel(tokens)
            }
            return try sequence(steps, tokens)
        default: return try sequence([place], tokens)
        }
    }

    private enum Step {
        case replace([UInt8], with: [UInt8])
        case strip([UInt8], count: Int)
        case bytes
    }

    /// `Replace` and `Strip` of single tokens, then `ByteFallback`, then `Fuse`, then `Strip` of the text.
    private static func sequence(_ places: [JSONPlace], _ tokens: [[UInt8]]) throws -> DecodingPlan {
        var steps: [Step] = []
        var strip: (content: [UInt8], count: Int)?
        var isFused = false
        var hasBytes = false
        for place in places {
            let type = try place.required("type").string()
            let isLate = isFused || hasBytes
            switch type {
            case "Replace" where !isLate:
                steps.append(
                    .replace(try TokenizerFile.literal(place), with: try place.required("content").bytes()))
            case "Strip" where !isLate:
                let (content, count) = try readStrip(place)
                steps.append(.strip(content, count: count))
            case "ByteFallback" where !isLate:
                steps.append(.bytes)
                hasBytes = true
            case "Fuse" where !isFused: isFused = true
            case "Strip" where isFused && strip == nil: strip = try readStrip(place)
            case "Replace", "Strip", "ByteFallback", "Fuse":
                throw place.error(
                    .unsupported, "\(type) here; the order is Replace or Strip, ByteFallback, Fuse, Strip")
            default: throw place.error(.unsupported, "the decoder \"\(type)\"")
            }
        }
        var plan = pieces(tokens, steps)
        if let strip { plan.strip = strip }
        return plan
    }

    private static func readStrip(_ place: JSONPlace) throws -> (content: [UInt8], count: Int) {
        let stop = try place.required("stop")
        guard try stop.integer(upTo: Int(Int32.max)) == 0 else {
            throw stop.error(.unsupported, "only 0 is supported: nothing is cut from the end")
        }
        let content = try place.required("content").bytes()
        guard let first = content.first, UTF8Scalar.length(first) == content.count else {
            throw place.error(.invalidValue, "the content must be one character")
        }
        return (content, try place.required("start").integer(upTo: 1024))
    }

    private static func pieces(_ tokens: [[UInt8]], _ steps: [Step]) -> DecodingPlan {
        var plan = DecodingPlan(kind: .pieces)
        for token in tokens {
            var text = token
            var isByte = false
            for step in steps {
                switch step {
                case .replace(let wanted, let content):
                    text = ByteReplacement.replace(wanted, with: content, in: text)
                case .strip(let content, let count):
                    for _ in 0..<count where ByteReplacement.matches(content, in: text, at: 0) {
                        text.removeFirst(content.count)
                    }
                case .bytes:
                    if let byte = byte(text) {
                        text = [byte]
                        isByte = true
                    }
                }
            }
            plan.append(text, isByte: isByte)
        }
        return plan
    }

    /// The byte of a token such as `<0x0A>`.
    private static func byte(_ token: [UInt8]) -> UInt8? {
        guard token.count == 6, token.starts(with: "<0x".utf8), token[5] == UInt8(ascii: ">") else {
            return nil
        }
        return UInt8(String(decoding: token[3...4], as: UTF8.self), radix: 16)
    }
}
