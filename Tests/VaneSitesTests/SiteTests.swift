import Foundation
import Testing
import VaneSites
import VaneTestSupport

/// Four blocks, three heads.
let layout = NetworkLayout(
    depth: 4, width: 12, heads: 3, headWidth: 4, mlpWidth: 48, vocabulary: 100, maximumPositions: 64)

@Suite("Sites", .tags(.law))
struct SiteTests {
    static let texts: [(Site, String)] = [
        (.embedding, "embedding"), (.residual(0), "blocks[0].residual"),
        (.residual(12), "blocks[12].residual"),
        (.attentionOutput(3), "blocks[3].attention"), (.head(layer: 2, head: 11), "blocks[2].head[11]"),
        (.mlpHidden(7), "blocks[7].mlpHidden"), (.mlpOutput(999_999), "blocks[999999].mlp"),
        (.finalNorm, "finalNorm"), (.logits, "logits"),
    ]

    @Test("a site is written as documented and read back", arguments: texts)
    func roundTrip(site: Site, text: String) throws {
        #expect(site.description == text)
        #expect(Site(text) == site)
        let json = try JSONEncoder().encode([site])
        let written = String(decoding: json, as: UTF8.self)
        #expect(written == "[\"\(text)\"]")
        #expect(try JSONDecoder().decode([Site].self, from: json) == [site])
        #expect(try SiteSelector(text).description == text, "a site's text is a selector too")
    }

    @Test(
        "only the exact text is a site",
        arguments: [
            "", " ", "residual", "blocks", "blocks[]", "blocks[1]", "blocks[1].", "blocks[1].residual ",
            " blocks[1].residual", "blocks[01].residual", "blocks[1..1].residual", "blocks[1..<2].residual",
            "blocks[*].residual", "blocks[1..2].residual", "blocks[-1].residual", "blocks[+1].residual",
            "blocks[1].Residual", "blocks[1].residuals", "blocks[1].head", "blocks[1].head[]",
            "blocks[1].head[*]",
            "blocks[1].head[00]", "blocks[1].head[0..0]", "blocks[1].embedding", "Embedding",
            "embedding,logits",
            "blocks[1].residual,", "blocks[9999999].residual", "blocks[١].residual", "logits\0",
        ])
    func notASite(text: String) throws {
        #expect(Site(text) == nil)
        let json = try JSONEncoder().encode([text])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Site].self, from: json) }
    }

    @Test("sites sort in the order of the forward pass")
    func order() {
        let inOrder: [Site] = [
            .embedding, .head(layer: 0, head: 0), .head(layer: 0, head: 2), .attentionOutput(0),
            .mlpHidden(0),
            .mlpOutput(0), .residual(0), .head(layer: 1, head: 1), .attentionOutput(1), .residual(1),
            .residual(10),
            .finalNorm, .logits,
        ]
        var generator = SystemRandomNumberGenerator()
        #expect(inOrder.shuffled(using: &generator).sorted() == inOrder)
        for (i, a) in inOrder.enumerated() {
            for (j, b) in inOrder.enumerated() { #expect((a < b) == (i < j), "\(a), \(b)") }
        }
    }

    @Test("a site has the width of its activation and the layer it names")
    func widths() throws {
        let widths: [(Site, Int, Int?)] = [
            (.embedding, 12, nil), (.residual(3), 12, 3), (.attentionOutput(0), 12, 0),
            (.mlpOutput(1), 12, 1),
            (.mlpHidden(2), 48, 2), (.head(layer: 1, head: 2), 4, 1), (.finalNorm, 12, nil),
            (.logits, 100, nil),
        ]
        for (site, width, layer) in widths {
            #expect(try layout.width(of: site) == width, "\(site)")
            #expect(site.layer == layer, "\(site)")
        }
    }

    @Test(
        "a site the layout lacks is refused by name",
        arguments: [
            (Site.residual(4), "blocks 0 to 3"), (.residual(-1), "blocks 0 to 3"),
            (.mlpHidden(.max), "blocks 0 to 3"),
            (.head(layer: 4, head: 0), "blocks 0 to 3"), (.head(layer: 0, head: 3), "heads 0 to 2"),
            (.head(layer: 0, head: -1), "heads 0 to 2"),
        ])
    func lacking(site: Site, known: String) {
        let error = #expect(throws: SiteError.self) { try layout.width(of: site) }
        #expect(error?.code == .unknownSite)
        #expect(
            error?.message.hasPrefix("\(site) does not exist") == true
                && error?.message.contains(known) == true)
    }
}
