import Foundation
import Testing
import VaneTestSupport

@Suite("vane test: cause, patch, bet, alert, lesions")
struct CauseTests {
    private let desk: Desk
    private let words = ["--token", "lovely", "--against", "awful"]

    init() throws { desk = try Desk() }

    /// Runs for programs with pictures, whose page holds what people read, and returns what programs get.
    private func run(_ arguments: [String], charts: Int?, says: [String]) async throws -> [String: Any] {
        let result = try await ProcessRunner.vane(
            ["test"] + arguments + ["--json", "--html", "page.html", "--svg", "chart.svg"], in: desk.folder)
        #expect(result.status == 0, "\(result)")
        let page = String(decoding: try desk.folder.read("page.html"), as: UTF8.self)
        for part in says { #expect(page.contains(part), "\(part): \(page)") }
        let count = page.components(separatedBy: "<svg").count - 1
        #expect(charts.map { $0 == count } ?? (count > 0), "\(count) charts")
        #expect(String(decoding: try desk.folder.read("chart.svg"), as: UTF8.self).hasPrefix("<svg"))
        return try result.object()
    }

    @Test("a concept, a neuron and a head are taken out beside controls of their size")
    func cause() async throws {
        let small = ["--random", "19", "--count", "8"]
        let concept = try await run(
            ["cause", "sentiment", "--sites", "blocks[5].residual"] + words + small, charts: 2,
            says: ["by chance", "whole site", "does it stand for the concept?", "An effect counts"])
        let sites = try #require(concept["sites"] as? [[String: Any]])
        #expect(sites.count == 1 && sites.allSatisfy { ($0["random"] as? [Double])?.count == 19 })
        #expect(sites.contains { $0["qValue"] as? Double ?? 1 <= 0.05 }, "\(sites)")
        #expect((concept["claims"] as? [[String: Any]])?.count == 1)
        let head = try await run(
            ["cause", "--head", "4:2", "--filling", "zero", "--prompt", "The film was"] + words, charts: 1,
            says: ["other heads", "zero puts states"])
        #expect(((head["sites"] as? [[String: Any]])?.first?["random"] as? [Double])?.count == 35)
        let neurons = try await run(
            [
                "cause", "--neuron", "2:5", "--neuron", "2:9", "--filling", "resample", "--prompt",
                "The film was",
            ]
                + words + small, charts: 1, says: ["neuron 5, 9 of block 2"])
        #expect((neurons["claims"] as? [Any])?.isEmpty == true)
    }

    @Test("two facts are told apart by position and head; one's own prompts need as many tokens")
    func patch() async throws {
        let found = try await run(
            ["patch", "--head", "1:2", "--random", "3"], charts: 4,
            says: ["denoising", "noising", "by chance", "straight to the logits", "blocks[1].head[2] sends"])
        let maps = try #require(found["maps"] as? [[String: Any]])
        let effects = try #require(maps.first?["effects"] as? [[Double]])
        // After the last block all of the difference is at the last token.
        #expect(abs((effects.last?.last ?? 0) - 1) < 1e-3 && abs(effects.first?.last ?? 1) < 1e-3)
        #expect((found["direct"] as? [Any])?.count == 36 && (found["paths"] as? [Any])?.count == 24)
        try await desk.vane("test", "patch", "--clean", "The film was", "--corrupt", "It is a very good film")
            .expectFailure(65, ["tokens"])
        try await desk.vane("test", "patch", "--clean", "x").expectFailure(64, ["--corrupt"])
        try await desk.vane("test", "patch", "--model", desk.model).expectFailure(64, ["--clean"])
    }

    @Test("bets find sentiment first, beside random directions, and ask about one text")
    func bet() async throws {
        let found = try await run(
            [
                "bet", "sentiment", "past", "--orders", "3", "--count", "300", "--sample",
                "We had a splendid soup.",
            ]
                + words, charts: 1,
            says: [
                "'lovely' against 'awful' depends on 'sentiment'", "random direction 1", "given the others",
            ])
        let scores = try #require(found["scores"] as? [[String: Any]])
        #expect(scores.count == 5 && scores.count { $0["isControl"] as? Bool == true } == 3)
        #expect(scores.first?["rejected"] as? Int == 3, "\(scores)")
        #expect(scores.dropFirst(2).allSatisfy { $0["discovered"] as? Int ?? 3 <= 1 }, "\(scores)")
        try await desk.vane("test", "bet", "sentiment").expectFailure(64, ["--token"])
        try await desk.vane("test", "bet", "nothing-such", "--token", "x").expectFailure(66, ["nothing-such"])
    }

    @Test("odd texts are those without the concept, hardly any of the class's own")
    func alert() async throws {
        let found = try await run(
            ["alert", "sentiment"] + words, charts: 1, says: ["of the class", "without it", "the oddest"])
        let checked = try #require(found["checked"] as? [[String: Any]])
        func odd(_ group: String) -> Int {
            checked.count {
                $0["group"] as? String == group
                    && ($0["result"] as? [String: Any])?["isOdd"] as? Bool == true
            }
        }
        #expect(
            odd("without it") >= 5 && odd("of the class") <= 4, "\(odd("without it")), \(odd("of the class"))"
        )
        try await desk.vane("test", "alert", "sentiment", "--token", "x", "--class", "happy.txt")
            .expectFailure(64, ["--texts"])
    }

    @Test("lesions give a matrix of concepts beside random units")
    func lesions() async throws {
        let found = try await run(
            [
                "lesions", "politeness", "--concept", "joy=happy.txt,sad.txt", "--count", "24", "--random",
                "5",
            ],
            charts: 1, says: ["random, largest", "most selective units", "diagonal"])
        #expect((found["drops"] as? [[Double]])?.map(\.count) == [2, 2])
        #expect((found["random"] as? [[Double]])?.count == 5)
        try await desk.vane("test", "lesions", "joyfulness").expectFailure(64, ["joyfulness"])
        try await desk.vane("test", "lesions", "--concept", "joy").expectFailure(64, ["--concept"])
    }

    @Test("several concepts are corrected together; a relative one is told from other concepts")
    func importance() async throws {
        let quick = ["--runs", "10", "--permutations", "199"]
        let several = try await run(
            ["importance", "sentiment", "past"] + words + quick, charts: 3,
            says: ["depends on 'sentiment'", "tests of concepts and sites together"])
        #expect((several["concepts"] as? [Any])?.count == 2)
        let relative = try await run(
            ["importance", "sentiment", "--solver", "mean-difference", "--relative", "politeness", "sad.txt"]
                + words + quick, charts: 2, says: ["other concepts (politeness, sad.txt)", "mean-difference"])
        #expect((relative["relative"] as? [String])?.count == 2)
        try await ProcessRunner.vane(
            ["test", "importance", "sentiment", "--relative", "sentiment"] + words, in: desk.folder
        ).expectFailure(64, ["itself"])
        try await desk.vane("test", "importance", "sentiment", "sentiment", "--token", "x")
            .expectFailure(64, ["once"])
    }

    @Test("a concept file and a model of one's own, with texts of both kinds")
    func files() async throws {
        try await desk.learn()
        let own = ["--model", desk.model, "--token", "happy", "--against", "sad"]
        let found = try await run(
            [
                "cause", "joy.vane", "--positive", "happy.txt", "--negative", "sad.txt", "--ending", " I am",
                "--random", "4", "--count", "6", "--direction", "difference",
            ] + own, charts: nil, says: ["texts of happy.txt and sad.txt"])
        #expect((found["sites"] as? [Any])?.isEmpty == false)
        let patched = try await run(
            ["patch", "--clean", "The day day", "--corrupt", "The way day", "--random", "2"] + own,
            charts: 3, says: ["denoising"])
        #expect((patched["tokens"] as? [Any])?.isEmpty == false)
        try await desk.vane("test", "cause", "joy.vane", "--token", "x", "--prompt", "y")
            .expectFailure(65, ["was learnt on"])
        try await desk.vane("test", "cause", "joy.vane", "--token", "x").expectFailure(64, ["--positive"])
    }

    @Test("what is missing is told")
    func refused() async throws {
        try await desk.vane("test", "cause", "sentiment").expectFailure(64, ["--token"])
        try await desk.vane("test", "cause", "--token", "x").expectFailure(64, ["one thing"])
        try await desk.vane("test", "cause", "sentiment", "--token", "a", "--against", "a")
            .expectFailure(64, ["same token"])
        try await desk.vane("test", "cause", "--neuron", "1:2", "--neuron", "2:2", "--token", "x")
            .expectFailure(64, ["one block"])
        try await desk.vane("test", "cause", "--neuron", "1:99999", "--token", "x", "--count", "4")
            .expectFailure(64, ["entries 0 to"])
        try await desk.vane("test", "cause", "--head", "1:0", "--model", desk.model, "--token", "x")
            .expectFailure(64, ["--prompt or --texts"])
    }
}
