import VaneSites
import VaneTensors

extension ConceptLearner {
    /// Which examples train, which are held out, which fold each training example is in, and the control's
    /// labels: all drawn from the seed, each class apart, or pair by pair.
    struct Split {
        let training: [Int]
        let heldOut: [Int]
        /// One a training example.
        let folds: [Int]
        let shuffledLabels: [Bool]
        private let isPaired: Bool
        private let seed: UInt64

        init(labels: [Bool], options: LearningOptions) {
            isPaired = options.isPaired
            seed = options.seed
            var generator = SeededGenerator(seed: options.seed, stream: 1)
            var control = SeededGenerator(seed: options.seed, stream: 2)
            func heldOutCount(_ count: Int) -> Int {
                min(count - 1, max(1, Int((Double(count) * options.heldOut).rounded())))
            }
            var training: [Int] = []
            var heldOut: [Int] = []
            if options.isPaired {
                let half = labels.count / 2
                let order = generator.shuffled(0..<half)
                let count = heldOutCount(half)
                heldOut = order.prefix(count).flatMap { [$0, half + $0] }
                training = order.dropFirst(count).flatMap { [$0, half + $0] }
                folds = training.indices.map { $0 / 2 % options.folds }
                // A pair keeps one text of each class; which one is which is what the control must not know.
                var shuffled = labels
                for pair in 0..<half where control.uniform() < 0.5 { shuffled.swapAt(pair, half + pair) }
                shuffledLabels = shuffled
            } else {
                for wanted in [true, false] {
                    let members = generator.shuffled(labels.indices.filter { labels[$0] == wanted })
                    let count = heldOutCount(members.count)
                    heldOut += members.prefix(count)
                    training += members.dropFirst(count)
                }
                // The draw's order, not the file's, decides the folds: neighbours in a file are often alike.
                folds = training.indices.map { $0 % options.folds }
                shuffledLabels = control.shuffled(labels)
            }
            self.heldOut = heldOut.sorted()
            self.training = training
        }

        /// The training examples in two halves, whole pairs in each if the examples are pairs.
        var halves: [Split] {
            [0, 1].map { half in
                let places = training.indices.filter { (isPaired ? $0 / 2 : $0) % 2 == half }
                return Split(self, places: places)
            }
        }

        private init(_ whole: Split, places: [Int]) {
            training = places.map { whole.training[$0] }
            heldOut = whole.heldOut
            // Neighbours in the draw's order went to different halves: the folds are numbered anew.
            let folds = (whole.folds.max() ?? 0) + 1
            self.folds = places.indices.map { (whole.isPaired ? $0 / 2 : $0) % folds }
            shuffledLabels = whole.shuffledLabels
            isPaired = whole.isPaired
            seed = whole.seed
        }

        /// Numbers of training examples, as many of one class as of the other.
        func balanced(_ labels: [Bool]) -> [Int] {
            var generator = SeededGenerator(seed: seed, stream: 3)
            let classes = [true, false].map { wanted in
                generator.shuffled(training.indices.filter { labels[training[$0]] == wanted })
            }
            let count = classes.map(\.count).min() ?? 0
            return classes.flatMap { $0.prefix(count) }.sorted()
        }

        /// Pairs among the training examples with these numbers, as places in `numbers`: those that belong together if
        /// the examples are pairs, otherwise drawn.
        func pairs(among numbers: [Int], labels: [Bool]) -> [(positive: Int, negative: Int)] {
            let places = numbers.indices
            if isPaired {
                let half = labels.count / 2
                var place: [Int: Int] = [:]
                for index in places { place[training[numbers[index]]] = index }
                return places.compactMap { index in
                    let example = training[numbers[index]]
                    guard labels[example], let other = place[(example + half) % labels.count] else {
                        return nil
                    }
                    return (index, other)
                }
            }
            var generator = SeededGenerator(seed: seed, stream: 4)
            let classes = [true, false].map { wanted in
                generator.shuffled(places.filter { labels[training[numbers[$0]]] == wanted })
            }
            return zip(classes[0], classes[1]).map { (positive: $0, negative: $1) }
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
    static func verdict(_ layers: [Concept.Layer], heldOut: Int, checks: Checks) -> Concept.Verdict {
        guard let best = layers.min(by: { $0.result.pValue < $1.result.pValue }) else {
            return Concept.Verdict(
                isFound: false, correctedPValue: 1, maximumPValue: 1,
                sentence: "no direction found: no layers")
        }
        let corrected = min(1, best.result.pValue * Double(layers.count))
        let isFound = corrected < 0.01
        // The best of several is named as such: its accuracy alone would flatter.
        let choice = layers.count == 1 ? "" : ", the best of \(layers.count) layers"
        let accuracy =
            "\(percent(best.result.accuracy.value)) of \(heldOut) held-out examples right at \(best.site)\(choice)"
        let p = corrected < 1e-4 ? "p < 0.0001" : "p = \((corrected * 1e4).rounded() / 1e4)"
        return Concept.Verdict(
            isFound: isFound, correctedPValue: corrected, maximumPValue: checks.maximumPValue,
            sentence:
                "\(isFound ? "direction found" : "no direction found"): \(accuracy)"
                + "; \(p)\(layers.count == 1 ? "" : " after correction for that")",
            cautions: Concept.Verdict.cautions(best.result, checks, heldOut: heldOut))
    }

    private static func percent(_ value: Double) -> String { "\(Int((value * 100).rounded()))%" }
}
