public import VaneSites

extension Concept {
    /// What steering with a concept did to texts that the model wrote: one strength, one set of prompts.
    public struct Effect: Sendable, Hashable, Codable {
        /// What called the texts positive or not, such as `a bag of words`.
        public let judge: String
        /// How often the judge is right, 0...1.
        public let judgeAccuracy: Double
        /// Prompts continued.
        public let prompts: Int
        /// Continuations a prompt.
        public let seeds: Int
        /// The target for adding; removing aimed at one minus it.
        public let target: Double
        /// Where the edits were.
        public let sites: [Site]
        /// Which tokens' states were edited.
        public let scope: TokenScope
        /// Part of the texts that the judge calls positive without steering.
        public let unsteeredRate: Double
        /// Steered towards the concept.
        public let added: Condition
        /// Steered away from it.
        public let removed: Condition
        /// Moved as far as by adding, in random directions.
        public let random: Condition

        /// An effect.
        public init(
            judge: String, judgeAccuracy: Double, prompts: Int, seeds: Int, target: Double, sites: [Site],
            scope: TokenScope, unsteeredRate: Double, added: Condition, removed: Condition, random: Condition
        ) {
            self.judge = judge
            self.judgeAccuracy = judgeAccuracy
            self.prompts = prompts
            self.seeds = seeds
            self.target = target
            self.sites = sites
            self.scope = scope
            self.unsteeredRate = unsteeredRate
            self.added = added
            self.removed = removed
            self.random = random
        }

        /// What one way of steering did.
        public struct Condition: Sendable, Hashable, Codable {
            /// Change of the part of positive texts against unsteered, with a 95% interval.
            public let shift: Estimate
            /// Perplexity under the unsteered model, as a multiple of that of unsteered texts.
            public let perplexity: Double
            /// Part of four-token runs that repeat an earlier one, less that of unsteered texts.
            public let repetition: Double
            /// Tokens a Lempel-Ziv phrase, as a multiple of that of unsteered texts: how much better the texts compress.
            public let compression: Double

            /// A condition's results.
            public init(shift: Estimate, perplexity: Double, repetition: Double, compression: Double) {
                self.shift = shift
                self.perplexity = perplexity
                self.repetition = repetition
                self.compression = compression
            }
        }
    }
}
