import Testing
import VaneConcepts
import VaneSites
import VaneTensors
import VaneTestSupport

@Suite("Harvest of activations", .tags(.law))
struct HarvestTests {
    private let texts = [[17, 80, 42], [5], [100, 81, 7, 9, 11, 250, 3], [17, 80], [42, 42, 42, 42]]
    private let sites: [Site] = [.residual(0), .attentionOutput(1), .residual(2)]

    /// The rows of each text at `site`, each text alone.
    private func rows(_ network: any SteerableNetwork, _ site: Site) throws -> [[[Float]]] {
        try texts.map { tokens in
            let recorder = PlantedRecorder()
            var hooks = Hooks()
            hooks.add(recorder, at: site)
            _ = try lastLogits(network, tokens, hooks)
            return recorder.rows
        }
    }

    @Test("a text's row is the same bits in any batch", arguments: PlantedModels.allCases)
    func batches(model: PlantedModels) throws {
        let network = try model.network()
        let alone = try Harvest(texts, at: sites, in: network, pooling: .mean, batchTokens: 1)
        for tokens in [4, 5, 4096] {
            let together = try Harvest(texts, at: sites, in: network, pooling: .mean, batchTokens: tokens)
            for site in sites {
                let (a, b) = (alone.activations[site]?.elements, together.activations[site]?.elements)
                #expect(a?.map(\.bitPattern) == b?.map(\.bitPattern) && a?.isEmpty == false, "\(site)")
                #expect(alone.typicalNorms[site] == together.typicalNorms[site])
            }
        }
    }

    @Test("last, mean and position pool the rows a tap sees")
    func pooling() throws {
        let network = try PlantedModels.llama.network()
        for site in sites {
            let rows = try rows(network, site)
            func pooled(_ pooling: Pooling, _ texts: [[Int]]) throws -> [[Float]] {
                let values = try #require(
                    Harvest(texts, at: sites, in: network, pooling: pooling).activations[site])
                #expect(values.shape == [texts.count, 48])
                return texts.indices.map { Array(values.elements[$0 * 48..<($0 + 1) * 48]) }
            }
            #expect(try pooled(.last, texts) == rows.map { $0[$0.count - 1] })
            #expect(try pooled(.position(-1), texts) == rows.map { $0[$0.count - 1] })
            #expect(try pooled(.position(0), texts) == rows.map { $0[0] })
            #expect(try pooled(.position(-3), [texts[2]]) == [rows[2][4]])
            #expect(try pooled(.position(5), [texts[2]]) == [rows[2][5]])
            let means = rows.map { rows in
                (0..<48).map { j in Float(rows.reduce(0.0) { $0 + Double($1[j]) } / Double(rows.count)) }
            }
            #expect(try pooled(.mean, texts) == means)
        }
    }

    @Test("tokens are taken evenly, the last among them, each as a row of its own")
    func tokens() throws {
        let network = try PlantedModels.llama.network()
        let long = (0..<20).map { $0 + 3 }
        let harvest = try Harvest([texts[0], long, texts[1]], at: sites, in: network, pooling: .tokens)
        #expect(harvest.rows == [0..<3, 3..<11, 11..<12])
        for site in sites {
            let alone = try rows(network, site)
            let values = try #require(harvest.activations[site])
            #expect(values.shape == [12, 48])
            let rows = (0..<12).map { Array(values.elements[$0 * 48..<($0 + 1) * 48]) }
            #expect(Array(rows[..<3]) == alone[0] && rows[11] == alone[1][0])
            let taken = [1, 4, 6, 9, 11, 14, 16, 19].map { Array(long[...$0]) }
            let last = try Harvest(taken, at: [site], in: network, pooling: .last).activations[site]
            #expect(last.map { Array($0.elements) } == Array(rows[3..<11].joined()))
        }
        #expect(
            try Harvest(texts, at: sites, in: network, pooling: .mean).rows == (0..<5).map { $0..<$0 + 1 })
    }

    @Test("the typical norm is the mean over all tokens")
    func norms() throws {
        let network = try PlantedModels.gpt2.network()
        let harvest = try Harvest(texts, at: [.residual(1)], in: network, pooling: .last)
        let norms = try rows(network, .residual(1)).flatMap { $0 }.map { row in
            PlantedRows.distance(row, row.map { _ in 0 })
        }
        let mean = norms.reduce(0, +) / Double(norms.count)
        #expect(norms.count == 17)
        #expect(abs((harvest.typicalNorms[.residual(1)] ?? 0) - mean) < 1e-9 * mean)
    }

    @Test("a position outside a text, a text without tokens and an unknown site are refused")
    func refused() throws {
        let network = try PlantedModels.gpt2.network()
        func code(_ texts: [[Int]], _ pooling: Pooling) -> ConceptError.Code? {
            do { _ = try Harvest(texts, at: [.residual(0)], in: network, pooling: pooling) } catch {
                return (error as? ConceptError)?.code
            }
            return nil
        }
        #expect(code(texts, .position(1)) == .invalidOption)
        #expect(code(texts, .position(-2)) == .invalidOption)
        #expect(code([texts[0]], .position(3)) == .invalidOption)
        #expect(code([texts[0]], .position(-3)) == nil)
        #expect(code([[1], []], .mean) == .unusableExamples)
        #expect(throws: SiteError.self) {
            try Harvest(texts, at: [.residual(3)], in: network, pooling: .mean)
        }
    }

    @Test("poolings read what they write")
    func descriptions() {
        for pooling in [Pooling.last, .mean, .tokens, .position(3), .position(-7)] {
            #expect(Pooling(pooling.description) == pooling)
        }
        #expect(Pooling("middle") == nil && Pooling("1.5") == nil && Pooling("") == nil)
    }
}
