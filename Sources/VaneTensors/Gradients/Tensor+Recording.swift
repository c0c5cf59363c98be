/// A tensor's place on a tape.
package struct Recording: Sendable {
    let tape: Tape
    let place: Int
}

extension Tensor {
    /// Whether operations on the tensor are recorded on a tape.
    public var isRecorded: Bool { recording != nil }

    /// The same numbers, recorded nowhere.
    public var detached: Tensor {
        var copy = self
        copy.recording = nil
        return copy
    }

    func recorded(on tape: Tape, at place: Int) -> Tensor {
        var copy = self
        copy.recording = Recording(tape: tape, place: place)
        return copy
    }
}
