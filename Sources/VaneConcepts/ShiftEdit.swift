package import VaneSites
import VaneTensors

/// Adds a vector as it is to the states at some positions: `h′ = h + v`.
package struct ShiftEdit: Edit {
    private let vector: [Float]
    private let positions: Range<Int>

    /// Adds `vector`, as wide as the activation, at `positions` of the sequence, counted from 0.
    package init(_ vector: [Float], at positions: Range<Int> = 0..<Int.max) {
        self.vector = vector
        self.positions = positions
    }

    /// Adds to the rows at the positions; nothing if the vector is not as wide as the activation.
    package func apply(to activation: Activation) {
        guard vector.count == activation.width else { return }
        vector.withUnsafeBufferPointer { vector in
            guard let vector = vector.baseAddress else { return }
            for row in 0..<activation.rows where positions.contains(activation.firstPosition + row) {
                guard let values = activation[row].baseAddress else { continue }
                Vectors.add(vector, times: 1, to: values, count: activation.width)
            }
        }
    }
}

/// Puts a vector in the place of the state at one position.
package struct ReplacementEdit: Edit {
    private let vector: [Float]
    private let position: Int

    /// Puts `vector`, as wide as the activation, at `position` of the sequence, counted from 0.
    package init(_ vector: [Float], at position: Int) {
        self.vector = vector
        self.position = position
    }

    /// Replaces the row at the position; nothing if the vector is not as wide as the activation.
    package func apply(to activation: Activation) {
        let row = position - activation.firstPosition
        guard vector.count == activation.width, row >= 0, row < activation.rows else { return }
        _ = activation[row].update(from: vector)
    }
}
