import ArgumentParser
import Foundation
import Vane

/// A concept by words instead of examples.
struct WordOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Words of the concept, such as happy,joy: its direction comes from the model's vocabulary alone. Untested "
                + "without examples.", valueName: "words"))
    var words: String?

    @Option(help: ArgumentHelp("With --words: words of the opposite, such as sad,grief.", valueName: "words"))
    var against: String?

    @Option(
        name: .customLong("description"),
        help: ArgumentHelp("As --words, of the words of a description that carry meaning.", valueName: "text")
    )
    var gist: String?

    /// Whether there are any.
    var areGiven: Bool { words != nil || gist != nil }

    /// The words of the concept.
    var own: [String] { words.map(Self.list) ?? gist.map(WordDirection.words(in:)) ?? [] }

    /// The words of the opposite.
    var others: [String] { against.map(Self.list) ?? [] }

    /// How provenance names them.
    var source: String { Engine.source(ofWords: own, against: others) }

    /// The words of an argument with commas between them.
    static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    func validate() throws {
        guard words == nil || gist == nil else {
            throw ValidationError("give either --words or --description")
        }
        guard against == nil || areGiven else {
            throw ValidationError("--against belongs to --words or --description")
        }
        guard !areGiven || !own.isEmpty else {
            throw ValidationError(
                words == nil
                    ? "--description has no word that carries meaning; name some with --words"
                    : "--words needs words with commas between them")
        }
        guard against == nil || !others.isEmpty else {
            throw ValidationError("--against needs words with commas between them")
        }
    }
}
