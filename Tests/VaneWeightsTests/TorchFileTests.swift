import Foundation
import Testing
import VaneTensors
import VaneTestSupport
import VaneWeights

@Suite("Files of torch.save")
struct TorchFileTests {
    private func open(_ name: String) throws -> TorchFile {
        try TorchFile(path: Fixtures.url("exchange/\(name)").path)
    }

    private func elements(_ value: TorchValue) throws -> [Float] {
        guard case .tensor(let tensor) = value else {
            Issue.record("no tensor: \(value)")
            return []
        }
        return try tensor.load().elements
    }

    private func vector(_ layer: Int) -> [Float] { ExchangeNumbers.vector(layer, width: 8) }

    @Test(
        "a bare tensor, in both containers and with 64-bit lengths", .tags(.golden),
        arguments: ["vec_layer_3.pt", "legacy.pt", "wide.pt"])
    func bare(name: String) throws {
        #expect(try elements(open(name).value) == vector(3))
    }

    @Test("matrices, lists and dictionaries keep order, shape and type", .tags(.golden))
    func containers() throws {
        guard case .tensor(let matrix) = try open("matrix.pt").value else {
            Issue.record("no tensor")
            return
        }
        #expect(matrix.shape == [3, 8])
        #expect(try matrix.load().dtype == .bfloat16)
        #expect(try matrix.load().elements == vector(0) + vector(1) + vector(2))
        #expect(try elements(open("double.pt").value) == vector(0) + vector(1))
        guard case .list(let items) = try open("list.pt").value,
            case .dictionary(let pairs) = try open("layers.pt").value
        else {
            Issue.record("no list or dictionary")
            return
        }
        #expect(try items.map(elements) == [vector(0), vector(1)])
        guard case .integer(4) = pairs[0].key, case .integer(6) = pairs[1].key else {
            Issue.record("other keys: \(pairs)")
            return
        }
        #expect(try pairs.map { try elements($0.value) } == [vector(4), vector(6)])
    }

    @Test("a view is read by its strides", .tags(.golden))
    func views() throws {
        guard case .list(let items) = try open("views.pt").value else {
            Issue.record("no list")
            return
        }
        // Column 2 of three rows, and the second row.
        #expect(try elements(items[0]) == (0..<3).map { vector($0)[2] })
        #expect(try elements(items[1]) == vector(1))
    }

    @Test("state dictionaries and parameters are read; integers are listed and refused", .tags(.golden))
    func state() throws {
        let state = try open("state.pt").tensors
        #expect(state.keys.sorted() == ["bias", "weight"] && state["weight"]?.shape == [2, 8])
        #expect(try state["weight"]?.load().elements == vector(1) + vector(2))
        #expect(try state["bias"]?.load().elements == Array(vector(3).prefix(2)))
        let parameters = try open("parameter.pt").tensors
        #expect(try parameters["weight"]?.load().elements == vector(1))
        let error = #expect(throws: WeightsError.self) { try parameters["count"]?.load() }
        #expect(error?.code == .unexpectedTensor && error?.message.contains("LongStorage") == true)
    }

    @Test("the old container shares storages and holds plain values", .tags(.golden))
    func legacy() throws {
        let file = try open("legacy-dict.pt")
        #expect(try file.tensors["a"]?.load().elements == vector(0) + vector(1) + vector(2))
        #expect(try file.tensors["b"]?.load().elements == vector(0))
        guard case .dictionary(let pairs) = file.value, case .none = pairs[2].value,
            case .list(let flags) = pairs[3].value, case .bool(true) = flags[0], case .bool(false) = flags[1],
            case .integer(-70000) = flags[2], case .integer(1 << 40) = flags[3]
        else {
            Issue.record("other values: \(file.value)")
            return
        }
    }

    @Test(
        "what asks for more than tensors is refused by name",
        arguments: [
            ("eval.pt", "'__builtin__.eval'"), ("eval-legacy.pt", "'__builtin__.eval'"),
            ("module.pt", "'torch.nn.modules.linear.Linear'"), ("numpy.pt", "numpy"),
            ("sparse.pt", "sparse"), ("expanded.pt", "repeats"), ("plain.pkl", "magic number"),
            ("compressed.pt", "compressed"), ("loop.pt", "nests values"),
        ])
    func refused(name: String, part: String) {
        let error = #expect(throws: WeightsError.self) { try open("refused/\(name)") }
        #expect(error?.code == .malformed && error?.message.contains(name) == true)
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    @Test(
        "cut short at any byte it is refused; any byte changed, it is refused or read, and never crashes",
        arguments: ["legacy-dict.pt", "legacy.pt", "views.pt", "named.pt", "wide.pt"])
    func damage(name: String) throws {
        let data = try Data(contentsOf: Fixtures.url("exchange/\(name)"))
        func read(_ data: Data) throws {
            try readAll(data.withUnsafeBytes { try TorchFile(bytes: $0, name: "bad.pt") }.value)
        }
        try read(data)
        for count in 0..<data.count {
            #expect(throws: WeightsError.self, "\(count) bytes") { try read(data.prefix(count)) }
        }
        var refused = 0
        for place in data.indices {
            for value in [0, 0xFF, data[place] ^ 1, UInt8(ascii: "R"), UInt8(ascii: "(")] as [UInt8] {
                var damaged = data
                damaged[place] = value
                do { try read(damaged) } catch { refused += 1 }
            }
        }
        #expect(refused > 200, "\(refused) of \(5 * data.count) were refused")
    }

    /// Loads every tensor.
    private func readAll(_ value: TorchValue) throws {
        switch value {
        case .tensor(let tensor): _ = try? tensor.load().elements
        case .list(let items): for item in items { try readAll(item) }
        case .dictionary(let pairs): for (_, value) in pairs { try readAll(value) }
        default: break
        }
    }

    @Test(
        "real files hold what their safetensors hold", .enabled(if: Fixtures.shared != nil),
        arguments: [
            ("models/resnet_cifar10/resnet20.th", "models/resnet_cifar10/resnet20.safetensors"),
            ("models/ddpm_mnist", "models/ddpm_mnist"),
            ("embeddings/clip_text_objects", "embeddings/clip_text_objects"),
        ])
    func real(torch: String, safetensors: String) throws {
        let shared = try #require(Fixtures.shared)
        func find(_ path: String, _ ending: String) throws -> String {
            let place = shared.appendingPathComponent(path).path
            if path.hasSuffix(ending) { return place }
            let names = try FileManager.default.contentsOfDirectory(atPath: place)
            return place + "/" + (try #require(names.first { $0.hasSuffix(ending) }))
        }
        let file = try TorchFile(path: find(torch, torch.hasSuffix(".th") ? ".th" : ".pt"))
        let reference = try SafetensorsFile(path: find(safetensors, ".safetensors"))
        var tensors: [String: TorchTensor] = [:]
        func collect(_ value: TorchValue, _ name: String) {
            switch value {
            case .tensor(let tensor): tensors[name] = tensor
            case .dictionary(let pairs):
                for case (.string(let key), let value) in pairs { collect(value, key) }
            default: break
            }
        }
        collect(file.value, "embeddings")
        var compared = 0
        for name in reference.tensorNames {
            let prefixes = ["", "module.", "network."]
            guard let own = prefixes.compactMap({ tensors[$0 + name] }).first else { continue }
            let theirs = try #require(try reference.tensor(named: name))
            guard own.shape == theirs.shape.array else {
                Issue.record("\(name): \(own.shape) and \(theirs.shape)")
                continue
            }
            #expect(try own.load().elements == theirs.elements, "\(name)")
            compared += 1
        }
        #expect(compared > 0 && compared >= reference.tensorNames.count * 9 / 10, "\(tensors.keys.sorted())")
    }
}
