/// What the hooks of one sequence leave for each other during one forward pass.
///
/// A gate reads at one site and decides about rows at a later one. Hooks are shared by all sequences of a
/// batch, so what they remember cannot lie in them; every pass begins with empty notes for each sequence.
package final class PassNotes {
    /// Values a tap read, one a row.
    package struct Readings {
        /// The position of the first row.
        package let firstPosition: Int
        /// One value a row.
        package let values: [Double]

        package init(firstPosition: Int, values: [Double]) {
            self.firstPosition = firstPosition
            self.values = values
        }
    }

    /// Readings by who took them.
    package var readings: [ObjectIdentifier: Readings] = [:]

    package init() {}
}
