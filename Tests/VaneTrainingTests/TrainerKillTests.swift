import Foundation
import Testing
import VaneTensors
import VaneTestSupport

@Suite("A training process", .serialized, .tags(.law, .slow))
struct TrainerKillTests {
    private let steps = 400

    /// Starts the probe on `checkpoint` and waits for its end, or kills it after `delay` seconds.
    private func run(_ checkpoint: String, killedAfter delay: Double?) async throws -> ProcessEnd {
        let program = try #require(ProcessRunner.program(named: "VaneTrainingProbe"))
        let process = Process()
        process.executableURL = program
        process.arguments = [checkpoint, "\(steps)"]
        process.standardInput = FileHandle.nullDevice
        let (ends, ended) = AsyncStream.makeStream(of: ProcessEnd.self)
        let start = ContinuousClock.now
        process.terminationHandler = {
            let seconds = Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000
            ended.yield(
                ProcessEnd(reason: $0.terminationReason, status: $0.terminationStatus, seconds: seconds))
            ended.finish()
        }
        try process.run()
        if let delay {
            try await Task.sleep(for: .seconds(delay))
            // A process that is done may have left its number to another; a running one has not.
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        }
        for await end in ends { return end }
        throw CancellationError()
    }

    private struct ProcessEnd {
        let reason: Process.TerminationReason
        let status: Int32
        let seconds: Double
        var isDone: Bool { reason == .exit && status == 0 }
        var isKilled: Bool { reason == .uncaughtSignal && status == SIGKILL }
    }

    @Test("killed at random moments and started again, it ends with the bytes of one left alone")
    func killed() async throws {
        let folder = try ProcessFolder()
        let alone = try await run(folder.file("whole"), killedAfter: nil)
        #expect(alone.isDone)
        var duration = alone.seconds
        let whole = try folder.read("whole")

        var generator = SeededGenerator(seed: UInt64(ProcessInfo.processInfo.processIdentifier))
        var rounds: [Round] = []
        // A round without a kill between two checkpoints shows nothing, for instance because the machine was
        // busier before: another one then, with shorter delays.
        while rounds.count < 8, !rounds.contains(where: { $0.kills >= 2 && $0.resumed >= 1 }) {
            let name = "parts\(rounds.count)"
            rounds.append(try await round(folder.file(name), duration, &generator))
            duration /= 2
            #expect(try folder.read(name) == whole)
        }
        let last = try #require(rounds.last)
        #expect(last.kills >= 2 && last.resumed >= 1, "\(rounds)")
        print("a run of \(alone.seconds) s: \(last.kills) kills, \(last.resumed) of them after resuming")
    }

    private struct Round {
        /// Runs that were killed, and those of them that had gone on from an earlier one's checkpoint.
        var kills = 0
        var resumed = 0
    }

    /// Starts and kills the probe until it is through.
    private func round(
        _ checkpoint: String, _ duration: Double, _ generator: inout SeededGenerator
    ) async throws -> Round {
        var round = Round()
        var seen: Data?
        while true {
            // On average a fifth of the run, until enough were killed.
            let delay = round.kills < 12 ? duration * 0.4 * generator.uniform() : nil
            let end = try await run(checkpoint, killedAfter: delay)
            if !end.isKilled {
                #expect(end.isDone, "\(end)")
                return round
            }
            round.kills += 1
            let now = try? Data(contentsOf: URL(fileURLWithPath: checkpoint))
            if seen != nil, now != seen { round.resumed += 1 }
            seen = now
        }
    }
}
