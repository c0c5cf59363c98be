import Testing
import VaneTensors
import VaneTestSupport

@Suite("A small convolutional network", .tags(.planted))
struct ConvolutionTrainingTests {
    /// Images of noise; those of class 1 hold a cross at a random place, those of class 0 the same five
    /// bright points scattered, so that only neighbourhoods tell them apart.
    private struct Images {
        var pixels: [Float] = []
        var classes: [Int32] = []

        init(_ count: Int, seed: UInt64) {
            var generator = SeededGenerator(seed: seed)
            for _ in 0..<count {
                var image = (0..<81).map { _ in Float(0.3 * generator.normal()) }
                let isCross = generator.integer(below: 2) == 1
                let centre = 9 * (1 + generator.integer(below: 7)) + 1 + generator.integer(below: 7)
                let scattered = generator.shuffled(0..<81).prefix(5)
                for place in isCross
                    ? [centre - 9, centre - 1, centre, centre + 1, centre + 9][...] : scattered[...]
                {
                    image[place] += 1.5
                }
                pixels += image
                classes.append(isCross ? 1 : 0)
            }
        }

        func tensor() throws -> Tensor { try Tensor(pixels, shape: [classes.count, 1, 9, 9]) }
    }

    private func logits(_ parameters: [String: Tensor], _ images: Tensor) throws -> Tensor {
        func parameter(_ name: String) throws -> Tensor { try #require(parameters[name]) }
        let hidden = try images.conv2d(parameter("kernel"), bias: parameter("shift"), padding: 1)
            .groupNorm(groups: 2, gain: parameter("gain"), bias: parameter("offset")).applying(.relu)
            .maxPool2d(kernel: 9)
        return try hidden.reshaped(to: [images.shape[0], 8]).linear(
            PackedMatrix(parameter("head")), bias: parameter("bias"))
    }

    private struct Outcome {
        /// The part of held-out images told apart, and the mean loss on them.
        let accuracy: Double
        let heldOut: Float
        /// The loss of each round.
        let losses: [Float]
    }

    private func train(_ images: Images, _ classes: [Int32], rounds: Int = 60) throws -> Outcome {
        func random(_ shape: Shape, _ scale: Float, _ seed: UInt64) throws -> Tensor {
            try Tensor.normal(shape, seed: seed).scaled(by: scale)
        }
        var parameters = [
            "kernel": try random([8, 1, 3, 3], 0.4, 1), "shift": Tensor(zeros: [8]),
            "gain": try Tensor([Float](repeating: 1, count: 8), shape: [8]), "offset": Tensor(zeros: [8]),
            "head": try random([2, 8], 0.3, 2), "bias": Tensor(zeros: [2]),
        ]
        var optimiser = Optimiser(.adamW())
        var losses: [Float] = []
        let input = try images.tensor()
        let names = parameters.keys.sorted()
        for _ in 0..<rounds {
            let tape = Tape()
            let variables = parameters.mapValues { tape.watch($0) }
            let loss = try logits(variables, input).crossEntropy(classes)
            let slopes = try tape.gradients(of: loss, at: names.map { try #require(variables[$0]) })
            let gradients = Dictionary(uniqueKeysWithValues: zip(names, slopes))
            if losses.isEmpty { #expect(Gradients.norm(gradients) > 0.01) }
            losses.append(loss.elements[0])
            parameters = try optimiser.step(parameters, gradients, rate: 0.03)
        }
        let fresh = Images(400, seed: 77)
        let scores = try logits(parameters, fresh.tensor())
        let right = zip(scores.doubles, fresh.classes).count { ($0[1] > $0[0]) == ($1 == 1) }
        return Outcome(
            accuracy: Double(right) / 400, heldOut: try scores.crossEntropy(fresh.classes).elements[0],
            losses: losses)
    }

    @Test("learns a planted pattern, and nothing from labels at random")
    func learns() throws {
        let images = Images(300, seed: 5)
        let right = try train(images, images.classes)
        #expect(right.losses[0] > 0.5 && right.losses[59] < 0.25, "\(right)")
        #expect(right.accuracy > 0.9 && right.heldOut < 0.3, "\(right)")
        // The control: in each class every other image keeps its label, so that labels say nothing. Who knows
        // nothing loses log 2 = 0.69 an image.
        var seen = [0, 0]
        let shuffled = images.classes.map { label -> Int32 in
            seen[Int(label)] += 1
            return Int32(seen[Int(label)] % 2)
        }
        let wrong = try train(images, shuffled)
        #expect(wrong.heldOut > 0.65 && wrong.accuracy < right.accuracy - 0.2, "\(wrong)")
        print("planted cross, held-out loss \(right.heldOut), with labels at random \(wrong.heldOut)")
    }
}
