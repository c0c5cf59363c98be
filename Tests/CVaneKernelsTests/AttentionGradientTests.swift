import CVaneKernels
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One sequence with rows further apart than they are wide; what lies between holds NaN.
private struct Problem {
    let heads: Int, kvHeads: Int, headDim: Int, tokens: Int, window: Int
    let queries: [Float], keys: [Float], values: [Float], doutput: [Float]
    let scale: Float = 0.3

    var width: Int { heads * headDim }
    var kvWidth: Int { kvHeads * headDim }
    var queryStride: Int { width + 3 }
    var keyStride: Int { kvWidth + 5 }
    var valueStride: Int { kvWidth + 2 }
    var outputStride: Int { width + 1 }
    var context: String { "\(heads)/\(kvHeads) heads of \(headDim), \(tokens) tokens, window \(window)" }

    init(heads: Int, kvHeads: Int, headDim: Int, tokens: Int, window: Int) {
        (self.heads, self.kvHeads, self.headDim) = (heads, kvHeads, headDim)
        (self.tokens, self.window) = (tokens, window)
        var random = Random(UInt64(heads * 100 + headDim + tokens))
        queries = random.floats(tokens * heads * headDim)
        keys = random.floats(tokens * kvHeads * headDim)
        values = random.floats(tokens * kvHeads * headDim)
        doutput = random.floats(tokens * heads * headDim)
    }

    func spread(_ x: [Float], _ width: Int, _ stride: Int) -> Buffer {
        Buffer(
            (0..<tokens).flatMap { row in
                Array(x[row * width..<(row + 1) * width])
                    + [Float](repeating: .nan, count: stride - width)
            })
    }

    /// dq, dk and dv behind one another; fails if anything between the rows was written.
    func gather(_ buffer: Buffer, _ width: Int, _ stride: Int) -> [Float] {
        let all = buffer.values
        #expect((0..<all.count).allSatisfy { $0 % stride < width || all[$0] == 99 }, "\(context)")
        return (0..<tokens).flatMap { Array(all[$0 * stride..<$0 * stride + width]) }
    }

    /// Weights of the query at `token` of `head`, the first for position `first`.
    func weights(_ token: Int, _ head: Int, _ q: [Double], _ k: [Double]) -> (first: Int, [Double]) {
        let first = window > 0 ? max(0, token - window + 1) : 0
        let offset = head / (heads / kvHeads) * headDim, query = token * width + head * headDim
        let scores = (first...token).map { position in
            (0..<headDim).reduce(0.0) { $0 + q[query + $1] * k[position * kvWidth + offset + $1] }
                * Double(scale)
        }
        let most = scores.max() ?? 0
        let exponentials = scores.map { exp($0 - most) }
        let sum = exponentials.reduce(0, +)
        return (first, exponentials.map { $0 / sum })
    }

    /// Σ doutput · attention(q, k, v)
    func loss(_ q: [Double], _ k: [Double], _ v: [Double]) -> Double {
        var sum = 0.0
        for token in 0..<tokens {
            for head in 0..<heads {
                let (first, weights) = weights(token, head, q, k)
                let offset = head / (heads / kvHeads) * headDim, query = token * width + head * headDim
                for (t, weight) in weights.enumerated() {
                    for j in 0..<headDim {
                        sum += Double(doutput[query + j]) * weight * v[(first + t) * kvWidth + offset + j]
                    }
                }
            }
        }
        return sum
    }

    func reference(_ q: [Double], _ k: [Double], _ v: [Double]) -> (dq: [Double], dk: [Double], dv: [Double])
    {
        var dq = [Double](repeating: 0, count: q.count), dk = [Double](repeating: 0, count: k.count), dv = dk
        for token in 0..<tokens {
            for head in 0..<heads {
                let (first, weights) = weights(token, head, q, k)
                let offset = head / (heads / kvHeads) * headDim, query = token * width + head * headDim
                let gradients = weights.indices.map { t in
                    (0..<headDim).reduce(0.0) {
                        $0 + Double(doutput[query + $1]) * v[(first + t) * kvWidth + offset + $1]
                    }
                }
                let mean = zip(weights, gradients).reduce(0) { $0 + $1.0 * $1.1 }
                for (t, weight) in weights.enumerated() {
                    let score = weight * (gradients[t] - mean) * Double(scale)
                    let key = (first + t) * kvWidth + offset
                    for j in 0..<headDim {
                        dq[query + j] += score * k[key + j]
                        dk[key + j] += score * q[query + j]
                        dv[key + j] += weight * Double(doutput[query + j])
                    }
                }
            }
        }
        return (dq, dk, dv)
    }
}

/// The gradients of all problems, from one call. They share all but the number of tokens.
private func gradients(_ problems: [Problem]) -> [[Float]] {
    let shape = problems[0], longest = problems.map(\.tokens).max() ?? 0
    let inputs = problems.map { problem in
        [
            problem.spread(problem.queries, problem.width, problem.queryStride),
            problem.spread(problem.keys, problem.kvWidth, problem.keyStride),
            problem.spread(problem.values, problem.kvWidth, problem.valueStride),
            problem.spread(problem.doutput, problem.width, problem.outputStride),
        ]
    }
    let outputs = problems.map { problem in
        [problem.queryStride, problem.keyStride, problem.valueStride].map {
            Buffer(repeating: 99, count: problem.tokens * $0)
        }
    }
    let needed = vk_attention_gradient_scratch(longest, shape.headDim)
    let scratch = Buffer(repeating: .nan, count: needed)
    return withExtendedLifetime((inputs, outputs, scratch)) {
        let sequences = problems.indices.map { i in
            vk_attention_gradient_sequence(
                queries: inputs[i][0].base, keys: inputs[i][1].base, values: inputs[i][2].base,
                doutput: inputs[i][3].base, dqueries: outputs[i][0].base, dkeys: outputs[i][1].base,
                dvalues: outputs[i][2].base, tokens: problems[i].tokens)
        }
        vk_attention_gradient(
            sequences, sequences.count, shape.heads, shape.kvHeads, shape.headDim, shape.queryStride,
            shape.keyStride, shape.valueStride, shape.outputStride, shape.scale, shape.window, scratch.base)
        return problems.indices.map { i in
            problems[i].gather(outputs[i][0], problems[i].width, problems[i].queryStride)
                + problems[i].gather(outputs[i][1], problems[i].kvWidth, problems[i].keyStride)
                + problems[i].gather(outputs[i][2], problems[i].kvWidth, problems[i].valueStride)
        }
    }
}

extension KernelTests {
    @Suite(.serialized)
    struct AttentionGradient {
        static let problems = [
            (1, 1, 8, 1, 0), (2, 1, 8, 19, 0), (4, 2, 64, 35, 0), (2, 2, 80, 66, 0), (2, 1, 17, 50, 0),
            (4, 2, 64, 133, 20), (2, 1, 80, 40, 16), (2, 2, 8, 150, 67), (1, 1, 64, 20, 1),
            (3, 1, 48, 150, 3),
            (6, 3, 32, 130, 0), (2, 2, 128, 70, 0), (1, 1, 1, 5, 0), (2, 1, 96, 64, 200),
        ]

        @Test(
            "Gradients of attention agree with double arithmetic and with differences", arguments: problems)
        func attention(shape: (Int, Int, Int, Int, Int)) {
            let problem = Problem(
                heads: shape.0, kvHeads: shape.1, headDim: shape.2, tokens: shape.3, window: shape.4)
            let context = problem.context
            let (q, k, v) = (
                problem.queries.map(Double.init), problem.keys.map(Double.init),
                problem.values.map(Double.init)
            )
            let (dq, dk, dv) = problem.reference(q, k, v)
            if problem.tokens * problem.width < 4000 {
                expectSlope(dq, at: q, "dq, \(context)") { problem.loss($0, k, v) }
                expectSlope(dk, at: k, "dk, \(context)") { problem.loss(q, $0, v) }
                expectSlope(dv, at: v, "dv, \(context)") { problem.loss(q, k, $0) }
            }
            let runs = onEach { _ in gradients([problem])[0] }
            // Keys and values of the first positions gather from all queries.
            expectClose(runs[0].result, dq + dk + dv, context) { _ in 2e-5 }
            expectSameBits(runs, context)
        }

        @Test("A long sequence, on every instruction set")
        func long() {
            let problem = Problem(heads: 1, kvHeads: 1, headDim: 32, tokens: 1000, window: 0)
            let (dq, dk, dv) = problem.reference(
                problem.queries.map(Double.init), problem.keys.map(Double.init),
                problem.values.map(Double.init))
            let runs = onEach { _ in gradients([problem])[0] }
            expectClose(runs[0].result, dq + dk + dv, problem.context) { _ in 2e-5 }
            expectSameBits(runs, problem.context)
        }

        @Test("Several sequences in one call are those sequences alone, on any number of threads")
        func batches() {
            for window in [0, 9] {
                let problems = [33, 1, 80, 0, 17].map {
                    Problem(heads: 4, kvHeads: 2, headDim: 64, tokens: $0, window: window)
                }
                for run in onEach({ _ in
                    (
                        alone: problems.map { bits(gradients([$0])[0]) },
                        together: withThreads([1, 2, 3]) { gradients(problems).map(bits) }
                    )
                }) {
                    for together in run.result.together {
                        #expect(
                            together.result == run.result.alone, "\(run.simd), \(together.threads) threads")
                    }
                }
            }
        }

        @Test("What comes later reaches no gradient of an earlier query")
        func later() {
            let clean = Problem(heads: 1, kvHeads: 1, headDim: 8, tokens: 6, window: 0)
            let input = [clean.queries, clean.keys, clean.values, clean.doutput].map { x in
                clean.spread(Array(x.prefix(40)) + [Float](repeating: .nan, count: 8), 8, 8)
            }
            for run in onEach({ _ in
                let output = (0..<3).map { _ in Buffer(repeating: 99, count: 48) }
                let scratch = Buffer(repeating: .nan, count: vk_attention_gradient_scratch(6, 8))
                return withExtendedLifetime((input, output, scratch)) {
                    [5, 6].map { tokens in
                        var sequence = vk_attention_gradient_sequence(
                            queries: input[0].base, keys: input[1].base, values: input[2].base,
                            doutput: input[3].base, dqueries: output[0].base, dkeys: output[1].base,
                            dvalues: output[2].base, tokens: tokens)
                        vk_attention_gradient(&sequence, 1, 1, 1, 8, 8, 8, 8, 8, 0.3, 0, scratch.base)
                        return Array(output[0].values.prefix(40))
                    }
                }
            }) {
                #expect(run.result[0] == run.result[1] && !run.result[0].contains { $0.isNaN }, "\(run.simd)")
            }
        }
    }
}
