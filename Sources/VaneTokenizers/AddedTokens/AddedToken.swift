/// A token that is found in the text as it stands, before any splitting.
struct AddedToken: Sendable {
    let id: Int
    let content: [UInt8]
    /// Special tokens are skipped when ids become text.
    var isSpecial = false
    /// Takes the white space before / after it.
    var takesLeft = false
    var takesRight = false
    /// Only where no word character touches it.
    var isSingleWord = false
    /// Looked for in normalised text, in its normalised form.
    var isNormalized = false
}
