import Foundation
import Synchronization

/// A progress bar on standard error, shown when that is a terminal.
final class ProgressBar: Sendable {
    private let isShown: Bool
    private let started = ContinuousClock.now
    private let last = Mutex<(shown: ContinuousClock.Instant?, isDrawn: Bool)>((nil, false))

    init() { isShown = isatty(STDERR_FILENO) == 1 }

    /// Shows `part`, 0...1, of `task`.
    func update(_ part: Double, _ task: String) {
        guard isShown else { return }
        last.withLock { state in
            let now = ContinuousClock.now
            if let shown = state.shown, now - shown < .milliseconds(50), part < 1 { return }
            state = (now, true)
            let filled = Int((min(max(part, 0), 1) * 30).rounded())
            let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
            let seconds = Double((now - started).components.seconds)
            let left = part > 0.02 && seconds >= 2 ? ", \(Int(seconds / part - seconds)) s left" : ""
            write("\r\u{1B}[K\(bar) \(Int(part * 100))% \(task)\(left)")
        }
    }

    /// Takes the bar away.
    func finish() {
        last.withLock { state in
            if state.isDrawn { write("\r\u{1B}[K") }
            state.isDrawn = false
        }
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
