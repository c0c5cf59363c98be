import Foundation
import VaneSites
import VaneTensors
import VaneWeights

/// Parameters, moments and counts of a run: what a step changes in place and a checkpoint holds.
///
/// Everything is in the scale of training, in which an entry varies by 1; see ``dictionary(site:model:)``.
final class SparseTrainingState {
    let options: SparseTrainer.Options
    let width: Int
    /// Activations times this have the scale of training.
    let scale: Float
    /// Steps taken.
    var step = 0
    /// `[latents, width]`.
    let encoder, decoder: Parameter
    /// `[latents]`.
    let encoderBias: Parameter
    /// `[width]`.
    let decoderBias: Parameter
    /// Logarithms of JumpReLU's thresholds, `[latents]`.
    let thresholds: Parameter
    /// The step after which each latent was last active.
    var lastActive: [Int]
    /// The running threshold of batch-top-k; negative before the first step.
    var batchThreshold: Double

    /// A parameter with the two moments of Adam. Nobody else holds the tensors, so they are changed in place.
    struct Parameter {
        let value, first, second: Tensor

        init(_ value: Tensor) {
            self.value = value
            first = Tensor(zeros: value.shape)
            second = Tensor(zeros: value.shape)
        }

        init(_ value: Tensor, _ first: Tensor, _ second: Tensor) {
            (self.value, self.first, self.second) = (value, first, second)
        }
    }

    /// Before the first step. Scale, centre and JumpReLU's thresholds come from a batch of activations.
    init(_ batch: Tensor, _ options: SparseTrainer.Options) throws {
        self.options = options
        width = batch.width
        let means = SparseKernels.columnSums(batch).map { Double($0) / Double(batch.shape[0]) }
        var spread = 0.0
        let width = batch.width
        batch.read { x in
            for i in 0..<batch.shape.count {
                let difference = Double(x[i]) - means[i % width]
                spread += difference * difference
            }
        }
        let deviation = (spread / Double(batch.shape.count)).squareRoot()
        guard deviation > 1e-30 && deviation.isFinite else {
            throw EvidenceError(
                .unusableInputs, "the activations are all the same or not finite; there is nothing to learn")
        }
        let scale = Float(1 / deviation)
        self.scale = scale
        var directions: [Float] = []
        directions.reserveCapacity(options.latents * width)
        for latent in 0..<options.latents {
            var generator = SeededGenerator(seed: options.seed, stream: 1 << 62 | UInt64(latent))
            directions += generator.unitVector(width: width)
        }
        let shape = Shape([options.latents, width])
        encoder = Parameter(try Tensor(directions, shape: shape))
        decoder = Parameter(try Tensor(directions, shape: shape))
        encoderBias = Parameter(Tensor(zeros: [options.latents]))
        decoderBias = Parameter(try Tensor(means.map { Float($0) * scale }, shape: [width]))
        thresholds = Parameter(Tensor(zeros: [options.latents]))
        lastActive = [Int](repeating: 0, count: options.latents)
        batchThreshold = -1
        if options.kind == .jumpReLU {
            let before = try centred(batch).linear(
                PackedMatrix(encoder.value), bias: encoderBias.value)
            let least = BatchSelection.threshold(keeping: options.k * batch.shape[0], of: before)
            let start = log(max(least, 1e-3))
            thresholds.value.write { $0.update(repeating: start, count: options.latents) }
        }
    }

    /// The state that a checkpoint held.
    private init(
        _ options: SparseTrainer.Options, width: Int, scale: Float, step: Int, encoder: Parameter,
        decoder: Parameter, encoderBias: Parameter, decoderBias: Parameter, thresholds: Parameter,
        lastActive: [Int], batchThreshold: Double
    ) {
        self.options = options
        self.width = width
        self.scale = scale
        self.step = step
        (self.encoder, self.decoder) = (encoder, decoder)
        (self.encoderBias, self.decoderBias) = (encoderBias, decoderBias)
        self.thresholds = thresholds
        self.lastActive = lastActive
        self.batchThreshold = batchThreshold
    }

    /// The dictionary as it is now, for activations as they come. With `s` the scale, `z/s` for `z`: biases and
    /// thresholds are divided, the directions stay.
    func dictionary(site: Site?, model: String?) throws -> SparseDictionary {
        let selection: SparseDictionary.Selection =
            switch options.kind {
            case .topK: .largest(options.k)
            case .batchTopK:
                .above(
                    [Float](repeating: Float(max(batchThreshold, 0)) / scale, count: options.latents))
            case .jumpReLU: .above(thresholds.value.elements.map { exp($0) / scale })
            }
        return try SparseDictionary(
            encoder: encoder.value, decoder: decoder.value,
            encoderBias: encoderBias.value.elements.map { $0 / scale },
            decoderBias: decoderBias.value.elements.map { $0 / scale }, selection: selection, site: site,
            model: model)
    }

    /// `scale·x - b_dec`.
    func centred(_ batch: Tensor) throws -> Tensor {
        let result = Tensor(uninitialised: batch.shape)
        let (scale, width) = (scale, width)
        batch.read { x in
            decoderBias.value.read { bias in
                result.write { y in
                    // Sound: every row is written by one part, and all pointers outlive the call.
                    nonisolated(unsafe) let (x, bias, y) = (x, bias, y)
                    let stride = batch.rowStride
                    SparseTrainingState.parallel(batch.shape[0]) { row in
                        for j in 0..<width { y[row * width + j] = scale * x[row * stride + j] - bias[j] }
                    }
                }
            }
        }
        return result
    }

    /// Calls `body(0) … body(count - 1)` on the kernels' threads.
    static func parallel(_ count: Int, of size: Int = 32, _ body: @Sendable (Int) -> Void) {
        Compute.parallel((count + size - 1) / size) { part in
            for i in part * size..<min(count, (part + 1) * size) { body(i) }
        }
    }
}

// MARK: Checkpoints

extension SparseTrainingState {
    private struct Facts: Codable {
        let run: String
        let options: SparseTrainer.Options
        let step: Int
        let scale: Float
        let batchThreshold: Double
    }

    private static let key = "vane.dictionary-training"

    private var parameters: [String: Parameter] {
        [
            "encoder": encoder, "decoder": decoder, "encoderBias": encoderBias, "decoderBias": decoderBias,
            "thresholds": thresholds,
        ]
    }

    /// Writes the state to a safetensors file, whole or not at all.
    ///
    /// - Throws: `WeightsError` `unwritable`.
    func write(to path: String, run: String) throws {
        var tensors: [String: Tensor] = [:]
        for (name, parameter) in parameters {
            tensors[name] = parameter.value
            tensors["first." + name] = parameter.first
            tensors["second." + name] = parameter.second
        }
        // Steps stay below 2²⁴, so a float32 holds them.
        tensors["lastActive"] = try Tensor(lastActive.map { Float($0) }, shape: [lastActive.count])
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let facts = Facts(
            run: run, options: options, step: step, scale: scale, batchThreshold: batchThreshold)
        let json = String(decoding: try encoder.encode(facts), as: UTF8.self)
        try SafetensorsFile.write(tensors, metadata: [SparseTrainingState.key: json], to: path)
    }

    /// Reads a state.
    ///
    /// - Throws: ``EvidenceError`` `malformedFile` when it is damaged or of another run; `WeightsError`.
    convenience init(
        contentsOf path: String, _ options: SparseTrainer.Options, width: Int, run: String
    ) throws {
        let file = try SafetensorsFile(path: path)
        guard let text = file.metadata[SparseTrainingState.key],
            let facts = try? JSONDecoder().decode(Facts.self, from: Data(text.utf8)),
            (0...options.rate.steps).contains(facts.step), facts.scale > 0, facts.scale.isFinite
        else { throw EvidenceError(.malformedFile, "\(path) is not a checkpoint of a dictionary's training") }
        guard facts.run == run, facts.options == options else {
            throw EvidenceError(
                .malformedFile,
                "\(path) belongs to a training with other data or options; remove it or name another folder")
        }
        func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
            guard let tensor = try file.tensor(named: name), tensor.shape == shape else {
                throw EvidenceError(.malformedFile, "\(path) has no '\(name)' of shape \(shape)")
            }
            return tensor.copied()
        }
        func parameter(_ name: String, _ shape: Shape) throws -> Parameter {
            try Parameter(
                tensor(name, shape), tensor("first." + name, shape), tensor("second." + name, shape))
        }
        let matrix = Shape([options.latents, width])
        let last = try tensor("lastActive", [options.latents]).elements
        guard last.allSatisfy({ $0 >= 0 && $0 <= Float(facts.step) }) else {
            throw EvidenceError(.malformedFile, "\(path) counts steps that were not taken")
        }
        try self.init(
            options, width: width, scale: facts.scale, step: facts.step,
            encoder: parameter("encoder", matrix), decoder: parameter("decoder", matrix),
            encoderBias: parameter("encoderBias", [options.latents]),
            decoderBias: parameter("decoderBias", [width]),
            thresholds: parameter("thresholds", [options.latents]), lastActive: last.map { Int($0) },
            batchThreshold: facts.batchThreshold)
    }
}
