import Foundation
import Testing
import VaneModels
import VaneSites
import VaneTestSupport

@Suite("Bad configurations are refused in one clear line")
struct ConfigurationTests {
    /// A change to a fixture's configuration, the value as JSON text, and what the error must name.
    struct Case: Sendable, CustomTestStringConvertible {
        let fixture: ModelFixture
        let key: String
        let value: String
        let code: ModelError.Code
        let expectation: String
        var testDescription: String { "\(fixture.rawValue): \(key) = \(value)" }

        init(
            _ fixture: ModelFixture, _ key: String, _ value: String, _ expectation: String,
            code: ModelError.Code = .malformedConfiguration
        ) {
            (self.fixture, self.key, self.value) = (fixture, key, value)
            (self.code, self.expectation) = (code, expectation)
        }
    }

    static let wholeNumbers: [Case] = [
        "0", "-3", "2.5", "1e300", "16777217", "9223372036854775808", "true", "\"4\"", "[4]",
    ]
    .map { Case(.gpt2, "n_layer", $0, "'n_layer' should be a whole number from 1 to 4096") }

    static let cases: [Case] =
        wholeNumbers + [
            Case(.gpt2, "model_type", "7", "'model_type' should be a string"),
            Case(.gpt2, "n_head", "5", "'n_head' should be a divisor of n_embd = 48"),
            Case(.gpt2, "vocab_size", "16777217", "a whole number from 1 to 16777216"),
            Case(.gpt2, "layer_norm_epsilon", "\"small\"", "a positive number"),
            Case(.gpt2, "layer_norm_epsilon", "-1", "a positive number"),
            Case(.gpt2, "layer_norm_epsilon", "true", "a positive number"),
            Case(.gpt2, "tie_word_embeddings", "1", "true or false"),
            Case(.gpt2, "activation_function", "\"mish\"", "'mish'", code: .unsupportedVariant),
            Case(.gptNeo, "num_heads", "3", "'num_heads' should be a divisor of hidden_size = 32"),
            Case(.gptNeo, "window_size", "0", "'window_size'"),
            Case(.gptNeo, "attention_layers", "[\"global\"]", "4 names, one a block"),
            Case(
                .gptNeo, "attention_layers", "[\"global\",\"local\",\"global\",\"odd\"]", "'odd'",
                code: .unsupportedVariant),
            Case(.llama, "num_key_value_heads", "4", "a divisor of num_attention_heads = 6"),
            Case(.llama, "head_dim", "7", "an even number"),
            Case(.llama, "rms_norm_eps", "0", "a positive number"),
            Case(.llama, "rope_parameters", "3", "'rope_parameters' should be an object"),
            Case(.llama, "rope_parameters", "{\"rope_theta\": -1}", "'rope_theta'"),
            Case(
                .llama, "rope_parameters", "{\"rope_type\": \"llama3\"}", "'llama3'",
                code: .unsupportedVariant),
            Case(
                .llama, "rope_scaling", "{\"type\": \"linear\", \"factor\": 2}", "'linear'",
                code: .unsupportedVariant),
        ]

    @Test("a bad value is named with its key", arguments: cases)
    func values(_ bad: Case) throws {
        let value = try JSONSerialization.jsonObject(with: Data(bad.value.utf8), options: .fragmentsAllowed)
        let error = #expect(throws: ModelError.self) { try bad.fixture.load(changing: [bad.key: value]) }
        #expect(error?.code == bad.code)
        #expect(error?.message.contains(bad.expectation) == true, "\(error?.message ?? "")")
        #expect(error?.message.hasPrefix(bad.fixture.rawValue) == true, "\(error?.message ?? "")")
    }

    @Test(
        "a missing key is named",
        arguments: [
            (ModelFixture.gpt2, ["model_type", "n_embd", "n_head", "n_layer", "vocab_size", "n_positions"]),
            (.gptNeo, ["hidden_size", "num_heads", "num_layers", "vocab_size", "max_position_embeddings"]),
            (
                .llama,
                [
                    "hidden_size", "num_attention_heads", "num_hidden_layers", "intermediate_size",
                    "vocab_size",
                ]
            ),
        ])
    func missing(fixture: ModelFixture, keys: [String]) {
        for key in keys {
            for absent in [nil, NSNull()] as [Any?] {
                let error = #expect(throws: ModelError.self) { try fixture.load(changing: [key: absent]) }
                #expect(error?.code == .malformedConfiguration)
                #expect(error?.message == "\(fixture.rawValue) lacks the key '\(key)'")
            }
        }
    }

    @Test("an unknown architecture is told which are known")
    func unknownArchitecture() {
        let error = #expect(throws: ModelError.self) {
            try ModelFixture.gpt2.load(changing: ["model_type": "gpt5"])
        }
        #expect(error?.code == .unknownArchitecture)
        for known in ["'gpt5'", "gpt2", "gpt_neo", "llama"] {
            #expect(error?.message.contains(known) == true, "\(error?.message ?? "")")
        }
        #expect(Registry.modelTypes == ["gpt2", "gpt_neo", "llama"])
    }

    @Test(
        "text that is no JSON object is refused",
        arguments: ["", "{", "[]", "3", "\"a\"", "{\"a\": 1e999}", "\u{0}"])
    func notAnObject(text: String) {
        let error = #expect(throws: ModelError.self) {
            try ModelConfiguration(json: Data(text.utf8), name: "config.json")
        }
        #expect(error?.code == .malformedConfiguration && error?.message.contains("config.json") == true)
    }

    @Test("a huge rotary table is refused before memory is taken")
    func rotaryTable() {
        let changes = ["head_dim": 1 << 24, "max_position_embeddings": 1 << 24]
        let error = #expect(throws: ModelError.self) { try ModelFixture.llama.load(changing: changes) }
        #expect(error?.message.contains("'max_position_embeddings' should be at most 16") == true)
    }

    @Test("the number 1 is a number, not a truth value")
    func one() throws {
        // JSON readers hand out 1 and true alike; a model of one block must load.
        let network = try ModelFixture.gpt2.load(changing: ["n_layer": 1, "n_head": 1])
        #expect(network.layout.depth == 1 && network.layout.heads == 1 && network.layout.headWidth == 48)
        let single = try ModelFixture.gpt2.configuration(["eos_token_id": 1])
        #expect(try single.tokenIDs("eos_token_id") == [1])
        #expect(
            try ModelFixture.gpt2.configuration(["eos_token_id": [1, 5]]).tokenIDs("eos_token_id") == [1, 5])
        #expect(try ModelFixture.gpt2.configuration(["eos_token_id": nil]).tokenIDs("eos_token_id") == [])
        for bad in [-1, "a", [2, -1]] as [Any] {
            let configuration = try ModelFixture.gpt2.configuration(["eos_token_id": bad])
            let error = #expect(throws: ModelError.self) { try configuration.tokenIDs("eos_token_id") }
            #expect(error?.message.contains("'eos_token_id' should be a token id") == true)
        }
    }
}
