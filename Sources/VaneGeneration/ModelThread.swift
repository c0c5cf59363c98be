import Foundation

/// A serial executor with a thread of its own: a model computes there and never on the cooperative pool,
/// which is only as wide as the machine has cores.
final class ModelThread: SerialExecutor, @unchecked Sendable {
    // Sendable: `jobs` and `isEnded` are touched only while `condition` is locked.
    private let condition = NSCondition()
    private var jobs: [UnownedJob] = []
    private var isEnded = false

    init() {
        let loop = Loop(self)
        let thread = Thread { loop.run() }
        thread.name = "vane-model"
        thread.stackSize = 8 << 20
        thread.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.lock()
        jobs.append(job)
        condition.signal()
        condition.unlock()
    }

    func end() {
        condition.lock()
        isEnded = true
        condition.signal()
        condition.unlock()
    }

    private func next() -> UnownedJob? {
        condition.lock()
        defer { condition.unlock() }
        while jobs.isEmpty && !isEnded { condition.wait() }
        return jobs.isEmpty ? nil : jobs.removeFirst()
    }

    private struct Loop: Sendable {
        let executor: ModelThread
        init(_ executor: ModelThread) { self.executor = executor }
        func run() {
            while let job = executor.next() { job.runSynchronously(on: executor.asUnownedSerialExecutor()) }
        }
    }
}
