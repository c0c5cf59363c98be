import Foundation
import Testing
import VaneSites
import VaneTestSupport

@Suite("Token scopes")
struct TokenScopeTests {
    /// The positions each scope covers when rows `first ..< first + rows` pass.
    private func positions(_ scope: TokenScope, first: Int, rows: Int, prompt: Int) -> Range<Int> {
        var values = [Float](repeating: 0, count: max(rows, 1))
        return values.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return 0..<0 }
            let covered = Activation(
                site: .embedding, base: base, rows: rows, width: 1, rowStride: 1, firstPosition: first,
                promptLength: prompt
            ).rows(in: scope)
            return covered.lowerBound + first..<covered.upperBound + first
        }
    }

    @Test("the last prompt position chooses the first generated token, so it counts as generated")
    func examples() {
        // A prompt of 5 at once, then single tokens.
        #expect(positions(.prompt, first: 0, rows: 5, prompt: 5) == 0..<4)
        #expect(positions(.generated, first: 0, rows: 5, prompt: 5) == 4..<5)
        #expect(positions(.all, first: 0, rows: 5, prompt: 5) == 0..<5)
        #expect(positions(.prompt, first: 5, rows: 1, prompt: 5).isEmpty)
        #expect(positions(.generated, first: 5, rows: 1, prompt: 5) == 5..<6)
        // In pieces: 0...2, then 3...4.
        #expect(positions(.prompt, first: 0, rows: 3, prompt: 5) == 0..<3)
        #expect(positions(.generated, first: 0, rows: 3, prompt: 5).isEmpty)
        #expect(positions(.prompt, first: 3, rows: 2, prompt: 5) == 3..<4)
        #expect(positions(.generated, first: 3, rows: 2, prompt: 5) == 4..<5)
        // A prompt of one token has no state that only reads.
        #expect(positions(.prompt, first: 0, rows: 1, prompt: 1).isEmpty)
        #expect(positions(.generated, first: 0, rows: 1, prompt: 1) == 0..<1)
    }

    @Test("prompt and generated divide all rows, the same positions however the rows come", .tags(.law))
    func partition() {
        for prompt in 0...7 {
            for length in 1...9 {
                let whole = positions(.generated, first: 0, rows: length, prompt: prompt)
                var pieces: Set<Int> = []
                for first in 0..<length {
                    for rows in 0...(length - first) {
                        let reading = positions(.prompt, first: first, rows: rows, prompt: prompt)
                        let choosing = positions(.generated, first: first, rows: rows, prompt: prompt)
                        let comment: Comment = "prompt \(prompt), rows \(first)..<\(first + rows)"
                        #expect(reading.lowerBound == first && choosing.upperBound == first + rows, comment)
                        #expect(reading.upperBound == choosing.lowerBound, comment)
                        #expect(
                            positions(.all, first: first, rows: rows, prompt: prompt) == first..<first + rows,
                            comment)
                        #expect(choosing.allSatisfy(whole.contains), comment)
                        if rows == 1 { pieces.formUnion(choosing) }
                    }
                }
                #expect(pieces == Set(whole), "prompt \(prompt), length \(length)")
            }
        }
    }

    @Test("scopes and identities are written by name and read back")
    func codable() throws {
        let json = try JSONEncoder().encode(TokenScope.allCases)
        #expect(String(decoding: json, as: UTF8.self) == "[\"prompt\",\"generated\",\"all\"]")
        let identity = ModelIdentity(
            name: "n", architecture: "gpt2", fingerprint: "f", tokenizerFingerprint: "t", layout: layout)
        let again = try JSONDecoder().decode(ModelIdentity.self, from: JSONEncoder().encode(identity))
        #expect(again == identity && again.layout == layout)
    }
}
