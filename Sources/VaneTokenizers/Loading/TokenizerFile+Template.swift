extension TokenizerFile {
    /// The `post_processor`: what is put around a single text.
    static func template(_ place: JSONPlace?, _ vocabulary: Vocabulary) throws -> Template {
        guard let place else { return Template() }
        switch try place.required("type").string() {
        case "ByteLevel": return Template()
        case "TemplateProcessing": return try single(place, vocabulary)
        case "Sequence":
            var result = Template()
            for inner in try place.required("processors").elements() {
                let next = try template(inner, vocabulary)
                result.before = next.before + result.before
                result.after += next.after
            }
            return result
        case let other: throw place.error(.unsupported, "the post_processor \"\(other)\"")
        }
    }

    private static func single(_ place: JSONPlace, _ vocabulary: Vocabulary) throws -> Template {
        var result = Template()
        var seenText = false
        let special = try place.optional("special_tokens")
        for item in try place.required("single").elements() {
            if let token = try item.optional("SpecialToken") {
                let ids = try ids(of: token.required("id"), in: special, vocabulary)
                if seenText { result.after += ids } else { result.before += ids }
            } else if let sequence = try item.optional("Sequence") {
                let id = try sequence.required("id")
                guard try id.string() == "A", !seenText else {
                    throw id.error(.unsupported, "a template for one text must have \"A\" once and no other")
                }
                seenText = true
            } else {
                throw item.error(.unsupported, "expected \"SpecialToken\" or \"Sequence\"")
            }
        }
        if !seenText { throw place.error(.invalidValue, "the template \"single\" does not contain the text") }
        return result
    }

    private static func ids(
        of name: JSONPlace, in special: JSONPlace?, _ vocabulary: Vocabulary
    ) throws -> [Int] {
        let wanted = try name.bytes()
        guard let special, let member = try special.members().last(where: { $0.key == wanted }) else {
            throw name.error(.inconsistent, "\"\(try name.string())\" is not among the special_tokens")
        }
        let place = JSONPlace(document: member.value, name: special.path + "." + (try name.string()))
        return try place.required("ids").elements().map { element in
            let id = try element.integer(upTo: Vocabulary.highestID)
            guard vocabulary.token(id) != nil else {
                throw element.error(.inconsistent, "there is no token with the id \(id)")
            }
            return id
        }
    }
}
