import ArgumentParser
import Foundation
import Vane

@main
struct VaneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vane",
        abstract: "Find, test, steer and explain the directions that concepts take inside language models.",
        discussion: """
            Learn a concept from sentences, then let the model write with as much of it as you ask for:

              vane learn happiness --positive happy.txt --negative sad.txt --model MODEL
              vane steer "My day was" --model MODEL --concept happiness.vane=0.95

            MODEL is a Hugging Face folder with config.json, model.safetensors and tokenizer.json.
            Set VANE_THREADS to limit the threads and VANE_SIMD to choose the instruction set.
            """,
        version: VaneVersion.current,
        subcommands: [
            LearnCommand.self, ShowCommand.self, ScoreCommand.self, SteerCommand.self, GenerateCommand.self,
            ExplainCommand.self, LensCommand.self, TestCommand.self, EvaluateCommand.self,
            CompareCommand.self, ImportCommand.self, ExportCommand.self, CombineCommand.self,
            TransportCommand.self, FindCommand.self, SAECommand.self, MethodsCommand.self,
            ModelsCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            guard let code = ExitStatus(error) else { exit(withError: error) }
            FileHandle.standardError.write(Data("vane: \(error)\n".utf8))
            Foundation.exit(code.rawValue)
        }
    }
}
