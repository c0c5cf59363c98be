import Foundation
import Testing
import VaneConcepts
import VaneEvaluation
import VaneGeneration
import VaneSites
import VaneSteering
import VaneTestSupport
import VaneTokenizers

@Suite("Steering experiments")
struct ExperimentTests {
    private let prompts = ["The wind", "She said", "In winter the"]

    private func options(batchSize: Int = 16, sampling: SamplingOptions = SamplingOptions())
        -> SteeringExperiment.Options
    {
        SteeringExperiment.Options(
            targets: [0.9, 0.999], seeds: 2, maximumTokens: 12, sampling: sampling, batchSize: batchSize)
    }

    @Test(
        "there is a row for each condition, and only the unsteered one has no shift",
        arguments: PlantedModels.allCases)
    func rows(model: PlantedModels) async throws {
        let bench = try Workbench(model)
        let experiment = try await SteeringExperiment(
            bench.concept, prompts: prompts, judge: bench.judge, engine: bench.engine, options: options())
        let rows = experiment.rows
        #expect(rows.count == 1 + 2 * 2 * 3)
        #expect(
            rows[0].method == .unsteered && rows[0].shift == nil && rows[0].target == nil
                && rows[0].meanMove == 0)
        let methods: [SteeringExperiment.Method] = [.gcav, .random, .meanDifference]
        for (i, row) in rows.dropFirst().enumerated() {
            let target = [0.9, 0.999][i / 3 % 2]
            #expect(row.method == methods[i % 3] && row.goal == (i < 6 ? .add : .remove))
            #expect(row.target == (i < 6 ? target : 1 - target))
        }
        for row in rows.dropFirst() {
            let shift = try #require(row.shift)
            #expect(abs(shift.value - (row.positiveRate - rows[0].positiveRate)) < 1e-12)
            #expect(shift.low <= shift.value + 1e-12 && shift.value <= shift.high + 1e-12)
            #expect(row.meanMove > 0 && row.perplexity > 1 && (0...1).contains(row.repetition))
        }
        #expect(
            experiment.prompts == 3 && experiment.seeds == 2 && experiment.sites == bench.concept.defaultSites
        )
        #expect(Set(rows.map(\.example)).count > 4, "the edits change the texts")
        for method in methods {
            let effect = try #require(experiment.normalisedEffect(method))
            let moves = rows.filter { $0.method == method }.map {
                $0.goal == .add ? $0.meanMove : -$0.meanMove
            }
            #expect(effect.points.map(\.strength) == (moves + [0]).sorted())
        }
        #expect(experiment.normalisedEffect(.prompting) == nil, "one strength is no curve")
    }

    @Test("the batch size changes no bit of the rows", .tags(.law))
    func batches() async throws {
        let bench = try Workbench(.llama)
        var results: [Data] = []
        for batchSize in [16, 1, 16, 5] {
            let experiment = try await SteeringExperiment(
                bench.concept, prompts: prompts, judge: bench.judge, engine: bench.engine,
                options: options(batchSize: batchSize))
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            results.append(try encoder.encode(experiment.rows))
        }
        #expect(results[0] == results[2], "run twice")
        #expect(results[0] == results[1], "alone")
        #expect(results[0] == results[3], "by fives")
    }

    @Test("the unsteered row is what the engine writes by itself", .tags(.law))
    func unsteered() async throws {
        let bench = try Workbench()
        let experiment = try await SteeringExperiment(
            bench.concept, prompts: prompts, judge: bench.judge, engine: bench.engine,
            options: options(sampling: .greedy))
        let model = bench.engine.model
        let requests = prompts.map {
            GenerationRequest(prompt: model.tokenizer.encode($0), maximumTokens: 12, sampling: .greedy)
        }
        let texts = try await bench.engine.generate(requests)
        let row = experiment.rows[0]
        #expect(row.example == texts[0].text)
        let positive = texts.count { bench.judge.isPositive($0.text) }
        #expect(row.positiveRate == Double(positive) / 3)
        let scores = texts.flatMap(\.logProbabilities)
        let perplexity = exp(-scores.reduce(0, +) / Double(scores.count))
        // Scored again in one pass, in float.
        #expect(abs(row.perplexity - perplexity) < 1e-4 * perplexity)
        let repetition = texts.reduce(0.0) { $0 + Repetition.runs($1.tokens) } / 3
        #expect(abs(row.repetition - repetition) < 1e-12)
    }

    @Test(
        "an instruction is what the engine writes after it, scored as if it had not been given", .tags(.law))
    func instructions() async throws {
        let bench = try Workbench()
        var options = options(sampling: .greedy)
        options.instructions = [.remove: "He wept. "]
        let experiment = try await SteeringExperiment(
            bench.concept, prompts: prompts, judge: bench.judge, engine: bench.engine, options: options)
        let rows = experiment.rows.filter { $0.method == .prompting }
        #expect(rows.count == 1 && experiment.rows.count == 1 + 1 + 2 * 2 * 3)
        let row = try #require(rows.first)
        #expect(row.goal == .remove && row.target == nil && row.meanMove == 0 && row.shift != nil)
        let model = bench.engine.model
        let texts = try await bench.engine.generate(
            prompts.map {
                GenerationRequest(
                    prompt: model.tokenizer.encode("He wept. " + $0), maximumTokens: 12, sampling: .greedy)
            })
        #expect(row.example == texts[0].text && row.example != experiment.rows[0].example)
        let sequences = zip(prompts, texts).map { model.tokenizer.encode($0) + $1.tokens }
        let scores = try await bench.engine.perform { try $0.logProbabilities(of: sequences) }
        let kept = zip(scores, texts).flatMap { $0.suffix($1.tokens.count) }
        let perplexity = exp(-kept.reduce(0, +) / Double(kept.count))
        #expect(abs(row.perplexity - perplexity) < 1e-9 * perplexity)
    }

    @Test("the effect kept with a concept is that of the rows, through a file and back")
    func effect() async throws {
        let bench = try Workbench()
        let experiment = try await SteeringExperiment(
            bench.concept, prompts: prompts, judge: bench.judge, engine: bench.engine, options: options())
        let effect = try #require(experiment.effect(target: 0.999, scope: .all, judge: "a judge"))
        func row(_ method: SteeringExperiment.Method, _ target: Double) throws -> SteeringExperiment.Row {
            try #require(experiment.rows.first { $0.method == method && $0.target == target })
        }
        let (base, added) = (experiment.rows[0], try row(.gcav, 0.999))
        #expect(effect.added.shift == added.shift && effect.unsteeredRate == base.positiveRate)
        #expect(effect.added.perplexity == added.perplexity / base.perplexity)
        #expect(effect.added.compression == added.compression / base.compression)
        #expect(effect.removed.shift == (try row(.gcav, 1 - 0.999)).shift)
        #expect(effect.random.shift == (try row(.random, 0.999)).shift && effect.prompts == 3)
        #expect(experiment.effect(target: 0.5, scope: .all, judge: "a judge") == nil, "it was not run")

        var concept = bench.concept
        concept.effect = effect
        let folder = try ProcessFolder()
        try concept.write(to: folder.path + "/c.vane")
        #expect(try Concept(contentsOf: folder.path + "/c.vane") == concept)
        #expect(concept.reaching(2).effect == nil, "steered otherwise, it is another effect")
    }

    @Test("repetition is the part of four-token runs seen before")
    func repetition() {
        #expect(Repetition.runs([]) == 0 && Repetition.runs([1, 1, 1]) == 0)
        #expect(Repetition.runs([1, 2, 3, 4]) == 0)
        #expect(Repetition.runs([1, 1, 1, 1, 1]) == 0.5)
        // Runs 1234, 2341, 3412, 4123, 1234: one of five came before.
        #expect(Repetition.runs([1, 2, 3, 4, 1, 2, 3, 4]) == 0.2)
        #expect(Repetition.runs(Array(0..<50)) == 0)
    }

    @Test("compression is the tokens a Lempel-Ziv phrase")
    func compression() {
        #expect(Repetition.compression([]) == 1 && Repetition.compression(Array(0..<50)) == 1)
        // 1 | 1 1 | 1 1 1
        #expect(Repetition.compression([1, 1, 1, 1, 1, 1]) == 2)
        // 1 | 2 | 1 2 | 1 2 1 | 2, a rest that occurred before
        #expect(Repetition.compression([1, 2, 1, 2, 1, 2, 1, 2]) == 1.6)
        // A loop with one changing word: no four-token run repeats, yet it compresses.
        let loop = (0..<12).flatMap { [1, 2, 100 + $0] }
        #expect(Repetition.runs(loop) == 0 && Repetition.compression(loop) > 1.2)
    }

    @Test("no prompts, no seeds, no targets and a concept of another model are refused")
    func refused() async throws {
        let bench = try Workbench()
        func error(_ prompts: [String], _ options: SteeringExperiment.Options, _ engine: Engine? = nil) async
            -> (any Error)?
        {
            do {
                _ = try await SteeringExperiment(
                    bench.concept, prompts: prompts, judge: bench.judge, engine: engine ?? bench.engine,
                    options: options)
            } catch { return error }
            return nil
        }
        let small = SteeringExperiment.Options(targets: [0.9], seeds: 1, maximumTokens: 2)
        for (prompts, targets, seeds) in [([], [0.9], 1), (["x"], [], 1), (["x"], [0.9], 0)] {
            let options = SteeringExperiment.Options(targets: targets, seeds: seeds, maximumTokens: 2)
            #expect((await error(prompts, options) as? EvaluationError)?.code == .unusableInput)
        }
        let other = Engine(try LanguageModel(folder: PlantedModels.llama.folder))
        #expect((await error(["x"], small, other) as? ConceptError)?.code == .wrongModel)
        #expect(
            await error(["x"], SteeringExperiment.Options(targets: [1.5], seeds: 1, maximumTokens: 2))
                is SteeringError)
        #expect(await error([""], small) is GenerationError)
        #expect(await error(["x"], small) == nil)
    }
}
