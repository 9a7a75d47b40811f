#!/usr/bin/env python3
"""PyTorch counterpart of poetgan's transformer: three training steps and sampling, at the shapes of the base preset.
Prints one JSON object per line: {"what", "ms" (median), "min", "max", "tokens_per_s"}; last the peak memory.

    python3 -m venv venv && venv/bin/pip install torch numpy
    venv/bin/python torch_transformer.py [--batch 64 --time 32 --vocab 5000 ...] [--threads N] [--compile] [--bf16] [--check]

As `torch_lstm.py` for the LSTM: subnormal floats are flushed, and the generator step samples without a graph, keeps
the Gumbel noise and runs the whole sequence once more with it. Further choices:
- sampling feeds one token at a time and keeps keys and values in a cache that is allocated once; attention reads the
  filled part of it;
- Gumbel noise is -log(-log(uniform)), in place; `exponential_` would save a logarithm but is itself several times
  slower. `max` finds the token faster than `argmax`;
- Adam is the fused one, and the generator step computes no gradients for the discriminator.
There is no `g_step_single_pass`: a graph forbids writing into the cache, so that each step has to copy it, and the
vocabulary product and its gradients fall apart into one for each token; when tried it took 1.3 times as long.
`--check` only compares the logits of sampling with those of the whole sequence.
"""
import argparse, json, resource, time
import torch, torch.nn as nn, torch.nn.functional as F

ap = argparse.ArgumentParser()
for name, value in dict(batch=64, time=32, vocab=5000, width=256, layers=5, heads=4, hidden=1024, noise=32, dropout=0.25,
                        filters=128, disc_embed=64, repeats=9, threads=0).items():
    ap.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
for name in ("--compile", "--bf16", "--check"):
    ap.add_argument(name, action="store_true")
a = ap.parse_args()
B, T, V, W = a.batch, a.time, a.vocab, a.width
torch.manual_seed(0)
torch.set_flush_denormal(True)
if a.threads:
    torch.set_num_threads(a.threads)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(W), nn.LayerNorm(W)
        self.qkv, self.attended = nn.Linear(W, 3 * W), nn.Linear(W, W)
        self.up, self.down = nn.Linear(W, a.hidden), nn.Linear(a.hidden, W)

    def forward(self, x, cache=None, place=0):  # x [B, time, W]; cache [2, B, heads, T, W / heads] filled before `place`
        q, k, v = self.qkv(self.norm1(x)).unflatten(-1, (3, a.heads, -1)).permute(2, 0, 3, 1, 4)
        if cache is not None:
            cache[0, :, :, place], cache[1, :, :, place] = k[:, :, 0], v[:, :, 0]
            k, v = cache[:, :, :, : place + 1]
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=cache is None).transpose(1, 2).flatten(2)
        x = x + F.dropout(self.attended(attended), a.dropout, self.training)
        up = F.relu(self.up(self.norm2(x))).square()
        return x + F.dropout(self.down(up), a.dropout, self.training)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.place = (nn.Parameter(torch.randn(rows, W) * 0.02) for rows in (V, T))
        self.noise = nn.Linear(a.noise, W)
        self.blocks = nn.ModuleList(Block() for _ in range(a.layers))
        self.norm = nn.LayerNorm(W)
        self.bias = nn.Parameter(torch.zeros(V))

    def logits(self, tokens, z):  # tokens [B, T] -> logits [B, T, V]
        inputs = torch.cat([torch.zeros_like(tokens[:, :1]), tokens[:, :-1]], 1)
        x = F.embedding(inputs, self.embedding) + self.place + self.noise(z)[:, None]
        x = F.dropout(x * W**0.5, a.dropout, self.training)
        for block in self.blocks:
            x = block(x)
        return F.linear(self.norm(x), self.embedding, self.bias)

    def step(self, token, start, place):  # token [B], its place and noise start [B, W] -> logits [B, V]
        x = ((F.embedding(token, self.embedding) + start) * W**0.5)[:, None]
        for block, cache in zip(self.blocks, caches):
            x = block(x, cache, place)
        return F.linear(self.norm(x[:, 0]), self.embedding, self.bias)

    def rollout(self, z, gumbels):  # gumbels [T, B, V] keeps the noise; [1, B, V] is only room for it
        token, tokens = torch.zeros(B, dtype=torch.long), torch.empty(B, T, dtype=torch.long)
        starts = self.place[:, None] + self.noise(z)  # [T, B, W]
        for t in range(T):
            logits = self.step(token, starts[t], t)
            gumbel = gumbels[t % len(gumbels)].uniform_(1e-20, 1).log_().neg_().log_().neg_()
            token = logits.add_(gumbel).max(-1).indices
            tokens[:, t] = token
        return tokens


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Parameter(torch.randn(V, a.disc_embed) * 0.1)
        self.convs = nn.ModuleList(nn.Conv1d(a.disc_embed, a.filters, k) for k in (2, 3, 4, 5))
        self.out = nn.Sequential(nn.Linear(4 * a.filters, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1))

    def forward(self, embedded):  # [B, T, disc_embed] -> [B]
        x = embedded.transpose(1, 2)
        return self.out(torch.cat([F.leaky_relu(c(x), 0.2).amax(-1) for c in self.convs], -1))[:, 0]


g, d = Generator(), Discriminator()
g_opt, d_opt = (torch.optim.Adam(module.parameters(), 1e-4, fused=True) for module in (g, d))
real = torch.randint(0, V, (B, T))
caches = torch.empty(a.layers, 2, B, a.heads, T, W // a.heads)
kept, scratch = torch.empty(T, B, V), torch.empty(1, B, V)
g_logits, d_score = (torch.compile(g.logits), torch.compile(d)) if a.compile else (g.logits, d)


def update(optimiser, module, loss):
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(module.parameters(), 5.0)
    optimiser.step()


def mle_step():
    g.train()
    update(g_opt, g, F.cross_entropy(g_logits(real, torch.randn(B, a.noise)).view(-1, V), real.view(-1)))


def straight_through(tokens, soft):
    relaxed = soft @ d.embedding
    return d.embedding[tokens].detach() + relaxed - relaxed.detach()


def g_step(beta=2.0):
    z = torch.randn(B, a.noise)
    with torch.no_grad():
        tokens = g.eval().rollout(z, kept)
    d.requires_grad_(False)
    soft = F.softmax((g_logits(tokens, z) + kept.transpose(0, 1)) * beta, -1)
    update(g_opt, g, F.softplus(-d_score(straight_through(tokens, soft))).mean())
    d.requires_grad_(True)


def d_step():
    with torch.no_grad():
        tokens = g.eval().rollout(torch.randn(B, a.noise), scratch)
    update(d_opt, d, F.softplus(-d_score(d.embedding[real])).mean() + F.softplus(d_score(d.embedding[tokens])).mean())


def sample():
    with torch.inference_mode():
        g.eval().rollout(torch.randn(B, a.noise), scratch)


if a.check:
    with torch.no_grad():
        z, steps, step = torch.randn(B, a.noise), [], g.eval().step
        g.step = lambda *inputs: steps.append(step(*inputs)) or steps[-1].clone()
        difference = (g.logits(g.rollout(z, scratch), z) - torch.stack(steps, 1)).abs().max().item()
    raise SystemExit(f"largest difference of logits: {difference:.2g}")
print(json.dumps(dict(torch=torch.__version__, torch_threads=torch.get_num_threads(), **vars(a))))


def timed(run, warm_up, repeats):  # sorted milliseconds
    times = []
    for _ in range(warm_up + repeats):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    return sorted(times[warm_up:])


for step in (mle_step, g_step, d_step, sample):
    with torch.autocast("cpu", torch.bfloat16, enabled=a.bf16):
        ms = timed(step, 2, a.repeats)
    median = ms[len(ms) // 2]
    print(json.dumps(dict(what=step.__name__, ms=round(median, 1), min=round(ms[0], 1), max=round(ms[-1], 1), tokens_per_s=round(B * T / median * 1e3))), flush=True)
x, y = torch.randn(B * T, W), torch.randn(W, V)
print(json.dumps(dict(what="matmul_peak", gflops=round(2 * B * T * W * V / timed(lambda: x @ y, 0, 9)[0] / 1e6, 1))))
print(json.dumps(dict(what="memory", peak_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6))))
