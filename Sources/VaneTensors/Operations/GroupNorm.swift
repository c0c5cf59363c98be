extension Tensor {
    /// Group normalisation of `[batch, channels, …]` (Wu and He, arXiv 1803.08494): the channels of each
    /// example form `groups` groups, and each group becomes `(x - mean) / √(variance + ε)`, then channel `c`
    /// is multiplied by `gain[c]` and `bias[c]` is added. Biased variance; means in double precision.
    ///
    /// - Throws: `shapeMismatch` when the groups do not divide the channels or `gain` or `bias` is not one
    ///   number a channel.
    public func groupNorm(groups: Int, gain: Tensor, bias: Tensor?, epsilon: Float = 1e-5) throws -> Tensor {
        try TensorError.expect(
            shape.rank >= 2 && groups > 0 && shape[1] % groups == 0 && gain.shape.count == shape[1]
                && (bias?.shape.count ?? shape[1]) == shape[1], in: "groupNorm",
            "\(groups) groups of input \(shape), gain \(gain.shape), bias \(bias?.shape ?? gain.shape)")
        let norm = GroupNorm(
            x: detached.dense, gain: gain.detached.dense, batch: shape[0], channels: shape[1],
            groups: groups, epsilon: Double(epsilon))
        let result = norm.value(bias: bias?.detached.dense)
        guard let tape = Tape.of(self, gain, bias) else { return result }
        return tape.record(result, from: [self, gain, bias]) { norm.pullback($0.contiguous()) }
    }
}

/// What group normalisation keeps for its gradient.
private struct GroupNorm: Sendable {
    let x: Tensor
    let gain: Tensor
    let batch: Int
    let channels: Int
    let groups: Int
    let epsilon: Double

    /// Elements of one channel of one example.
    private var plane: Int { batch * channels == 0 ? 0 : x.shape.count / (batch * channels) }
    private var groupChannels: Int { channels / groups }

    func value(bias: Tensor?) -> Tensor {
        let y = Tensor(uninitialised: x.shape)
        let (plane, groupChannels) = (plane, groupChannels)
        Compute.parallel(batch * groups) { part in
            let (mean, scale) = moments(part)
            x.read { x in
                y.write { y in
                    for k in 0..<groupChannels {
                        let channel = part % groups * groupChannels + k
                        let factor = scale * gain.read { Double($0[channel]) }
                        let shift = bias?.read { Double($0[channel]) } ?? 0
                        let start = (part * groupChannels + k) * plane
                        for i in start..<start + plane {
                            y[i] = Float((Double(x[i]) - mean) * factor + shift)
                        }
                    }
                }
            }
        }
        return y
    }

    /// The gradients with respect to input, gain and bias.
    func pullback(_ dy: Tensor) -> [Tensor?] {
        let dx = Tensor(uninitialised: x.shape)
        // Sums of one channel of one example: of dy, and of dy times the normalised input.
        let sums = Storage(byteCount: 2 * batch * channels * 8)
        let (plane, groupChannels) = (plane, groupChannels)
        Compute.parallel(batch * groups) { part in
            let (mean, scale) = moments(part)
            let sums = sums.base.assumingMemoryBound(to: Double.self)
            x.read { x in
                dy.read { dy in
                    var (total, product) = (0.0, 0.0)
                    for k in 0..<groupChannels {
                        let row = part * groupChannels + k
                        var (plain, weighted) = (0.0, 0.0)
                        for i in row * plane..<(row + 1) * plane {
                            plain += Double(dy[i])
                            weighted += Double(dy[i]) * (Double(x[i]) - mean) * scale
                        }
                        (sums[2 * row], sums[2 * row + 1]) = (plain, weighted)
                        let factor = gain.read { Double($0[part % groups * groupChannels + k]) }
                        total += factor * plain
                        product += factor * weighted
                    }
                    let count = Double(groupChannels * plane)
                    dx.write { dx in
                        for k in 0..<groupChannels {
                            let row = part * groupChannels + k
                            let factor = gain.read { Double($0[part % groups * groupChannels + k]) }
                            for i in row * plane..<(row + 1) * plane {
                                let normal = (Double(x[i]) - mean) * scale
                                let slope = Double(dy[i]) * factor - total / count - normal * product / count
                                dx[i] = Float(scale * slope)
                            }
                        }
                    }
                }
            }
        }
        let (dgain, dbias) = (Tensor(uninitialised: gain.shape), Tensor(uninitialised: gain.shape))
        withExtendedLifetime(sums) {
            let sums = sums.base.assumingMemoryBound(to: Double.self)
            for channel in 0..<channels {
                var (plain, weighted) = (0.0, 0.0)
                for example in 0..<batch {
                    plain += sums[2 * (example * channels + channel)]
                    weighted += sums[2 * (example * channels + channel) + 1]
                }
                dgain.write { $0[channel] = Float(weighted) }
                dbias.write { $0[channel] = Float(plain) }
            }
        }
        return [dx, dgain, dbias]
    }

    /// Mean and `1 / √(variance + ε)` of one group of one example.
    private func moments(_ part: Int) -> (mean: Double, scale: Double) {
        let count = groupChannels * plane
        return x.read { x in
            let start = x + part * count
            var sum = 0.0
            for i in 0..<count { sum += Double(start[i]) }
            let mean = sum / Double(max(count, 1))
            var squares = 0.0
            for i in 0..<count { squares += (Double(start[i]) - mean) * (Double(start[i]) - mean) }
            return (mean, 1 / (squares / Double(max(count, 1)) + epsilon).squareRoot())
        }
    }
}
