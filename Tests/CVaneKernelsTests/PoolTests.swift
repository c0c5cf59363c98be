import CVaneKernels
import Testing

/// How often each part ran. Each part writes its own place only.
private final class Counts {
    let base: UnsafeMutablePointer<Int32>
    let parts: Int

    init(_ parts: Int) {
        self.parts = parts
        base = .allocate(capacity: max(parts, 1))
        base.initialize(repeating: 0, count: max(parts, 1))
    }

    deinit { base.deallocate() }

    var allOnce: Bool { (0..<parts).allSatisfy { base[$0] == 1 } }
}

private func countOnce(_ parts: Int) -> Bool {
    let counts = Counts(parts)
    vk_parallel(
        parts, { context, part in context!.assumingMemoryBound(to: Int32.self)[part] += 1 }, counts.base)
    return counts.allOnce
}

extension KernelTests {
    @Suite(.serialized)
    struct Pool {
        @Test("Each part runs once, for no parts, one and very many, on any number of threads")
        func everyPart() {
            for run in withThreads(
                [1, 2, 3, 8],
                {
                    [0, 1, 2, 3, 7, 64, 1000, 100_000].filter { !countOnce($0) }
                })
            {
                #expect(run.result.isEmpty, "\(run.threads) threads, parts \(run.result)")
            }
        }

        @Test("Many small jobs in a row all finish")
        func manyJobs() {
            for run in withThreads([2, 5], { (0..<20_000).allSatisfy { countOnce(2 + $0 % 5) } }) {
                #expect(run.result, "\(run.threads) threads")
            }
        }

        @Test("A job may start another")
        func nested() {
            for run in withThreads(
                [1, 2, 4],
                { () -> Bool in
                    let counts = Counts(50 * 20)
                    vk_parallel(
                        50,
                        { context, part in
                            let row = context!.assumingMemoryBound(to: Int32.self) + part * 20
                            vk_parallel(20, { $0!.assumingMemoryBound(to: Int32.self)[$1] += 1 }, row)
                        }, counts.base)
                    return counts.allOnce
                })
            {
                #expect(run.result, "\(run.threads) threads")
            }
        }

        @Test("Several threads may call at once, also while the number of threads changes")
        func concurrent() async {
            let before = vk_thread_count()
            defer { vk_set_thread_count(before) }
            vk_set_thread_count(3)
            let failures = await withTaskGroup(of: Int.self) { group in
                for caller in 0..<4 {
                    group.addTask { (0..<2000).filter { !countOnce(1 + ($0 + caller) % 9) }.count }
                }
                group.addTask {
                    for round in 0..<30 { vk_set_thread_count(Int32(1 + round % 4)) }
                    return 0
                }
                return await group.reduce(0, +)
            }
            #expect(failures == 0)
        }

        @Test("The number of threads is kept between 1 and 64, and a job cannot change it")
        func limits() {
            let before = vk_thread_count()
            defer { vk_set_thread_count(before) }
            vk_set_thread_count(0)
            #expect(vk_thread_count() == 1)
            vk_set_thread_count(1000)
            #expect(vk_thread_count() == 64)
            #expect(countOnce(1000))
            vk_set_thread_count(2)
            #expect(vk_thread_count() == 2)
            vk_parallel(2, { _, _ in vk_set_thread_count(5) }, nil)
            #expect(vk_thread_count() == 2)
        }
    }
}
