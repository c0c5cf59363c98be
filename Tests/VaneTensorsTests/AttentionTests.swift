import Foundation
import Testing
import VaneTensors
import VaneTestSupport

@Suite("Attention and its cache", .tags(.law))
struct AttentionTests {
    private func cache(_ keys: Tensor, _ values: Tensor, heads: Int, pieces: [Int]? = nil) throws
        -> AttentionCache
    {
        var cache = AttentionCache(heads: heads, headWidth: keys.shape[1] / heads)
        var start = 0
        for length in pieces ?? [keys.shape[0]] {
            let rows = start..<start + length
            try cache.append(keys: keys.rows(rows), values: values.rows(rows))
            start += length
        }
        return cache
    }

    @Test(
        "it agrees with plain loops, with windows and grouped heads",
        arguments: [(1, 1, 0), (4, 4, 0), (6, 2, 0), (4, 1, 0), (4, 4, 5), (6, 3, 17), (2, 2, 1)])
    func plainLoops(heads: Int, keyValueHeads: Int, window: Int) throws {
        let width = 10
        for (length, tokens) in [(1, 1), (5, 5), (40, 40), (70, 9), (65, 1)] {
            let q = try Tensor.normal([tokens, heads * width], seed: 1)
            let k = try Tensor.normal([length, keyValueHeads * width], seed: 2)
            let v = try Tensor.normal([length, keyValueHeads * width], seed: 3)
            let (qs, ks, vs) = (q.doubles, k.doubles, v.doubles)
            var expected = [[Double]](repeating: [Double](repeating: 0, count: heads * width), count: tokens)
            for token in 0..<tokens {
                let position = length - tokens + token
                let first = window == 0 ? 0 : max(0, position - window + 1)
                for head in 0..<heads {
                    let source = head / (heads / keyValueHeads)
                    let scores = (first...position).map { t in
                        0.3
                            * (0..<width).reduce(0.0) {
                                $0 + qs[token][head * width + $1] * ks[t][source * width + $1]
                            }
                    }
                    let weights = scores.map { exp($0 - (scores.max() ?? 0)) }
                    let sum = weights.reduce(0, +)
                    for (weight, t) in zip(weights, first...position) {
                        for i in 0..<width {
                            expected[token][head * width + i] += weight / sum * vs[t][source * width + i]
                        }
                    }
                }
            }
            let result = try q.attention(
                sequences: [(0..<tokens, cache(k, v, heads: keyValueHeads))], heads: heads, scale: 0.3,
                window: window)
            // Means of normal numbers: single precision through two sums of at most 70 terms.
            expectClose(result, expected, "\(length) keys, \(tokens) queries") { _, _ in 4e-6 }
        }
    }

    @Test("several sequences in one call give the bits of each alone, and of a strided view")
    func sequences() throws {
        let joined = try Tensor.normal([20, 3 * 24], seed: 4)
        let (q, k, v) = (try joined.columns(0..<24), try joined.columns(24..<48), try joined.columns(48..<72))
        let ranges = [0..<3, 3..<4, 4..<20]
        let caches = try ranges.map { try cache(k.rows($0), v.rows($0), heads: 4) }
        let sequences = zip(ranges, caches).map { (rows: $0, cache: $1) }
        let together = try q.attention(sequences: sequences, heads: 4, scale: 1)
        for (rows, cache) in sequences {
            let alone = try q.rows(rows).copied().attention(
                sequences: [(0..<rows.count, cache)], heads: 4, scale: 1)
            #expect(try bits(together.rows(rows)) == bits(alone), "rows \(rows)")
        }
        #expect(try q.attention(sequences: [], heads: 4, scale: 1).shape == [20, 24])
    }

    @Test("growth keeps the content: any way of appending gives the same bits")
    func growth() throws {
        let k = try Tensor.normal([300, 16], seed: 5)
        let v = try Tensor.normal([300, 16], seed: 6)
        let q = try Tensor.normal([3, 16], seed: 7)
        let reference = try q.attention(sequences: [(0..<3, cache(k, v, heads: 2))], heads: 2, scale: 1)
        for pieces in [
            [Int](repeating: 1, count: 300), [63, 1, 1, 127, 108], [64, 64, 172], [299, 1], [0, 300, 0],
        ] {
            let grown = try cache(k, v, heads: 2, pieces: pieces)
            #expect(grown.count == 300)
            let result = try q.attention(sequences: [(0..<3, grown)], heads: 2, scale: 1)
            #expect(bits(result) == bits(reference), "\(pieces.prefix(5))")
        }
    }

    @Test("a cache is a value: appending to a copy leaves the original")
    func copies() throws {
        for length in [1, 16, 63, 64, 65] {
            let k = try Tensor.normal([length, 8], seed: 8)
            let v = try Tensor.normal([length, 8], seed: 9)
            let q = try Tensor.normal([1, 8], seed: 10)
            func look(_ cache: AttentionCache) throws -> [UInt32] {
                bits(try q.attention(sequences: [(0..<1, cache)], heads: 2, scale: 1))
            }
            let original = try cache(k, v, heads: 2)
            let before = try look(original)
            var (left, right) = (original, original)
            for step in 0..<3 {
                try left.append(keys: .normal([2, 8], seed: 11), values: .normal([2, 8], seed: 12))
                try right.append(keys: .normal([2, 8], seed: 13), values: .normal([2, 8], seed: 14))
                #expect(original.count == length && left.count == length + 2 * (step + 1))
                #expect(try look(original) == before, "length \(length), step \(step)")
                #expect(
                    try look(left) != before && look(left) != look(right), "length \(length), step \(step)")
            }
        }
    }
}
