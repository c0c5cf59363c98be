/// The vector of a task with what it does on queries that it was not learnt or chosen on.
public struct FoundTask: Sendable {
    /// What is edited, for a plan.
    public let entry: SteeringPlan.Entry
    /// Where.
    public let site: Site
    /// The heads it is made of, the largest effect first; none for a task vector.
    public let heads: [FunctionVectors.Head]
    /// The queries of the test.
    public let asked: Int
    /// The part that is answered exactly without demonstrations.
    public let without: Double
    /// With demonstrations.
    public let demonstrated: Double
    /// With the vector instead of demonstrations.
    public let with: Double
    /// With random vectors of its length in its place, the mean of three.
    public let random: Double

    /// Whether the vector brings back at least a third of what demonstrations do, and more than a random one.
    public var works: Bool {
        with > random && with - without >= (demonstrated - without) / 3 && with > without
    }
}

extension Engine {
    /// The function vector of a task (row 12): what a few heads write after demonstrations, added at the last
    /// token of the prompt. Heads and block are chosen on queries of their own.
    ///
    /// - Parameters:
    ///   - name: what to call it.
    ///   - task: the prompts of the task.
    ///   - headCounts: the numbers of heads to try.
    ///   - seed: seeds the random vectors.
    ///   - progress: called with a part of the work done, 0...1.
    /// - Throws: `ConceptError`, `SiteError`, as `FunctionVectors`.
    public func functionVector(
        _ name: String, of task: TaskPrompts, headCounts: [Int] = [2, 4, 8, 12], seed: UInt64 = 0,
        progress: (@Sendable (Double) -> Void)? = nil
    ) throws -> FoundTask {
        let network = try readableNetwork
        let learner = FunctionVectors()
        let found = try learner.learn(
            prompts: task.prompts, corrupted: task.corrupted, selection: task.selection,
            headCounts: headCounts, in: network, progress: { progress?(Double($0) / Double($1)) })
        func accuracy(_ queries: [PromptedText], _ vector: [Float]) throws -> Double {
            try learner.accuracy(on: queries, adding: vector, at: found.site, in: network)
        }
        let nothing = [Float](repeating: 0, count: found.vector.count)
        let random = try randomVectors(like: found.vector, seed: seed).map { try accuracy(task.test, $0) }
        return FoundTask(
            entry: .apply(
                .block(PromptBlock([found.vector], times: 1, at: .back)), named: name, at: [found.site]),
            site: found.site, heads: found.heads, asked: task.test.count,
            without: try accuracy(task.test, nothing),
            demonstrated: try accuracy(task.demonstrated, nothing),
            with: try accuracy(task.test, found.vector),
            random: random.reduce(0, +) / Double(random.count))
    }

    /// The task vector of a task (rows 23 and 63): the mean state at the end of prompts with demonstrations,
    /// in place of the state at the end of one without. The block is chosen on queries of their own.
    ///
    /// - Parameters:
    ///   - name: what to call it.
    ///   - task: the prompts of the task.
    ///   - seed: seeds the random vectors.
    /// - Throws: `ConceptError`, `SiteError`, as `TaskVectors`.
    public func taskVector(_ name: String, of task: TaskPrompts, seed: UInt64 = 0) throws -> FoundTask {
        let network = model.network
        let learner = TaskVectors()
        let vectors = try learner.vectors(
            of: task.prompts, at: (0..<network.layout.depth).map(Site.residual), in: network)
        let site = try learner.best(of: vectors, on: task.selection, in: network).site
        let vector = vectors[site] ?? []
        func accuracy(_ queries: [PromptedText], _ vector: [Float]?) throws -> Double {
            try learner.accuracy(on: queries, replacing: vector.map { (site, $0) }, in: network)
        }
        let random = try randomVectors(like: vector, seed: seed).map { try accuracy(task.test, $0) }
        return FoundTask(
            entry: .apply(.replacement(Replacement(by: vector, at: -1)), named: name, at: [site]),
            site: site, heads: [], asked: task.test.count, without: try accuracy(task.test, nil),
            demonstrated: try accuracy(task.demonstrated, nil), with: try accuracy(task.test, vector),
            random: random.reduce(0, +) / Double(random.count))
    }

    private func randomVectors(like vector: [Float], seed: UInt64) -> [[Float]] {
        var generator = SeededGenerator(seed: seed, stream: 23)
        let norm = Float(vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())
        return (0..<3).map { _ in generator.unitVector(width: vector.count).map { norm * $0 } }
    }
}
