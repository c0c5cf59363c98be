import VaneSites
import VaneTensors

extension TrainingActivations {
    /// The rows at `site` as regressions want them: each entry divided by its standard deviation, and those deviations, if
    /// the options ask for it.
    func scaledRows(at site: Site) throws -> (rows: Tensor, deviations: [Double]?) {
        let activations = try rows(at: site)
        guard options.isStandardised else { return (activations, nil) }
        let scales = Self.deviations(activations)
        let factors = scales.map { Float(1 / $0) }
        let width = activations.width
        var values = activations.elements
        for i in values.indices { values[i] *= factors[i % width] }
        return (try Tensor(values, shape: [activations.rowCount, width]), scales)
    }

    /// Standard deviation of each entry; 1 where an entry does not vary.
    private static func deviations(_ activations: Tensor) -> [Double] {
        let width = activations.width
        var mean = [Double](repeating: 0, count: width)
        var square = [Double](repeating: 0, count: width)
        let rows = activations.rowCount
        let count = Double(max(rows, 1))
        activations.read { base in
            for row in 0..<rows { for j in 0..<width { mean[j] += Double(base[row * width + j]) } }
            for j in 0..<width { mean[j] /= count }
            for row in 0..<rows {
                for j in 0..<width {
                    let difference = Double(base[row * width + j]) - mean[j]
                    square[j] += difference * difference
                }
            }
        }
        return square.map { $0 > 0 ? ($0 / count).squareRoot() : 1 }
    }
}
