import ArgumentParser
import Vane

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write a concept's directions for another tool.",
        discussion: """
              vane export sentiment --output sentiment.gguf
              vane export happiness.vane --output happiness.gguf --norms 0.5
              vane export happiness.vane --output happiness.gguf --format glp
              vane export happiness.vane --output happiness.svec --format svec

            A control vector is added by llama.cpp (--control-vector-scaled FILE SCALE) or repeng at the concept's own layers; a GLP file
            takes the direction out. A control vector's length is the way from the mean of the negative to the mean of the
            positive examples, unless --norms says otherwise. What these formats cannot say (probes, targets) stays behind.
            """)

    /// The formats that can be written.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case controlVector = "control-vector"
        case glp, svec
    }

    @Argument(
        help: "The concept file, or a built-in concept's name.", completion: .file(extensions: ["vane"]))
    var concept: String

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Where to write.", valueName: "file"), completion: .file())
    var output: String

    @Option(help: "The format: control-vector, glp or svec.")
    var format: Format = .controlVector

    @Option(
        help: ArgumentHelp(
            "The length of the vectors, in multiples of the typical norm of an activation there.",
            valueName: "number"))
    var norms: Double?

    @Option(
        help: ArgumentHelp(
            "With glp: how much of the direction is taken out; 1 all of it.", valueName: "number"))
    var alpha: Float = 1

    @OptionGroup var display: OutputOptions

    private struct Report: Encodable {
        let file: String
        let format: String
        let sites: [Site]
        let notes: [String]
    }

    func validate() throws {
        guard norms?.isFinite ?? true, alpha.isFinite else {
            throw ValidationError("--norms and --alpha must be finite numbers")
        }
        guard norms == nil || format != .glp else {
            throw ValidationError("--norms belongs to vectors that are added; a projection has --alpha")
        }
    }

    func run() throws {
        let concept = try Concept(argument: concept)
        let vectors: VectorFile
        let notes: [String]
        switch format {
        case .glp:
            vectors = try VectorFile(concept, projectingOut: alpha)
            notes = try LayerProjection.write(vectors, to: output)
        case .controlVector:
            vectors = try scaled(concept)
            notes = try ControlVector.write(vectors, to: output)
        case .svec:
            vectors = try scaled(concept)
            notes = try SVec.write(vectors, to: output)
        }
        let all = (vectors.notes + notes + concept.verdict.cautions).filter { !$0.isEmpty }
        if display.json {
            return try printJSON(
                Report(file: output, format: format.rawValue, sites: vectors.sites, notes: all))
        }
        let terminal = Terminal(display.color)
        for note in all { print("note: \(terminal.safe(note))") }
        print("wrote \(output): \(vectors.sites.map(\.description).joined(separator: ", "))")
    }

    /// The steering directions at the length asked for.
    private func scaled(_ concept: Concept) throws -> VectorFile {
        var file = try VectorFile(concept, strength: 1)
        for layer in try concept.defaultLayers {
            let length =
                norms.map { $0 * layer.result.typicalNorm } ?? layer.steeringSeparation / layer.steering.norm
            file.vectors[layer.site] = layer.steering.direction.map { Float(Double($0) * length) }
        }
        return file
    }
}
