import ArgumentParser

struct TestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Test whether a concept is real, where it is and what it does.",
        discussion: """
            Each way asks another question; every answer stands beside controls of the same size. The first is taken if none is named:

              vane test sentiment --token lovely --against awful
              vane test cause sentiment --token lovely --against awful
              vane test bet sentiment formality past --token lovely --against awful
            """,
        subcommands: [
            TestImportance.self, TestCause.self, TestPatch.self, TestBet.self, TestAlert.self,
            TestLesions.self, TestDescription.self, TestShape.self,
        ], defaultSubcommand: TestImportance.self)
}
