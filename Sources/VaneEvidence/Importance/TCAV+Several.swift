import VaneConcepts

extension TCAV {
    /// The same tests with their q-values corrected over the sites of all of them at once (Benjamini and
    /// Hochberg, 1995).
    ///
    /// One test corrects over its own sites. Who asks about twenty concepts and looks at the best makes as
    /// many chances for
    /// a lucky one, so the sites of all concepts go into one correction.
    ///
    /// - Parameter tests: tests of several concepts.
    /// - Returns: as many, in their order.
    public static func corrected(together tests: [TCAV]) -> [TCAV] {
        var corrected = Statistics.benjaminiHochberg(tests.flatMap { $0.sites.map(\.permutation) })[...]
        return tests.map { test in
            var sites = test.sites
            for number in sites.indices { sites[number].qValue = corrected.removeFirst() }
            return TCAV(test, sites: sites)
        }
    }

    private init(_ test: TCAV, sites: [Site]) {
        self.sites = sites
        (texts, concept, random, options) = (test.texts, test.concept, test.random, test.options)
    }
}

extension DirectionTest {
    /// The same tests with their q-values corrected over the sites of all of them at once, as
    /// ``TCAV/corrected(together:)`` does.
    ///
    /// - Parameter tests: the sites of each of several directions.
    /// - Returns: as many, in their order.
    public static func corrected(together tests: [[DirectionTest]]) -> [[DirectionTest]] {
        var corrected = Statistics.benjaminiHochberg(tests.joined().map(\.pValue))[...]
        return tests.map { sites in
            sites.map { site in
                var site = site
                site.qValue = corrected.removeFirst()
                return site
            }
        }
    }
}
