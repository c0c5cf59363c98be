import VaneSites
import VaneTensors

/// Owns a language model and the thread it computes on.
///
/// Requests interleave token by token; each one's tokens are the same as if it ran alone.
public actor Engine {
    /// The model.
    public nonisolated let model: LanguageModel
    private nonisolated let thread: ModelThread

    /// An engine for `model`.
    public init(_ model: LanguageModel) {
        self.model = model
        thread = ModelThread()
    }

    deinit { thread.end() }

    /// The thread the engine runs on.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Runs `body` on the model's thread.
    public func perform<Result: Sendable>(
        _ body: @Sendable (LanguageModel) throws -> Result
    ) throws -> Result {
        try body(model)
    }

    /// Generates token by token. Ending the iteration early ends the generation.
    ///
    /// - Parameters:
    ///   - request: what to generate.
    ///   - check: runs on the model's thread before the first token; an error it throws ends the stream.
    public nonisolated func stream(
        _ request: GenerationRequest, before check: (@Sendable (LanguageModel) throws -> Void)? = nil
    ) -> AsyncThrowingStream<GeneratedToken, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    if let check { try await perform(check) }
                    try await run(request, continuation)
                    continuation.finish()
                } catch { continuation.finish(throwing: error) }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private func run(
        _ request: GenerationRequest,
        _ continuation: AsyncThrowingStream<GeneratedToken, any Error>.Continuation
    ) async throws {
        let batch = try GenerationBatch(model, [request])
        while !batch.isFinished && !Task.isCancelled {
            for (_, token) in try batch.step() { continuation.yield(token) }
            await Task.yield()
        }
    }

    /// Generates for all `requests`, `batchSize` at a time, in their order.
    ///
    /// - Parameters:
    ///   - requests: what to generate.
    ///   - batchSize: how many run together; the results do not depend on it.
    ///   - progress: called with the number of finished requests.
    public func generate(
        _ requests: [GenerationRequest], batchSize: Int = 16, progress: (@Sendable (Int) -> Void)? = nil
    ) async throws -> [Generation] {
        var results: [Generation] = []
        for start in stride(from: 0, to: requests.count, by: max(1, batchSize)) {
            let end = min(start + max(1, batchSize), requests.count)
            let batch = try GenerationBatch(model, Array(requests[start..<end]))
            var part = [Generation](repeating: Generation(), count: end - start)
            while !batch.isFinished {
                try Task.checkCancellation()
                for (index, token) in try batch.step() { part[index].append(token) }
                await Task.yield()
            }
            results += part
            progress?(results.count)
        }
        return results
    }
}

extension Generation {
    /// Adds one step.
    package mutating func append(_ token: GeneratedToken) {
        if let id = token.id {
            tokens.append(id)
            logProbabilities.append(token.logProbability)
        }
        text += token.text
        if let reason = token.finish { finish = reason }
    }
}
