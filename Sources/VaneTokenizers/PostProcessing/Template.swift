/// The ids that a tokenizer puts around every text.
struct Template: Sendable {
    var before: [Int] = []
    var after: [Int] = []
}
