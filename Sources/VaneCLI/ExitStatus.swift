import Foundation
import Vane

/// The process's exit codes, after `sysexits.h`. 0 is success.
enum ExitStatus: Int32 {
    case failed = 1
    case usage = 64
    case badData = 65
    case missingInput = 66

    /// The code for an error of the library; nil for errors the argument parser reports itself.
    init?(_ error: any Error) {
        switch error {
        case let error as ConceptError:
            switch error.code {
            case .missingFile: self = .missingInput
            case .invalidOption, .unknownSite: self = .usage
            default: self = .badData
            }
        case let error as WeightsError:
            switch error.code {
            case .unreadable: self = .missingInput
            case .unwritable: self = .failed
            default: self = .badData
            }
        case let error as ModelError: self = error.code == .unreadable ? .missingInput : .badData
        case let error as TokenizerError: self = error.code == .unreadable ? .missingInput : .badData
        case let error as SteeringError:
            switch error.code {
            case .missingFile: self = .missingInput
            case .malformedFile, .wrongModel: self = .badData
            case .editWithoutEffect: self = .failed
            default: self = .usage
            }
        case let error as EvidenceError:
            switch error.code {
            case .missingFile: self = .missingInput
            case .malformedFile, .unusableInputs, .unsupportedNetwork: self = .badData
            default: self = .usage
            }
        case is SiteError: self = .usage
        case let error as GenerationError: self = error.code == .tokenizerMismatch ? .badData : .usage
        case is EvaluationError: self = .badData
        case is TensorError, is CancellationError: self = .failed
        default: return nil
        }
    }
}
