import VaneSites
import VaneTensors

extension LogisticCAV {
    /// Which examples train, which are held out, which fold each training example is in, and the control's
    /// labels: all drawn from the seed, each class apart.
    struct Split {
        let training: [Int]
        let heldOut: [Int]
        /// One a training example.
        let folds: [Int]
        let shuffledLabels: [Bool]

        init(labels: [Bool], options: Options) {
            var generator = SeededGenerator(seed: options.seed, stream: 1)
            var training: [Int] = []
            var heldOut: [Int] = []
            for wanted in [true, false] {
                let members = generator.shuffled(labels.indices.filter { labels[$0] == wanted })
                let count = min(
                    members.count - 1, max(1, Int((Double(members.count) * options.heldOut).rounded())))
                heldOut += members.prefix(count)
                training += members.dropFirst(count)
            }
            self.heldOut = heldOut.sorted()
            // The draw's order, not the file's, decides the folds: neighbours in a file are often alike.
            self.training = training
            folds = training.indices.map { $0 % options.folds }
            var control = SeededGenerator(seed: options.seed, stream: 2)
            shuffledLabels = control.shuffled(labels)
        }
    }

    /// The consecutive run of layers to steer by default.
    ///
    /// Half of the layers (at least one), chosen so that the mean held-out AUROC is highest; among equals the
    /// earlier run. Why half: `docs/decisions/0003-defaults-of-learning-and-steering.md`.
    static func defaultSites(_ layers: [Concept.Layer]) -> [Site] {
        guard !layers.isEmpty else { return [] }
        let length = max(1, layers.count / 2)
        func quality(_ start: Int) -> Double {
            layers[start..<start + length].reduce(0) { $0 + $1.result.auroc.value }
        }
        let best = (0...(layers.count - length)).max { (quality($0), $1) < (quality($1), $0) } ?? 0
        return layers[best..<best + length].map(\.site)
    }

    /// Whether the best layer beats guessing by more than picking the best of several layers explains.
    static func verdict(_ layers: [Concept.Layer], heldOut: Int) -> Concept.Verdict {
        guard let best = layers.min(by: { $0.result.pValue < $1.result.pValue }) else {
            return Concept.Verdict(
                isFound: false, correctedPValue: 1, sentence: "no direction found: no layers")
        }
        let corrected = min(1, best.result.pValue * Double(layers.count))
        let isFound = corrected < 0.01
        // The best of several is named as such: its accuracy alone would flatter.
        let choice = layers.count == 1 ? "" : ", the best of \(layers.count) layers"
        let accuracy =
            "\(percent(best.result.accuracy.value)) of \(heldOut) held-out examples right at \(best.site)\(choice)"
        let p = corrected < 1e-4 ? "p < 0.0001" : "p = \((corrected * 1e4).rounded() / 1e4)"
        return Concept.Verdict(
            isFound: isFound, correctedPValue: corrected,
            sentence:
                "\(isFound ? "direction found" : "no direction found"): \(accuracy)"
                + "; \(p)\(layers.count == 1 ? "" : " after correction for that")")
    }

    private static func percent(_ value: Double) -> String { "\(Int((value * 100).rounded()))%" }
}
