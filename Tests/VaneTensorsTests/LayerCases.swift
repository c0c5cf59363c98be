import VaneTensors

/// Every layer and loss as a function of its operands, for laws that hold for all of them.
enum LayerCases {
    static let all: [Differentiated] = [
        Differentiated("sigmoid", [3, 7]) { $0[0].sigmoid() },
        Differentiated("tanh", [3, 7]) { $0[0].tanh() },
        Differentiated("subtract", [2, 5], [2, 5]) { try $0[0].subtracting($0[1]) },
        Differentiated("subtract itself, scaled", [2, 5]) {
            try $0[0].scaled(by: 2.5).subtracting($0[0])
        },
        Differentiated("reshape", [3, 8]) { try $0[0].reshaped(to: [2, 3, 4]) },
        Differentiated("reshape of columns", [4, 6]) { try $0[0].columns(1..<4).reshaped(to: [2, 6]) },
        Differentiated("sigmoid of columns", [4, 6]) { try $0[0].columns(1..<4).sigmoid() },
        Differentiated("dropout", [6, 7]) { try $0[0].dropout(rate: 0.4, seed: 3, position: 9) },
        Differentiated("conv1d", [2, 3, 9], [4, 3, 3], [4]) {
            try $0[0].conv1d($0[1], bias: $0[2], padding: 1)
        },
        Differentiated("conv1d, stride, dilation, groups", [1, 4, 12], [6, 2, 3], [6]) {
            try $0[0].conv1d($0[1], bias: $0[2], stride: 2, padding: 3, dilation: 2, groups: 2)
        },
        Differentiated("conv2d", [2, 2, 5, 4], [3, 2, 3, 2], [3]) { try $0[0].conv2d($0[1], bias: $0[2]) },
        Differentiated("conv2d, stride, padding, dilation, groups", [2, 4, 7, 6], [4, 2, 2, 3], [4]) {
            try $0[0].conv2d(
                $0[1], bias: $0[2], stride: Extent(height: 3, width: 2), padding: Extent(height: 1, width: 3),
                dilation: Extent(height: 2, width: 1), groups: 2)
        },
        Differentiated("conv2d without bias, rows left over", [1, 1, 6, 6], [2, 1, 3, 3]) {
            try $0[0].conv2d($0[1], stride: 2)
        },
        Differentiated("convTranspose1d", [2, 3, 4], [3, 2, 3], [2]) {
            try $0[0].convTranspose1d($0[1], bias: $0[2], stride: 2, padding: 1, outputPadding: 1)
        },
        Differentiated("convTranspose2d, groups, dilation", [2, 4, 3, 2], [4, 1, 2, 3], [2]) {
            try $0[0].convTranspose2d(
                $0[1], bias: $0[2], stride: Extent(height: 2, width: 1), padding: 1,
                outputPadding: Extent(height: 1, width: 1), dilation: 2, groups: 2)
        },
        // Offsets keep the elements apart, so that a small change moves no maximum.
        Differentiated("maxPool1d", [2, 2, 9]) {
            try $0[0].adding(apart([2, 2, 9])).maxPool1d(kernel: 3, stride: 2, padding: 1)
        },
        Differentiated("maxPool2d", [2, 2, 5, 6]) {
            try $0[0].adding(apart([2, 2, 5, 6])).maxPool2d(
                kernel: Extent(height: 2, width: 3), stride: Extent(height: 2, width: 1),
                padding: Extent(height: 1, width: 0))
        },
        Differentiated("avgPool1d", [2, 2, 9]) { try $0[0].avgPool1d(kernel: 4, stride: 3, padding: 2) },
        Differentiated("avgPool2d", [1, 3, 5, 6]) {
            try $0[0].avgPool2d(kernel: 3, stride: 2, padding: 1, countIncludePad: false)
        },
        Differentiated("groupNorm", [2, 6, 3, 2], [6], [6]) {
            try $0[0].groupNorm(groups: 2, gain: $0[1], bias: $0[2])
        },
        Differentiated("groupNorm of rows, one group a channel pair", [5, 8], [8]) {
            try $0[0].groupNorm(groups: 4, gain: $0[1], bias: nil, epsilon: 1e-2)
        },
        Differentiated("binary cross-entropy", [4, 5], [4, 5]) { try $0[0].binaryCrossEntropy($0[1]) },
        Differentiated("mean squared error", [4, 5], [4, 5]) { try $0[0].meanSquaredError($0[1]) },
        Differentiated("KL divergence", [4, 5], [4, 5]) {
            try $0[0].logSoftmax().klDivergence(from: $0[1].logSoftmax())
        },
        Differentiated("GRU cell, two steps", [3, 4], [3, 5], [15, 4], [15, 5], [15], [15]) { x in
            let cell = try GRUCell([
                "weight_ih": x[2], "weight_hh": x[3], "bias_ih": x[4], "bias_hh": x[5],
            ])
            return try cell(x[0], cell(x[0], x[1]))
        },
        Differentiated("LSTM cell, two steps", [3, 4], [3, 5], [3, 5], [20, 4], [20, 5], [20], [20]) { x in
            let cell = try LSTMCell([
                "weight_ih": x[3], "weight_hh": x[4], "bias_ih": x[5], "bias_hh": x[6],
            ])
            let state = try cell(x[0], cell(x[0], LSTMCell.State(hidden: x[1], cell: x[2])))
            return try state.hidden.adding(state.cell)
        },
    ]

    /// Different multiples of 10 in a mixed order.
    private static func apart(_ shape: Shape) throws -> Tensor {
        var generator = SeededGenerator(seed: 8)
        return try Tensor(generator.shuffled((0..<shape.count).map { Float(10 * $0) }), shape: shape)
    }

    /// Sizes at which the work is divided between threads.
    static let large: [Differentiated] = [
        Differentiated("sigmoid and tanh", [300, 200]) { $0[0].sigmoid().tanh() },
        Differentiated("subtract and scale", [300, 200], [300, 200]) {
            try $0[0].subtracting($0[1]).scaled(by: 3)
        },
        Differentiated("conv2d, one example", [1, 8, 40, 40], [40, 8, 3, 3], [40]) {
            try $0[0].conv2d($0[1], bias: $0[2], padding: 1)
        },
        Differentiated("conv2d, many examples and groups", [6, 8, 20, 20], [16, 4, 3, 3], [16]) {
            try $0[0].conv2d($0[1], bias: $0[2], groups: 2)
        },
        Differentiated("convTranspose2d", [3, 16, 20, 20], [16, 8, 3, 3], [8]) {
            try $0[0].convTranspose2d($0[1], bias: $0[2], stride: 2)
        },
        Differentiated("pooling", [4, 16, 40, 40]) {
            try $0[0].maxPool2d(kernel: 3, stride: 1).avgPool2d(kernel: 2)
        },
        Differentiated("groupNorm", [4, 16, 20, 20], [16], [16]) {
            try $0[0].groupNorm(groups: 4, gain: $0[1], bias: $0[2])
        },
        Differentiated("losses", [300, 200], [300, 200]) {
            try $0[0].binaryCrossEntropy($0[1]).adding($0[0].meanSquaredError($0[1])).adding(
                $0[0].logSoftmax().klDivergence(from: $0[1].logSoftmax()))
        },
    ]
}
