import ArgumentParser
import Foundation
import Vane

/// Plans in files.
struct PlanOptions: ParsableArguments {
    @Option(
        name: .customLong("plan"),
        help: ArgumentHelp(
            "Also run the plan of a JSON file, such as `vane transport` or --save-plan writes. Its concepts are files beside it, "
                + "paths, or concepts of the built-in model. Can be repeated.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var files: [String] = []

    @Option(
        help: ArgumentHelp(
            "How far the maps of --plan files move a state, 0 to 1; as the files say if not given.",
            valueName: "part"))
    var strength: Double?

    @Option(
        name: .customLong("save-plan"),
        help: ArgumentHelp(
            "Write the plan that ran, with the strengths that were found, to a file for --plan.",
            valueName: "file"), completion: .file(extensions: ["json"]))
    var save: String?

    func validate() throws {
        guard strength.map({ $0 >= 0 && $0 <= 1 }) ?? true else {
            throw ValidationError("--strength must lie between 0 and 1")
        }
        guard strength == nil || !files.isEmpty else {
            throw ValidationError(
                "--strength belongs to the maps of --plan FILE; a concept's strength is written NAME=0.95")
        }
    }

    /// Reads the files, and refuses a --save-plan that cannot be written, before a model is loaded.
    ///
    /// - Throws: `SteeringError` `missingFile`, `malformedFile`; `WeightsError` `unwritable`.
    func load() throws -> [(path: String, file: PlanFile)] {
        if let save { try requireWritable(save) }
        var plans = try files.map { (path: $0, file: try PlanFile(contentsOf: $0)) }
        guard let strength else { return plans }
        var maps = 0
        for i in plans.indices {
            for j in plans[i].file.plan.entries.indices {
                guard case .transport(let map) = plans[i].file.plan.entries[j].operation else { continue }
                plans[i].file.plan.entries[j].operation = .transport(map.with(strength: strength))
                maps += 1
            }
        }
        guard maps > 0 else {
            throw ValidationError(
                "--strength is for maps, and \(files.joined(separator: ", ")) holds none")
        }
        return plans
    }

    /// Writes the plan that ran, its concepts named by where they are found from there.
    func write(_ plan: SteeringPlan, _ concepts: NamedConcepts, for model: ModelIdentity) throws {
        guard let save else { return }
        var plan = plan
        for i in plan.entries.indices {
            if !plan.entries[i].operation.carriesData {
                plan.entries[i].concept = concepts.reference(to: plan.entries[i].concept, from: save)
            }
            if let gate = plan.entries[i].gate {
                plan.entries[i].gate?.concept = concepts.reference(to: gate.concept, from: save)
            }
        }
        try PlanFile(plan, model: model).write(to: save)
    }
}

/// The concepts of a plan, each under a name of its own.
struct NamedConcepts {
    private(set) var all: [Concept] = []
    /// The file of a concept by its name in the plan; none for a built-in one.
    private var files: [String: String] = [:]

    /// Looks a concept up and returns the name it has in the plan.
    ///
    /// - Parameters:
    ///   - argument: a file, or a concept of the built-in model.
    ///   - plan: the plan file that names it; files are looked for in its folder first.
    ///   - model: the model that it must belong to.
    mutating func add(_ argument: String, namedBy plan: String? = nil, for model: ModelIdentity) throws
        -> String
    {
        var path = argument
        if let plan, !argument.hasPrefix("/") {
            let folder = URL(fileURLWithPath: plan).deletingLastPathComponent().path
            path = ["\(folder)/\(argument)", "\(folder)/\(argument).vane"].first(where: isFile) ?? argument
        }
        var concept: Concept
        do { concept = try Concept(argument: path) } catch let error as ConceptError
            where plan != nil && error.code == .missingFile
        {
            throw SteeringError(
                .missingFile,
                "\(plan ?? ""): the concept '\(argument)' is no file beside the plan, no path, and no concept of the "
                    + "built-in model")
        }
        try concept.requireModel(model)
        if let same = all.first(where: { $0.name == concept.name }), same != concept { concept.name = path }
        if !all.contains(concept) { all.append(concept) }
        if isFile(path) { files[concept.name] = path }
        return concept.name
    }

    /// How a plan in the file `plan` names a concept: relative to its folder if the concept lies inside.
    func reference(to name: String, from plan: String) -> String {
        guard let file = files[name] else { return name }
        let path = URL(fileURLWithPath: file).standardizedFileURL.path
        let folder = URL(fileURLWithPath: plan).standardizedFileURL.deletingLastPathComponent().path
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
    }
}

/// Whether a regular file, not a folder or a device, is at `path`.
private func isFile(_ path: String) -> Bool {
    let path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
    return type == .typeRegular
}

/// Refuses a place that cannot be written before the work is done, not after.
///
/// - Throws: `WeightsError` `unwritable`.
func requireWritable(_ path: String) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard FileManager.default.isWritableFile(atPath: folder) else {
        throw WeightsError(
            .unwritable, "cannot write \(path): \(folder) is not a folder that can be written")
    }
}
