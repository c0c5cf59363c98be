"""Golden numbers of layers and losses from PyTorch: python generate_layers.py > layers/golden.json

Every case has operands, the result, and the gradients of sum(result * seed) with respect to each operand, computed in
float64 from operands that are exact in float32. Recurrent cells run for three steps; their parameters come from
PyTorch's own modules under PyTorch's own names.
"""
import json

import torch
import torch.nn.functional as F

torch.manual_seed(11)
torch.set_default_dtype(torch.float64)
cases = {}


def number(values):
    return [float(f"{v:.9g}") for v in values.flatten().tolist()]


def draw(*shape):
    # Multiples of 2^-10: short to print, exact in float32.
    return (torch.randn(shape) * 1024).round() / 1024


def keep(name, function, **operands):
    variables = {k: v.clone().requires_grad_() for k, v in operands.items()}
    result = function(**variables)
    seed = draw(*result.shape)
    (result * seed).sum().backward()
    cases[name] = {
        "operands": {k: {"shape": list(v.shape), "values": number(v)} for k, v in operands.items()},
        "shape": list(result.shape), "result": number(result.detach()), "seed": number(seed),
        "gradients": {k: number(v.grad) for k, v in variables.items()},
    }


keep("sigmoid", lambda x: torch.sigmoid(x), x=4 * draw(3, 5))
keep("tanh", lambda x: torch.tanh(x), x=2 * draw(3, 5))
keep("conv1d", lambda x, w, b: F.conv1d(x, w, b, stride=2, padding=2, dilation=2, groups=2),
     x=draw(2, 4, 11), w=draw(6, 2, 3), b=draw(6))
keep("conv2d", lambda x, w, b: F.conv2d(x, w, b, stride=(2, 1), padding=(1, 2), dilation=(1, 2)),
     x=draw(2, 3, 6, 7), w=draw(4, 3, 3, 2), b=draw(4))
keep("conv2d depthwise", lambda x, w, b: F.conv2d(x, w, b, padding=1, groups=3),
     x=draw(2, 3, 5, 4), w=draw(6, 1, 3, 3), b=draw(6))
keep("convTranspose1d", lambda x, w, b: F.conv_transpose1d(x, w, b, stride=3, padding=1, output_padding=2, groups=2),
     x=draw(2, 4, 5), w=draw(4, 3, 4), b=draw(6))
keep("convTranspose2d",
     lambda x, w, b: F.conv_transpose2d(x, w, b, stride=(2, 3), padding=(1, 0), output_padding=(1, 2), dilation=(2, 1)),
     x=draw(2, 3, 4, 3), w=draw(3, 2, 3, 2), b=draw(2))
keep("maxPool1d", lambda x: F.max_pool1d(x, 3, stride=2, padding=1), x=draw(2, 3, 9))
keep("maxPool2d", lambda x: F.max_pool2d(x, (3, 2), stride=(2, 1), padding=(1, 1)), x=draw(2, 2, 6, 5))
keep("avgPool1d", lambda x: F.avg_pool1d(x, 4, stride=3, padding=2), x=draw(2, 3, 10))
keep("avgPool2d", lambda x: F.avg_pool2d(x, (2, 3), stride=(1, 2), padding=(1, 1)), x=draw(2, 2, 5, 6))
keep("avgPool2d without padding", lambda x: F.avg_pool2d(x, 3, stride=2, padding=1, count_include_pad=False),
     x=draw(2, 2, 6, 5))
keep("groupNorm", lambda x, gain, bias: F.group_norm(x, 3, gain, bias, 1e-5),
     x=draw(2, 6, 3, 2), gain=draw(6), bias=draw(6))
keep("binaryCrossEntropy", lambda x, t: F.binary_cross_entropy_with_logits(x, t),
     x=8 * draw(4, 3), t=(torch.rand(4, 3) * 64).round() / 64)
keep("meanSquaredError", lambda x, t: F.mse_loss(x, t), x=draw(4, 3), t=draw(4, 3))
keep("klDivergence", lambda x, r: F.kl_div(F.log_softmax(x, 1), F.log_softmax(r, 1), reduction="batchmean",
                                           log_target=True), x=draw(4, 5), r=draw(4, 5))


def cell(name, kind):
    module = kind(4, 3)
    for parameter in module.parameters():
        parameter.data = draw(*parameter.shape)

    def run(xs, h, c=None, **parameters):
        state = h if c is None else (h, c)
        outputs = []
        for x in xs.split(2):
            state = torch.func.functional_call(module, parameters, (x, state))
            outputs.append(state if c is None else state[0])
        return torch.cat(outputs + ([] if c is None else [state[1]]))

    states = {"h": draw(2, 3)} | ({"c": draw(2, 3)} if kind is torch.nn.LSTMCell else {})
    keep(name, run, xs=draw(6, 4), **states, **{k: v.detach() for k, v in module.named_parameters()})


cell("GRUCell", torch.nn.GRUCell)
cell("LSTMCell", torch.nn.LSTMCell)
print(json.dumps(cases))
