import CVaneKernels
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A key-value cache whose unwritten places hold NaN.
private struct Problem {
    let heads: Int, kvHeads: Int, headDim: Int, tokens: Int, window: Int
    let capacity: Int
    let queries: [Float], newKeys: [Float], newValues: [Float]
    let scale: Float = 0.3
    let keys: Buffer, values: Buffer

    var width: Int { heads * headDim }
    var kvWidth: Int { kvHeads * headDim }
    var context: String { "\(heads)/\(kvHeads) heads of \(headDim), \(tokens) tokens, window \(window)" }

    init(heads: Int, kvHeads: Int, headDim: Int, tokens: Int, window: Int) {
        (self.heads, self.kvHeads, self.headDim) = (heads, kvHeads, headDim)
        (self.tokens, self.window) = (tokens, window)
        capacity = (tokens + 15) / 16 * 16 + 16
        var random = Random(UInt64(heads * 100 + headDim + tokens))
        queries = random.floats(tokens * heads * headDim)
        newKeys = random.floats(tokens * kvHeads * headDim)
        newValues = random.floats(tokens * kvHeads * headDim)
        keys = Buffer(repeating: .nan, count: kvHeads * capacity * headDim)
        values = Buffer(repeating: .nan, count: kvHeads * capacity * headDim)
    }

    func append(_ range: Range<Int>) {
        let skipped = range.lowerBound * kvWidth
        vk_append_cache(
            keys.base, values.base, Array(newKeys[skipped...]), kvWidth, Array(newValues[skipped...]),
            kvWidth,
            range.count, range.lowerBound, capacity, kvHeads, headDim)
    }

    /// Attention of the queries in `range`, in one call.
    func attend(_ range: Range<Int>) -> [Float] {
        let input = Buffer(Array(queries[range.lowerBound * width..<range.upperBound * width]))
        let output = Buffer(repeating: 99, count: range.count * width)
        let scratch = Buffer(repeating: .nan, count: vk_attention_scratch(range.upperBound))
        var sequence = vk_attention_sequence(
            queries: input.base, output: output.base, keys: keys.base, values: values.base,
            tokens: range.count, first_position: range.lowerBound, capacity: capacity)
        return withExtendedLifetime((input, output, scratch)) {
            vk_attention(&sequence, 1, heads, kvHeads, headDim, width, width, scale, window, scratch.base)
            return output.values
        }
    }

    func reference() -> [Double] {
        var result = [Double](repeating: 0, count: tokens * width)
        for token in 0..<tokens {
            let first = window > 0 ? max(0, token - window + 1) : 0
            for head in 0..<heads {
                let offset = head / (heads / kvHeads) * headDim, query = token * width + head * headDim
                let scores = (first...token).map { position in
                    (0..<headDim).reduce(0.0) {
                        $0 + Double(queries[query + $1]) * Double(newKeys[position * kvWidth + offset + $1])
                    } * Double(scale)
                }
                let most = scores.max() ?? 0
                let weights = scores.map { exp($0 - most) }
                let sum = weights.reduce(0, +)
                for j in 0..<headDim {
                    result[query + j] = weights.indices.reduce(0.0) {
                        $0 + weights[$1] / sum * Double(newValues[(first + $1) * kvWidth + offset + j])
                    }
                }
            }
        }
        return result
    }
}

extension KernelTests {
    @Suite(.serialized)
    struct Attention {
        static let problems = [
            (1, 1, 8, 1, 0), (2, 1, 8, 19, 0), (4, 2, 64, 35, 0), (2, 2, 80, 33, 0), (2, 1, 17, 50, 0),
            (4, 2, 64, 53, 20), (2, 1, 80, 40, 16), (2, 2, 8, 70, 37), (1, 1, 64, 20, 1), (3, 1, 48, 150, 3),
        ]

        @Test(
            "Attention agrees with double arithmetic, and prefill equals single decodes bit for bit",
            arguments: problems)
        func attention(shape: (Int, Int, Int, Int, Int)) {
            let problem = Problem(
                heads: shape.0, kvHeads: shape.1, headDim: shape.2, tokens: shape.3, window: shape.4)
            problem.append(0..<problem.tokens)
            let expected = problem.reference()
            let runs = onEach { _ in problem.attend(0..<problem.tokens) }
            expectClose(runs[0].result, expected, problem.context) { _ in 2e-6 }
            expectSameBits(runs, problem.context)
            for run in onEach({ _ in (0..<problem.tokens).flatMap { problem.attend($0..<$0 + 1) } }) {
                #expect(bits(run.result) == bits(runs[0].result), "\(run.simd): \(problem.context)")
            }
            // Chunks that start anywhere in a block.
            for run in onEach({ _ in
                stride(from: 0, to: problem.tokens, by: 7).flatMap {
                    problem.attend($0..<min($0 + 7, problem.tokens))
                }
            }) {
                #expect(bits(run.result) == bits(runs[0].result), "\(run.simd), chunks: \(problem.context)")
            }
        }

        @Test("A query sees neither later positions nor what the cache held before")
        func laterPositions() {
            let whole = Problem(heads: 2, kvHeads: 1, headDim: 64, tokens: 45, window: 0)
            whole.append(0..<45)
            let expected = onEach { _ in whole.attend(0..<45) }
            // The same, with the cache filled just in time: everything later is still NaN.
            for run in onEach({ _ in
                let problem = Problem(heads: 2, kvHeads: 1, headDim: 64, tokens: 45, window: 0)
                return (0..<45).flatMap { token in
                    problem.append(token..<token + 1)
                    return problem.attend(token..<token + 1)
                }
            }) {
                #expect(bits(run.result) == bits(expected[0].result), "\(run.simd)")
            }
            // Prefill over a future of infinities: within one tile of queries too, only the last may see it.
            let poisoned = Problem(heads: 1, kvHeads: 1, headDim: 8, tokens: 6, window: 0)
            poisoned.append(0..<6)
            let clean = poisoned.attend(0..<6)
            for j in 0..<8 { poisoned.values.base[5 * 8 + j] = .infinity }
            for run in onEach({ _ in poisoned.attend(0..<6) }) {
                #expect(bits(Array(run.result.prefix(40))) == bits(Array(clean.prefix(40))), "\(run.simd)")
                #expect(run.result.suffix(8).allSatisfy { $0 == .infinity }, "\(run.simd)")
            }
        }

        @Test("Several sequences in one call are those sequences alone, on any number of threads")
        func batches() {
            let problems = [33, 1, 80, 0, 17].map {
                Problem(heads: 4, kvHeads: 2, headDim: 64, tokens: $0, window: 0)
            }
            for problem in problems { problem.append(0..<problem.tokens) }
            let alone = problems.map { bits($0.attend(0..<$0.tokens)) }
            for run in withThreads(
                [1, 2, 3],
                {
                    let inputs = problems.map { Buffer($0.queries) }
                    let outputs = problems.map { Buffer(repeating: 99, count: $0.queries.count) }
                    let sequences = problems.indices.map { i in
                        vk_attention_sequence(
                            queries: inputs[i].base, output: outputs[i].base, keys: problems[i].keys.base,
                            values: problems[i].values.base, tokens: problems[i].tokens, first_position: 0,
                            capacity: problems[i].capacity)
                    }
                    let scratch = Buffer(repeating: .nan, count: vk_attention_scratch(80))
                    return withExtendedLifetime((inputs, outputs, scratch)) {
                        vk_attention(sequences, sequences.count, 4, 2, 64, 256, 256, 0.3, 0, scratch.base)
                        return outputs.map { bits($0.values) }
                    }
                })
            {
                #expect(run.result == alone, "\(run.threads) threads")
            }
        }

        @Test("Appending in pieces fills the cache like appending at once, and touches nothing else")
        func append() {
            let (once, pieces) = (problem(), problem())
            once.append(0..<600)
            var start = 0
            for length in [1, 15, 16, 1, 2, 30, 17, 118, 400] {
                pieces.append(start..<start + length)
                start += length
            }
            #expect(start == 600)
            #expect(bits(once.keys.values) == bits(pieces.keys.values))
            #expect(bits(once.values.values) == bits(pieces.values.values))
            let written = once.keys.values.filter { !$0.isNaN }.count
            #expect(written == 600 * once.kvWidth)
            for (position, head, j) in [(0, 0, 0), (17, 1, 3), (599, 1, 7)] {
                let key = once.keys.values[
                    ((head * once.capacity / 16 + position / 16) * 8 + j) * 16 + position % 16]
                #expect(key == once.newKeys[position * once.kvWidth + head * 8 + j], "position \(position)")
            }
        }

        private func problem() -> Problem {
            Problem(heads: 2, kvHeads: 2, headDim: 8, tokens: 600, window: 0)
        }
    }
}
