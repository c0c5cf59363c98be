import ArgumentParser
import Foundation
import Vane
import VaneWeights

/// Files with pictures of a result.
struct PictureOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Also write a page with charts and tables.", valueName: "file"),
        completion: .file())
    var html: String?

    @Option(help: ArgumentHelp("Also write the main chart as SVG.", valueName: "file"), completion: .file())
    var svg: String?

    /// Writes what was asked for; says which files on the standard error stream, so that `--json` stays clean.
    func write(page: () -> HTMLPage, chart: () -> String) throws {
        if let html { try write(page().html, to: html) }
        if let svg { try write(chart(), to: svg) }
    }

    private func write(_ text: String, to path: String) throws {
        try AtomicFile.write(Data(text.utf8), to: path)
        FileHandle.standardError.write(Data("wrote \(path)\n".utf8))
    }
}
