"""Rows a second of training a dense top-k sparse autoencoder in PyTorch: 768 to 3072, k = 32, batch 4096, Adam."""
import sys
import time

import torch

torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
torch.manual_seed(0)
width, latents, k, batch, warm, measured = 768, 3072, 32, 4096, 2, 6

directions = torch.nn.functional.normalize(torch.randn(latents, width), dim=1)
decoder = torch.nn.Parameter(directions.clone())
encoder = torch.nn.Parameter(directions.t().contiguous().clone())
encoder_bias = torch.nn.Parameter(torch.zeros(latents))
decoder_bias = torch.nn.Parameter(torch.zeros(width))
optimiser = torch.optim.Adam([encoder, decoder, encoder_bias, decoder_bias], lr=1e-3)
codes = torch.zeros(batch, latents)
codes.scatter_(1, torch.randint(0, latents, (batch, k)), 0.5 + torch.rand(batch, k))
x = codes @ directions + 0.02 * torch.randn(batch, width)


def step() -> None:
    optimiser.zero_grad(set_to_none=True)
    before = (x - decoder_bias) @ encoder + encoder_bias
    values, indices = before.topk(k, dim=1)
    z = torch.zeros_like(before).scatter(1, indices, values.relu())
    loss = (z @ decoder + decoder_bias - x).pow(2).mean()
    loss.backward()
    with torch.no_grad():
        decoder.grad.sub_((decoder.grad * decoder).sum(1, keepdim=True) * decoder)
    optimiser.step()
    with torch.no_grad():
        decoder.div_(decoder.norm(dim=1, keepdim=True))


for _ in range(warm):
    step()
start = time.perf_counter()
for _ in range(measured):
    step()
print(f"{measured * batch / (time.perf_counter() - start):.1f}")
