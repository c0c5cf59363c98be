public import VaneSites
import VaneTensors

/// The part of an activation that a causal test looks at.
public enum StatePart: Hashable, Sendable {
    /// All of it.
    case whole
    /// Some entries, such as neurons.
    case entries([Int])
    /// The coordinate along a direction, of any length above 0.
    case direction([Float])

    /// Checks that it is a part of an activation of this width.
    ///
    /// - Throws: ``EvidenceError`` `invalidOption`.
    public func check(width: Int, at site: Site) throws {
        switch self {
        case .whole: break
        case .entries(let entries):
            guard !entries.isEmpty, Set(entries).count == entries.count,
                entries.allSatisfy({ (0..<width).contains($0) })
            else {
                throw EvidenceError(
                    .invalidOption,
                    "\(site) has entries 0 to \(width - 1), each of which is named once at most")
            }
        case .direction(let direction):
            guard direction.count == width, direction.allSatisfy(\.isFinite),
                direction.contains(where: { $0 != 0 })
            else {
                throw EvidenceError(
                    .invalidOption,
                    "a direction at \(site) has \(width) finite numbers that are not all 0; this one has \(direction.count)"
                )
            }
        }
    }

    /// What has to be added to `row` so that the part is that of `other`: the rest stays.
    func difference(of row: [Float], to other: [Float]) -> [Float] {
        switch self {
        case .whole: return zip(row, other).map { $1 - $0 }
        case .entries(let entries):
            var difference = [Float](repeating: 0, count: row.count)
            for entry in entries { difference[entry] = other[entry] - row[entry] }
            return difference
        case .direction(let direction):
            var (square, along) = (0.0, 0.0)
            for j in row.indices {
                square += Double(direction[j]) * Double(direction[j])
                along += Double(direction[j]) * (Double(other[j]) - Double(row[j]))
            }
            return direction.map { Float(Double($0) * along / square) }
        }
    }

    /// A random part of the same kind and size: other entries, drawn from all, or a direction from the sphere.
    func random(width: Int, by generator: inout SeededGenerator) -> StatePart {
        switch self {
        case .whole: .whole
        case .entries(let entries):
            .entries(Array(generator.shuffled(0..<width).prefix(entries.count)).sorted())
        case .direction: .direction(generator.unitVector(width: width))
        }
    }
}

/// Puts the part of other states in the place of a state's own.
package struct PatchEdit: Edit {
    /// Where the other states come from.
    package enum Source: Sendable {
        /// One for every position.
        case constant([Float])
        /// One a position from the first on; positions beyond them stay.
        case rows([[Float]])
    }

    private let part: StatePart
    private let source: Source
    private let positions: Range<Int>
    private let measured: StatePart?

    /// Patches `part` at `positions`.
    ///
    /// - Parameters:
    ///   - part: what is replaced.
    ///   - source: by what.
    ///   - positions: where in the sequence.
    ///   - measured: a part whose own replacement says how far the state moves; `part` then only says where to. For
    ///     random controls that move as far as the real thing.
    package init(
        _ part: StatePart, from source: Source, at positions: Range<Int> = 0..<Int.max,
        asFarAs measured: StatePart? = nil
    ) {
        self.part = part
        self.source = source
        self.positions = positions
        self.measured = measured
    }

    /// Replaces; rows whose source is of another width stay.
    package func apply(to activation: Activation) {
        for row in 0..<activation.rows {
            let position = activation.firstPosition + row
            guard positions.contains(position) else { continue }
            let other: [Float]
            switch source {
            case .constant(let values): other = values
            case .rows(let rows): other = position < rows.count ? rows[position] : []
            }
            let values = activation[row]
            guard other.count == values.count else { continue }
            if case .whole = part, measured == nil {
                _ = values.update(from: other)
                continue
            }
            let state = Array(values)
            var move = part.difference(of: state, to: other)
            if let measured {
                let wanted = PatchEdit.length(measured.difference(of: state, to: other))
                let own = PatchEdit.length(move)
                let factor = own > 0 ? Float(wanted / own) : 0
                move = move.map { $0 * factor }
            }
            for j in values.indices { values[j] += move[j] }
        }
    }

    private static func length(_ values: [Float]) -> Double {
        values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
}
