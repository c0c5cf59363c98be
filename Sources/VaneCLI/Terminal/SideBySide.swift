import Foundation

/// Words with the shade they are shown in, laid out in columns.
struct ShadedText {
    /// Pieces of text and their values, in order; a word may be made of several pieces.
    let pieces: [(text: String, value: Double)]

    /// Lines of at most `width` characters, broken between words, each character with its value.
    func lines(width: Int) -> [[(Character, Double)]] {
        var lines: [[(Character, Double)]] = [[]]
        var word: [(Character, Double)] = []
        func endWord() {
            guard !word.isEmpty else { return }
            if !lines[lines.count - 1].isEmpty && lines[lines.count - 1].count + word.count > width {
                lines.append([])
            }
            while word.count > width {
                lines[lines.count - 1] += word.prefix(width)
                word.removeFirst(width)
                lines.append([])
            }
            lines[lines.count - 1] += word
            word = []
        }
        for (text, value) in pieces {
            for character in text {
                if character.isNewline {
                    endWord()
                    lines.append([])
                } else if character == " " {
                    endWord()
                    if !lines[lines.count - 1].isEmpty && lines[lines.count - 1].count < width {
                        lines[lines.count - 1].append((character, value))
                    }
                } else if character.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) {
                    // Control characters of a hostile model never reach the terminal.
                    word.append((character, value))
                }
            }
        }
        endWord()
        return lines
    }
}

extension Terminal {
    /// One line, runs of equal value coloured together.
    func render(_ line: [(Character, Double)]) -> String {
        var result = ""
        var start = 0
        while start < line.count {
            var end = start
            while end < line.count, line[end].1 == line[start].1 || (line[end].1.isNaN && line[start].1.isNaN)
            { end += 1 }
            let text = String(line[start..<end].map(\.0))
            result += line[start].1.isNaN ? text : heat(text, line[start].1)
            start = end
        }
        return result
    }

    /// Two texts beside each other under their titles.
    func sideBySide(_ left: (title: String, text: ShadedText), _ right: (title: String, text: ShadedText))
        -> String
    {
        let column = (width - 3) / 2
        let (a, b) = (left.text.lines(width: column), right.text.lines(width: column))
        func padded(_ text: String, _ count: Int) -> String {
            text + String(repeating: " ", count: max(0, column - count))
        }
        var result = [
            bold(padded(String(left.title.prefix(column)), min(left.title.count, column))) + " │ "
                + bold(String(right.title.prefix(column)))
        ]
        for i in 0..<max(a.count, b.count) {
            let first = i < a.count ? a[i] : []
            let second = i < b.count ? b[i] : []
            result.append(padded(render(first), first.count) + " │ " + render(second))
        }
        return result.joined(separator: "\n")
    }
}
