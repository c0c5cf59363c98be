import VaneConcepts
import VaneEvaluation
import VaneGeneration
import VaneTensors
import VaneTestSupport

/// A fixture model with a concept learnt on it: texts with token 42 against texts with token 77.
struct Workbench {
    let engine: Engine
    let concept: Concept
    let judge: BagOfWordsJudge

    init(_ model: PlantedModels = .gpt2) throws {
        let model = try LanguageModel(folder: model.folder)
        engine = Engine(model)
        func texts(_ token: Int) -> [[Int]] {
            var generator = SeededGenerator(seed: UInt64(token))
            return (0..<20).map { _ in
                var text = (0..<6).map { _ in 32 + generator.integer(below: 200) }
                text[2] = token
                text[4] = token
                return text
            }
        }
        concept = try ConceptLearner(LogisticCAV(), LearningOptions(resamples: 20)).learn(
            "token", positive: texts(42), negative: texts(77), digest: "", in: model.network,
            model: model.identity)
        // Random models write noise; a judge of single letters has something to say about it.
        judge = try BagOfWordsJudge(
            positive: (0..<20).map { "a e i o u \($0)" }, negative: (0..<20).map { "b c d f g \($0)" })
    }
}
