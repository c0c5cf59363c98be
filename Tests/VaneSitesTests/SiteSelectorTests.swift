import Testing
import VaneSites
import VaneTestSupport

@Suite("Site selectors")
struct SiteSelectorTests {
    /// A text, its one spelling, and the sites it means in `layout`.
    static let meanings: [(text: String, spelling: String, sites: [Site])] = [
        ("blocks[1].residual", "blocks[1].residual", [.residual(1)]),
        ("blocks[1..<3].residual", "blocks[1..2].residual", [.residual(1), .residual(2)]),
        ("blocks[1..3].residual", "blocks[1..3].residual", [.residual(1), .residual(2), .residual(3)]),
        ("blocks[1...3].residual", "blocks[1..3].residual", [.residual(1), .residual(2), .residual(3)]),
        ("blocks[2..2].mlp", "blocks[2].mlp", [.mlpOutput(2)]),
        ("blocks[003].mlp", "blocks[3].mlp", [.mlpOutput(3)]),
        ("blocks[*].attention", "blocks[*].attention", (0..<4).map { .attentionOutput($0) }),
        ("blocks[*].mlpHidden", "blocks[*].mlpHidden", (0..<4).map { .mlpHidden($0) }),
        (
            "blocks[3].head[1..2]", "blocks[3].head[1..2]",
            [.head(layer: 3, head: 1), .head(layer: 3, head: 2)]
        ),
        (
            "blocks[0..1].head[2]", "blocks[0..1].head[2]",
            [.head(layer: 0, head: 2), .head(layer: 1, head: 2)]
        ),
        ("blocks[0].head[*]", "blocks[0].head[*]", (0..<3).map { .head(layer: 0, head: $0) }),
        ("blocks[0].head", "blocks[0].head[*]", (0..<3).map { .head(layer: 0, head: $0) }),
        ("logits, embedding", "logits,embedding", [.embedding, .logits]),
        (
            "finalNorm,blocks[0].mlp , blocks[0].mlp", "finalNorm,blocks[0].mlp,blocks[0].mlp",
            [.mlpOutput(0), .finalNorm]
        ),
        (
            "blocks[2..3].residual,blocks[*].residual", "blocks[2..3].residual,blocks[*].residual",
            (0..<4).map { .residual($0) }
        ),
    ]

    @Test(
        "a text means its sites, in the order of the pass, each once", .tags(.law),
        arguments: meanings.indices)
    func meaning(index: Int) throws {
        let (text, spelling, sites) = SiteSelectorTests.meanings[index]
        let selector = try SiteSelector(text)
        #expect(try selector.sites(in: layout) == sites)
        #expect(selector.description == spelling)
        #expect(try SiteSelector(spelling) == selector, "the spelling means the same")
    }

    @Test("the ready-made selectors are what their texts say")
    func readyMade() throws {
        #expect(try SiteSelector.residuals(1...2) == SiteSelector("blocks[1..2].residual"))
        #expect(try SiteSelector.allResiduals == SiteSelector("blocks[*].residual"))
    }

    @Test(
        "a malformed text is refused and quoted",
        arguments: [
            "", "   ", "x", "block[1].residual", "blocks", "blocks[", "blocks]", "blocks[]", "blocks[1]",
            "blocks[1].",
            "blocks[1]residual", "blocks[1]..residual", "blocks[1].foo", "blocks[1].logits",
            "blocks[a].residual",
            "blocks[-1].residual", "blocks[1.5].residual", "blocks[1..].residual", "blocks[..1].residual",
            "blocks[..].residual", "blocks[3..1].residual", "blocks[3..<3].residual", "blocks[1..<].residual",
            "blocks[1....3].residual", "blocks[1..2..3].residual", "blocks[1 2].residual",
            "blocks[ 1].residual",
            "blocks[**].residual", "blocks[1].head[", "blocks[1].head]", "blocks[1].head[]",
            "blocks[1].head[a]",
            "blocks[1].head[2..1]", "blocks[1].head[1].x", "blocks[1].residual[1]",
            "blocks[9999999].residual",
            "blocks[99999999999999999999].residual", "blocks[１].residual", "embedding[1]", "EMBEDDING",
            "blocks[1].residual;",
        ])
    func malformed(text: String) {
        let error = #expect(throws: SiteError.self) { try SiteSelector(text) }
        #expect(error?.code == .malformedSelector)
        #expect(error?.message.contains("'\(text.drop { $0 == " " })'") == true, "\(error?.message ?? "")")
    }

    @Test(
        "in a list the bad part is quoted",
        arguments: ["logits,", ",logits", "logits,,embedding", "logits,bad"])
    func badPart(text: String) {
        let error = #expect(throws: SiteError.self) { try SiteSelector(text) }
        #expect(error?.message.contains(text.contains("bad") ? "'bad'" : "''") == true)
    }

    @Test(
        "layers and heads the model lacks are refused when resolved",
        arguments: [
            ("blocks[4].residual", "layer 4", "layers 0 to 3"),
            ("blocks[2..9].mlp", "layer 9", "layers 0 to 3"),
            ("blocks[0].head[3]", "head 3", "heads 0 to 2"),
            ("logits,blocks[4].mlp", "layer 4", "layers 0 to 3"),
        ])
    func unknown(text: String, missing: String, known: String) throws {
        let selector = try SiteSelector(text)
        let error = #expect(throws: SiteError.self) { try selector.sites(in: layout) }
        #expect(error?.code == .unknownSite)
        #expect(
            error?.message.hasPrefix("\(missing) does not exist") == true
                && error?.message.contains(known) == true)
    }

    @Test("a layout without blocks has no block sites, rather than a crash")
    func noBlocks() throws {
        let empty = NetworkLayout(
            depth: 0, width: 1, heads: 0, headWidth: 1, mlpWidth: 1, vocabulary: 1, maximumPositions: 1)
        let error = #expect(throws: SiteError.self) { try SiteSelector.allResiduals.sites(in: empty) }
        #expect(error?.code == .unknownSite)
        #expect(try SiteSelector("embedding").sites(in: empty) == [.embedding])
    }

    @Test("ranges of layers are read in each notation")
    func ranges() {
        let readings: [(String, ClosedRange<Int>?)] = [
            ("4", 4...4), ("4..6", 4...6), ("4...6", 4...6), ("4..<7", 4...6), ("4..4", 4...4),
            ("4..<5", 4...4),
            ("0", 0...0), ("999999", 999_999...999_999), ("4..<4", nil), ("6..4", nil), ("", nil),
            ("..", nil),
            ("a..b", nil), ("-1..2", nil), ("1000000", nil), ("4..<", nil), ("4 .. 6", nil),
        ]
        for (text, range) in readings { #expect(LayerRange.parse(text) == range, "\(text)") }
    }
}
