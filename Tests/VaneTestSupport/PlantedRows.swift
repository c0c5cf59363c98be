public import VaneSites

/// Activations made by a test, run through hooks without a network.
public enum PlantedRows {
    /// The rows after `hooks` ran on them at `site`.
    ///
    /// - Parameters:
    ///   - promptLength: tokens of the sequence that were given; all of them if nil.
    ///   - firstPosition: where the first row stands in its sequence.
    public static func run(
        _ hooks: Hooks, at site: Site, on rows: [[Float]], promptLength: Int? = nil, firstPosition: Int = 0
    ) -> [[Float]] {
        let width = rows.first?.count ?? 0
        var values = rows.flatMap { $0 }
        values.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            hooks.run(
                Activation(
                    site: site, base: base, rows: rows.count, width: width, rowStride: width,
                    firstPosition: firstPosition, promptLength: promptLength ?? firstPosition + rows.count))
        }
        return rows.indices.map { Array(values[$0 * width..<($0 + 1) * width]) }
    }

    /// The rows after one edit.
    public static func apply(_ edit: any Edit, to rows: [[Float]], promptLength: Int? = nil) -> [[Float]] {
        var hooks = Hooks()
        hooks.add(edit, at: .residual(0))
        return run(hooks, at: .residual(0), on: rows, promptLength: promptLength)
    }

    /// The Euclidean distance of two rows.
    public static func distance(_ a: [Float], _ b: [Float]) -> Double {
        zip(a, b).reduce(0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
            .squareRoot()
    }
}
