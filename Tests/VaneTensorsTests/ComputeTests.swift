import Synchronization
import Testing
import VaneTensors
import VaneTestSupport

@Suite("The machine", .serialized)
struct ComputeTests {
    @Test("every part of a parallel job runs once, whatever the number of threads")
    func parallel() {
        let before = Compute.threads
        defer { Compute.threads = before }
        for threads in [1, 2, 5] {
            Compute.threads = threads
            for parts in [0, 1, 2, 100] {
                let seen = Mutex<[Int]>([])
                Compute.parallel(parts) { part in seen.withLock { $0.append(part) } }
                #expect(seen.withLock { $0.sorted() } == Array(0..<parts), "\(threads) threads")
            }
        }
    }

    @Test("products, norms and attention have the same bits on one, two and three threads", .tags(.law))
    func threads() throws {
        let before = Compute.threads
        defer { Compute.threads = before }
        let x = try Tensor.normal([130, 256], seed: 1)
        let packed = try PackedMatrix(Tensor.normal([700, 256], seed: 2))
        let gain = try Tensor.normal([256], seed: 3)
        func run() throws -> [UInt32] {
            var cache = AttentionCache(heads: 8, headWidth: 32)
            try cache.append(keys: x, values: x)
            let attended = try x.attention(sequences: [(0..<130, cache)], heads: 8, scale: 0.1)
            let states = try attended.layerNorm(gain: gain, bias: nil, epsilon: 1e-5).rmsNorm(
                gain: gain, epsilon: 1e-5)
            return bits(try states.linear(packed).applying(.geluTanh).softmax())
        }
        Compute.threads = 1
        let reference = try run()
        for threads in [2, 3] {
            Compute.threads = threads
            #expect(try run() == reference, "\(threads) threads")
        }
        #expect(["scalar", "neon", "avx2", "avx512"].contains(Compute.instructionSet))
    }
}
