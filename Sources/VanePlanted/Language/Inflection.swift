/// English inflection by rule, with irregular forms written out in the lexicon.
///
/// A lexicon entry is `base`, `base/past/participle`, with `!` after the base where the last consonant doubles
/// (`plan!`). The first word of a phrase is the one inflected.
enum Inflection {
    /// The realisations of an entry in a form, with the tags that the form adds.
    static func forms(of entry: String, form: String) -> [(String, Tags)] {
        if form == "" { return [(entry == "_" ? "" : entry, Tags())] }
        if form == "pl" { return [(onLast(entry, plural), Tags())] }
        if entry == "be" { return formsOfBe(form) }
        var parts = entry.split(separator: "/").map(String.init)
        let doubles = parts[0].contains("!")
        parts[0] = parts[0].replacing("!", with: "")
        let words = parts[0].split(separator: " ", maxSplits: 1).map(String.init)
        let (verb, rest) = (words[0], words.count > 1 ? " " + words[1] : "")
        let stem = doubles ? verb + String(verb.suffix(1)) : verb
        let past = (parts.count > 1 ? parts[1] : regularPast(stem)) + rest
        let participle = (parts.count > 2 ? parts[2] : parts.count > 1 ? parts[1] : regularPast(stem)) + rest
        let third = (verb == "have" ? "has" : plural(verb)) + rest
        let base = verb + rest
        switch form {
        case "s":
            return [
                (past, Tags("tense=past")), (base, Tags("tense=present person=first")),
                (third, Tags("tense=present person=third")), ("will " + base, Tags("tense=future")),
            ]
        case "3":
            return [
                (past, Tags("tense=past")), (third, Tags("tense=present")),
                ("will " + base, Tags("tense=future")),
            ]
        case "p":
            return [
                (past, Tags("tense=past")), (base, Tags("tense=present")),
                ("will " + base, Tags("tense=future")),
            ]
        case "0": return [(base, Tags())]
        case "ing": return [(gerund(stem) + rest, Tags())]
        case "ed": return [(participle, Tags())]
        default: preconditionFailure("unknown form \(form)")
        }
    }

    private static func formsOfBe(_ form: String) -> [(String, Tags)] {
        let future = ("will be", Tags("tense=future"))
        switch form {
        case "s":
            return [
                ("was", Tags("tense=past")), ("am", Tags("tense=present person=first")),
                ("is", Tags("tense=present person=third")), future,
            ]
        case "3": return [("was", Tags("tense=past")), ("is", Tags("tense=present")), future]
        case "p": return [("were", Tags("tense=past")), ("are", Tags("tense=present")), future]
        case "0": return [("be", Tags())]
        default: preconditionFailure("unknown form of be: \(form)")
        }
    }

    private static func onLast(_ phrase: String, _ change: (String) -> String) -> String {
        guard let space = phrase.lastIndex(of: " ") else { return change(phrase) }
        return phrase[...space] + change(String(phrase[phrase.index(after: space)...]))
    }

    private static func endsInConsonantY(_ word: String) -> Bool {
        word.hasSuffix("y") && !"aeiou".contains(word.dropLast().last ?? "a")
    }

    /// The `-s` form of a noun or a verb.
    static func plural(_ word: String) -> String {
        if endsInConsonantY(word) { return word.dropLast() + "ies" }
        if word.hasSuffix("man") { return word.dropLast(3) + "men" }
        if word.hasSuffix("knife") { return word.dropLast(2) + "ves" }
        if word.hasSuffix("quiz") { return word + "zes" }
        if ["go", "do", "tomato"].contains(word) { return word + "es" }
        if ["s", "x", "z", "ch", "sh"].contains(where: word.hasSuffix) { return word + "es" }
        return word + "s"
    }

    static func regularPast(_ word: String) -> String {
        if endsInConsonantY(word) { return word.dropLast() + "ied" }
        return word + (word.hasSuffix("e") ? "d" : "ed")
    }

    static func gerund(_ word: String) -> String {
        if word.hasSuffix("ie") { return word.dropLast(2) + "ying" }
        if word.hasSuffix("e") && !word.hasSuffix("ee") && !word.hasSuffix("ye") {
            return word.dropLast() + "ing"
        }
        return word + "ing"
    }

    /// Whether `an` goes before `word`.
    static func takesAn(_ word: String) -> Bool {
        let lower = word.lowercased()
        if ["hour", "honest", "honour", "heir"].contains(where: lower.hasPrefix) { return true }
        if ["uni", "use", "usual", "one", "eu", "ut"].contains(where: lower.hasPrefix) {
            return lower.hasPrefix("unim") || lower.hasPrefix("unin") || lower.hasPrefix("utt")
        }
        return lower.first.map("aeiou".contains) ?? false
    }
}
