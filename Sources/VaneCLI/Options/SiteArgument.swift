public import ArgumentParser
public import Vane

extension Site: ExpressibleByArgument {
    /// Reads the form that help and tables show.
    public init?(argument: String) { self.init(argument) }
}

extension AblationTest.Filling: ExpressibleByArgument {}

extension TCAV.Solver: ExpressibleByArgument {}
