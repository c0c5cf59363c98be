import VaneConcepts
public import VaneSites
public import VaneTensors

/// A sparse autoencoder: a dictionary of directions, of which each activation uses a few.
///
///     pre = (x - b_dec)·W_encᵀ + b_enc        z = the part of pre that is selected, else 0
///     x̂ = z·W_dec + b_dec
///
/// `x` is `[rows, width]`, `z` `[rows, latents]`; encoder and decoder are kept as `[latents, width]`, a latent a row,
/// the decoder's of unit length, so that `z` has the unit of the activations. Row `i` of the decoder is the direction
/// that latent `i` writes. Made by ``SparseTrainer`` or read from a SAELens folder. (`SparseAutoencoder` of
/// VaneConcepts reads single directions of such a folder.)
///
/// Sources: Gao et al., arXiv 2406.04093 (top-k); Bussmann et al., arXiv 2412.06410 (batch-top-k); Rajamanoharan et
/// al., arXiv 2407.14435 (JumpReLU); rows 88, 109 and 174 of the methods.
public struct SparseDictionary: Sendable {
    /// Which latents of a row are active.
    public enum Selection: Hashable, Sendable {
        /// The largest positive ones, at most so many.
        case largest(Int)
        /// Those above their threshold, one a latent, none negative.
        case above([Float])
    }

    /// What a latent reads, `[latents, width]`.
    public let encoder: Tensor
    /// What a latent writes, `[latents, width]`.
    public let decoder: Tensor
    /// Added to each latent before the selection.
    public let encoderBias: [Float]
    /// Taken from the activation before and added to the reconstruction after.
    public let decoderBias: [Float]
    /// Which latents of a row are active.
    public let selection: Selection
    /// Where its activations come from; nil if it is not known.
    public let site: Site?
    /// The model they come from; nil if it is not known.
    public let model: String?
    private let packed: PackedMatrix

    /// A dictionary of these parts.
    ///
    /// - Throws: ``EvidenceError`` `invalidOption` when the shapes contradict each other, a number is not finite, a
    ///   threshold is negative or no latent may be active.
    public init(
        encoder: Tensor, decoder: Tensor, encoderBias: [Float], decoderBias: [Float], selection: Selection,
        site: Site? = nil, model: String? = nil
    ) throws {
        func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
            if !condition { throw EvidenceError(.invalidOption, message()) }
        }
        try require(
            encoder.shape.rank == 2 && encoder.shape == decoder.shape && encoder.shape.count > 0,
            "encoder and decoder of a dictionary are [latents, width], not \(encoder.shape) and \(decoder.shape)"
        )
        try require(
            encoderBias.count == encoder.shape[0] && decoderBias.count == encoder.shape[1],
            "the biases of a dictionary \(encoder.shape) have \(encoderBias.count) and \(decoderBias.count) numbers"
        )
        switch selection {
        case .largest(let count):
            try require(count > 0, "a dictionary needs at least one active latent, not \(count)")
        case .above(let thresholds):
            try require(
                thresholds.count == encoder.shape[0] && thresholds.allSatisfy { $0 >= 0 && $0.isFinite },
                "a dictionary of \(encoder.shape[0]) latents needs as many thresholds from 0 up")
        }
        let (reading, writing) = (encoder.detached.copied(), decoder.detached.copied())
        for (name, numbers) in [
            ("encoder", reading.elements), ("decoder", writing.elements), ("encoder's bias", encoderBias),
            ("decoder's bias", decoderBias),
        ] {
            try require(
                numbers.allSatisfy(\.isFinite), "the dictionary's \(name) has numbers that are not finite")
        }
        self.encoder = reading
        self.decoder = writing
        self.encoderBias = encoderBias
        self.decoderBias = decoderBias
        self.selection = selection
        self.site = site
        self.model = model
        packed = try PackedMatrix(reading)
    }

    /// How many directions it has.
    public var latents: Int { encoder.shape[0] }
    /// Entries of an activation.
    public var width: Int { encoder.shape[1] }

    /// The direction that latent `index` writes.
    ///
    /// - Throws: ``EvidenceError`` `invalidOption` for a latent that is not there.
    public func direction(_ index: Int) throws -> [Float] {
        guard index >= 0 && index < latents else {
            throw EvidenceError(
                .invalidOption, "the dictionary has latents 0 to \(latents - 1), not \(index)")
        }
        return try decoder.rows(index..<index + 1).elements
    }

    /// The active latents of each row.
    ///
    /// - Parameter activations: `[rows, width]`.
    /// - Throws: ``EvidenceError`` `unusableInputs` for rows of another width.
    public func encode(_ activations: Tensor) throws -> SparseRows {
        try require(activations)
        let bias = try Tensor(encoderBias, shape: [latents])
        var result = SparseRows(columns: latents)
        for start in stride(from: 0, to: activations.shape[0], by: SparseDictionary.block) {
            let range = start..<min(start + SparseDictionary.block, activations.shape[0])
            let before = try centred(activations.detached.rows(range)).linear(packed, bias: bias)
            switch selection {
            case .largest(let count): result.append(try before.topEntries(count))
            case .above(let thresholds): result.append(try before.entries(above: thresholds))
            }
        }
        return result
    }

    /// The activations that codes stand for, `[rows, width]`.
    ///
    /// - Throws: ``EvidenceError`` `unusableInputs` for codes of another number of latents.
    public func decode(_ codes: SparseRows) throws -> Tensor {
        guard codes.columns == latents else {
            throw EvidenceError(
                .unusableInputs, "codes of \(codes.columns) latents, the dictionary has \(latents)")
        }
        return try codes.product(decoder, start: Tensor(decoderBias, shape: [width]))
    }

    /// The nearest that the dictionary comes to `activations`, `[rows, width]`.
    ///
    /// - Throws: as ``encode(_:)``.
    public func reconstruct(_ activations: Tensor) throws -> Tensor { try decode(encode(activations)) }

    /// As many random directions, each read as it is written, with the same selection and centre: the control of every
    /// claim about a dictionary.
    public func withRandomDirections(seed: UInt64 = 0) throws -> SparseDictionary {
        var generator = SeededGenerator(seed: seed, stream: 0x7261_6E64)
        let directions = try Tensor(
            (0..<latents).flatMap { _ in generator.unitVector(width: width) }, shape: [latents, width])
        return try SparseDictionary(
            encoder: directions, decoder: directions, encoderBias: [Float](repeating: 0, count: latents),
            decoderBias: decoderBias, selection: selection, site: site, model: model)
    }

    /// Rows encoded at a time: what lies before the selection is as wide as the dictionary.
    static let block = 512

    private func centred(_ rows: Tensor) -> Tensor {
        let result = rows.copied()
        let (count, width) = (rows.shape[0], width)
        result.write { base in
            decoderBias.withUnsafeBufferPointer { bias in
                for row in 0..<count { for j in 0..<width { base[row * width + j] -= bias[j] } }
            }
        }
        return result
    }

    private func require(_ activations: Tensor) throws {
        guard activations.shape.rank == 2 && activations.shape[1] == width else {
            throw EvidenceError(
                .unusableInputs, "the dictionary takes rows of \(width) numbers, not \(activations.shape)")
        }
    }
}
