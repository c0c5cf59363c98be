/// A tensor's place on a tape.
package struct Recording: Sendable {
    let link: TapeLink
    let place: Int

    /// The tape; nil when nobody holds it any more.
    var tape: Tape? { link.tape }
}

/// A tape as its tensors see it. They do not keep it alive: a checkpoint's closure holds recorded tensors, and
/// a tape that nobody else holds can give no gradient any more.
final class TapeLink: @unchecked Sendable {
    // Sendable: set once before any other thread can see it; loads of weak references are atomic.
    weak var tape: Tape?
}

extension Tensor {
    /// Whether operations on the tensor are recorded on a tape.
    public var isRecorded: Bool { recording?.tape != nil }

    /// The tape on which operations on the tensor are recorded.
    package var tape: Tape? { recording?.tape }

    /// The same numbers, recorded nowhere.
    public var detached: Tensor {
        var copy = self
        copy.recording = nil
        return copy
    }

    func recorded(on tape: Tape, at place: Int) -> Tensor {
        var copy = self
        copy.recording = Recording(link: tape.link, place: place)
        return copy
    }
}
