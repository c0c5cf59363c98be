public import Foundation
public import Testing

extension Tag {
    /// An identity that must hold exactly or within rounding.
    @Tag public static var law: Self
    /// Bytes or numbers kept with their generator.
    @Tag public static var golden: Self
    /// A known truth that must be found again.
    @Tag public static var planted: Self
    /// Takes more than a few seconds.
    @Tag public static var slow: Self
}

/// Files the tests read.
public enum Fixtures {
    /// A file under `Tests/Fixtures`.
    public static func url(_ path: String) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures").appendingPathComponent(path)
    }

    /// The optional folder of real data: `data` in `$VANE_SHARED`, or in `shared` beside the package.
    public static var shared: URL? {
        let package = url("").deletingLastPathComponent().deletingLastPathComponent()
        let folder =
            ProcessInfo.processInfo.environment["VANE_SHARED"].map { URL(fileURLWithPath: $0) }
            ?? package.deletingLastPathComponent().appendingPathComponent("shared")
        let data = folder.appendingPathComponent("data")
        return FileManager.default.fileExists(atPath: data.path) ? data : nil
    }
}
