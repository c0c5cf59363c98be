import Crypto
import Foundation
package import VaneModels
public import VaneSites
public import VaneTokenizers
package import VaneWeights

/// A network, its tokenizer and what identifies them.
public final class LanguageModel: Sendable {
    /// The network.
    public let network: any SteerableNetwork
    /// The tokenizer.
    public let tokenizer: Tokenizer
    /// Names and fingerprints.
    public let identity: ModelIdentity
    /// Tokens that end a text.
    public let endOfText: Set<Int>

    /// Puts a model together from its parts.
    public init(
        network: any SteerableNetwork, tokenizer: Tokenizer, identity: ModelIdentity, endOfText: Set<Int>
    ) {
        self.network = network
        self.tokenizer = tokenizer
        self.identity = identity
        self.endOfText = endOfText
    }

    /// Loads a Hugging Face folder: `config.json`, `model.safetensors` (or shards) and `tokenizer.json`.
    ///
    /// - Throws: `ModelError`, `WeightsError`, `TokenizerError` or ``GenerationError`` `tokenizerMismatch`,
    ///   each naming file, key and expectation.
    public convenience init(folder: String) throws {
        let folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        try self.init(
            name: LanguageModel.name(folder: folder), at: folder,
            configuration: ModelConfiguration(folder: folder), tokenizer: Tokenizer(folder: folder),
            checkpoint: FolderCheckpoint(folder: folder))
    }

    /// Puts a model together from its files, wherever they come from; `place` is what errors call them.
    ///
    /// - Throws: as ``init(folder:)``.
    package convenience init(
        name: String, at place: String, configuration: ModelConfiguration, tokenizer: Tokenizer,
        checkpoint: FolderCheckpoint
    ) throws {
        let network = try Registry.load(configuration: configuration, checkpoint: checkpoint)
        guard tokenizer.vocabularySize <= network.layout.vocabulary else {
            throw GenerationError(
                .tokenizerMismatch,
                "\(place): the tokenizer has \(tokenizer.vocabularySize) tokens, the model only "
                    + "\(network.layout.vocabulary)")
        }
        let architecture = try configuration.modelType
        let identity = ModelIdentity(
            name: name, architecture: architecture,
            fingerprint: LanguageModel.fingerprint(architecture, checkpoint),
            tokenizerFingerprint: LanguageModel.fingerprint(tokenizer), layout: network.layout)
        let endOfText = try configuration.tokenIDs("eos_token_id").filter { $0 < network.layout.vocabulary }
        self.init(network: network, tokenizer: tokenizer, identity: identity, endOfText: Set(endOfText))
    }

    /// The folder's name; a folder called `hf` takes its parent's.
    private static func name(folder: String) -> String {
        let parts = URL(fileURLWithPath: folder).standardizedFileURL.pathComponents
        let last = parts.last ?? folder
        return last == "hf" && parts.count > 1 ? parts[parts.count - 2] : last
    }

    private static func fingerprint(_ architecture: String, _ checkpoint: FolderCheckpoint) -> String {
        var hash = SHA256()
        hash.update(data: Data(architecture.utf8))
        checkpoint.fingerprintParts { hash.update(data: $0) }
        return hash.finalize().hexadecimal
    }

    private static func fingerprint(_ tokenizer: Tokenizer) -> String {
        var hash = SHA256()
        for id in 0..<tokenizer.vocabularySize {
            hash.update(data: Data("\(id) \(tokenizer.token(id) ?? "")\n".utf8))
        }
        return hash.finalize().hexadecimal
    }
}

extension Digest {
    /// The digest in hexadecimal.
    var hexadecimal: String { map { String(format: "%02x", $0) }.joined() }
}
