/// Rows of which most entries are zero: per row the columns that are not, ascending, and their values.
public struct SparseRows: Sendable, Equatable {
    /// The number of columns.
    public let columns: Int
    /// Where each row's entries begin, and the number of entries at the end: one more than there are rows.
    public package(set) var starts: [Int]
    /// The column of each entry.
    public package(set) var indices: [Int32]
    /// The value of each entry.
    public package(set) var values: [Float]

    /// Sparse rows from their parts.
    package init(columns: Int, starts: [Int], indices: [Int32], values: [Float]) {
        precondition(starts.first == 0 && starts.last == indices.count && indices.count == values.count)
        self.columns = columns
        self.starts = starts
        self.indices = indices
        self.values = values
    }

    /// The number of rows.
    public var rows: Int { starts.count - 1 }
    /// The number of entries.
    public var count: Int { indices.count }

    /// The entries of a row.
    public subscript(row: Int) -> [(column: Int, value: Float)] {
        (starts[row]..<starts[row + 1]).map { (Int(indices[$0]), values[$0]) }
    }

    /// `start + self · matrix`: `[rows, columns]` by `[columns, width]`; only the rows of `matrix` that entries name
    /// are read. Per number one chain of fused multiply-adds in the order of the columns.
    ///
    /// - Parameters:
    ///   - matrix: float32, `[columns, width]`.
    ///   - start: `[width]`, added to every row.
    /// - Throws: `shapeMismatch`.
    public func product(_ matrix: Tensor, start: Tensor? = nil) throws -> Tensor {
        try TensorError.expect(
            matrix.shape.rank == 2 && matrix.shape[0] == columns
                && (start?.shape.count ?? matrix.width) == matrix.width,
            in: "sparse product",
            "rows of \(columns) columns by \(matrix.shape), starting at \(start.map { "\($0.shape)" } ?? "zero")"
        )
        let matrix = matrix.detached.dense
        let start = start?.detached.dense
        let width = matrix.width
        let result = Tensor(uninitialised: Shape(rows: rows, columns: width))
        let origin = start?.read { $0 }
        withEntries { indices, values in
            matrix.read { base in
                result.write { y in
                    // Sound: the blocks of rows do not overlap, and all pointers outlive the call.
                    nonisolated(unsafe) let (indices, values, base, y, origin) = (
                        indices, values, base, y, origin
                    )
                    Compute.ranges(rows, of: SparseRows.block) { range in
                        for row in range {
                            let first = starts[row]
                            SparseKernels.sum(
                                into: y + row * width, from: origin, indices + first, values + first,
                                count: starts[row + 1] - first, matrix: base, stride: width, width: width)
                        }
                    }
                }
            }
        }
        withExtendedLifetime(start) {}
        return result
    }

    /// The entries by column: row `c` of the result has an entry for every row in which column `c` has one, its
    /// index the row. `places` says which entry of `self` each came from.
    package func transposed() -> (rows: SparseRows, places: [Int32]) {
        var starts = [Int](repeating: 0, count: columns + 1)
        for index in indices { starts[Int(index) + 1] += 1 }
        for column in 0..<columns { starts[column + 1] += starts[column] }
        var next = starts
        var rows = [Int32](repeating: 0, count: count)
        var places = rows
        var moved = [Float](repeating: 0, count: count)
        for row in 0..<self.rows {
            for entry in self.starts[row]..<self.starts[row + 1] {
                let column = Int(indices[entry])
                let place = next[column]
                next[column] += 1
                rows[place] = Int32(truncatingIfNeeded: row)
                places[place] = Int32(truncatingIfNeeded: entry)
                moved[place] = values[entry]
            }
        }
        return (SparseRows(columns: self.rows, starts: starts, indices: rows, values: moved), places)
    }

    /// These rows with those of `other` below them, which have as many columns.
    package mutating func append(_ other: SparseRows) {
        precondition(other.columns == columns, "rows of \(other.columns) columns below rows of \(columns)")
        let first = count
        for start in other.starts.dropFirst() { starts.append(first + start) }
        indices += other.indices
        values += other.values
    }

    /// No rows yet.
    package init(columns: Int) {
        self.columns = columns
        (starts, indices, values) = ([0], [], [])
    }

    /// Rows that a part of the work takes.
    static let block = 32

    /// Calls `body` with the addresses of ``indices`` and ``values``.
    package func withEntries(_ body: (UnsafePointer<Int32>, UnsafePointer<Float>) -> Void) {
        indices.withUnsafeBufferPointer { indices in
            values.withUnsafeBufferPointer { values in
                // Without entries there is nothing that the addresses would be used for.
                let none = UnsafeRawPointer(bitPattern: 64)
                guard let i = indices.baseAddress ?? none?.assumingMemoryBound(to: Int32.self),
                    let v = values.baseAddress ?? none?.assumingMemoryBound(to: Float.self)
                else { return }
                body(i, v)
            }
        }
    }
}

extension Tensor {
    /// The `k` largest positive entries of each row; of equal ones those with the lower column.
    ///
    /// - Throws: `shapeMismatch` unless the tensor is a matrix, `outOfRange` unless `k` is positive.
    package func topEntries(_ k: Int) throws -> SparseRows {
        try entries(room: min(k, width)) { row, indices, values, scratch in
            SparseKernels.top(k, of: row, width: width, into: indices, values, scratch: scratch)
        }
    }

    /// The entries of each row above the bound of their column.
    ///
    /// - Parameter bounds: one a column.
    /// - Throws: `shapeMismatch`.
    package func entries(above bounds: [Float]) throws -> SparseRows {
        try TensorError.expect(
            bounds.count == width, in: "entries", "\(bounds.count) bounds for rows of \(width)")
        return try bounds.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return try entries(room: 1) { _, _, _, _ in 0 } }
            // Sound: read only, and good until the call returns.
            nonisolated(unsafe) let limits = base
            return try entries(room: width) { row, indices, values, _ in
                SparseKernels.above(limits, of: row, width: width, into: indices, values)
            }
        }
    }

    /// What `select` finds in each row, of which it writes at most `room`.
    private func entries(
        room: Int,
        _ select:
            @Sendable (
                UnsafePointer<Float>, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Float>,
                UnsafeMutablePointer<UInt64>
            ) -> Int
    ) throws -> SparseRows {
        try TensorError.expect(shape.rank == 2, in: "entries", "a matrix is needed, not shape \(shape)")
        guard room > 0 else { throw TensorError(.outOfRange, in: "entries", "no entries are asked for") }
        let (rows, columns) = (shape[0], width)
        var counts = [Int](repeating: 0, count: rows)
        // Few rows at a time: where rows may be full, room for all of them would be as large as the matrix.
        let group = max(SparseRows.block, min(rows, (1 << 23) / room))
        var indices: [Int32] = []
        var values: [Float] = []
        let places = Storage(byteCount: min(group, max(rows, 1)) * room * 4)
        let numbers = Storage(byteCount: min(group, max(rows, 1)) * room * 4)
        for first in stride(from: 0, to: rows, by: group) {
            let size = min(group, rows - first)
            read { x in
                counts.withUnsafeMutableBufferPointer { counts in
                    guard let base = counts.baseAddress else { return }
                    // Sound: each row has its own part of every block, and all outlive the call.
                    nonisolated(unsafe) let (x, found) = (x, base)
                    Compute.ranges(size, of: SparseRows.block) { range in
                        let scratch = Storage(byteCount: SparseKernels.topScratch(room) * 8)
                        withExtendedLifetime((places, numbers, scratch)) {
                            for row in range {
                                found[first + row] = select(
                                    x + (first + row) * rowStride,
                                    places.base.assumingMemoryBound(to: Int32.self) + row * room,
                                    numbers.base.assumingMemoryBound(to: Float.self) + row * room,
                                    scratch.base.assumingMemoryBound(to: UInt64.self))
                            }
                        }
                    }
                }
            }
            withExtendedLifetime((places, numbers)) {
                for row in 0..<size {
                    let count = counts[first + row]
                    indices.append(
                        contentsOf: UnsafeBufferPointer(
                            start: places.base.assumingMemoryBound(to: Int32.self) + row * room, count: count)
                    )
                    values.append(
                        contentsOf: UnsafeBufferPointer(
                            start: numbers.base.assumingMemoryBound(to: Float.self) + row * room, count: count
                        ))
                }
            }
        }
        var starts = [0]
        starts.reserveCapacity(rows + 1)
        for count in counts { starts.append((starts.last ?? 0) + count) }
        return SparseRows(columns: columns, starts: starts, indices: indices, values: values)
    }
}
