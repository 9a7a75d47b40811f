#!/usr/bin/env python3
"""PyTorch baseline for poetgan's numeric core: the same three training steps and the same sampler, at the same
shapes, on the same CPU. Prints one JSON object per line: {"what", "ms" (median), "min", "max", "tokens_per_s"}; last the
peak memory.

    python3 -m venv venv && venv/bin/pip install torch numpy
    venv/bin/python torch_lstm.py [--batch 64 --time 28 --vocab 4500 --embed 256 --hidden 512] [--threads N] [--compile] [--bf16]

It is written the way a careful PyTorch user would write it:
- subnormal floats are flushed to zero (without this the generator step is some 15 times slower: a sharp
  Gumbel-softmax is full of subnormal probabilities, and every matmul that reads them crawls);
- the generator step samples without a graph, keeps the Gumbel noise, and re-runs the whole sequence once with the
  graph (teacher-forced on its own sample), so that the vocabulary matmul and its gradients are single large matmuls.
  `g_step_single_pass` is the plain alternative that builds the graph while sampling; compare against the faster one.
"""
import argparse, json, resource, time
import torch, torch.nn as nn, torch.nn.functional as F

ap = argparse.ArgumentParser()
for name, value in dict(batch=64, time=28, vocab=4500, embed=256, hidden=512, filters=128, disc_embed=64, repeats=9).items():
    ap.add_argument(f"--{name.replace('_', '-')}", type=int, default=value)
ap.add_argument("--threads", type=int, default=0)
ap.add_argument("--compile", action="store_true")
ap.add_argument("--bf16", action="store_true", help="CPU autocast to bfloat16")
a = ap.parse_args()
torch.manual_seed(0)
torch.set_flush_denormal(True)
if a.threads:
    torch.set_num_threads(a.threads)
B, T, V = a.batch, a.time, a.vocab


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(V, a.embed)
        self.noise = nn.Linear(a.embed, a.embed)
        self.lstm = nn.LSTM(a.embed, a.hidden, batch_first=True)
        self.project = nn.Linear(a.hidden, a.embed)
        self.bias = nn.Parameter(torch.zeros(V))

    def logits(self, tokens, z):  # tokens [B, T] -> logits [B, T, V]
        inputs = torch.cat([torch.zeros_like(tokens[:, :1]), tokens[:, :-1]], 1)
        hidden, _ = self.lstm(self.embedding(inputs) + self.noise(z)[:, None])
        return self.project(hidden) @ self.embedding.weight.t() + self.bias

    def rollout(self, z, beta=None):
        token, state, tokens, gumbels, soft = torch.zeros(B, dtype=torch.long), None, [], [], []
        for _ in range(T):
            hidden, state = self.lstm((self.embedding(token) + self.noise(z))[:, None], state)
            logits = self.project(hidden[:, 0]) @ self.embedding.weight.t() + self.bias
            gumbel = -torch.log(-torch.log(torch.rand_like(logits).clamp(1e-20, 1 - 1e-7)))
            noisy = logits + gumbel
            token = noisy.argmax(-1)
            tokens.append(token)
            gumbels.append(gumbel)
            if beta is not None:
                soft.append(F.softmax(noisy * beta, -1))
        return torch.stack(tokens, 1), torch.stack(gumbels, 1), (torch.stack(soft, 1) if soft else None)


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
g_opt, d_opt = torch.optim.Adam(g.parameters(), 1e-4), torch.optim.Adam(d.parameters(), 1e-4)
real = torch.randint(0, V, (B, T))
g_logits, d_score = (torch.compile(g.logits), torch.compile(d)) if a.compile else (g.logits, d)


def update(optimiser, module, loss):
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(module.parameters(), 5.0)
    optimiser.step()


def mle_step():
    loss = F.cross_entropy(g_logits(real, torch.randn(B, a.embed)).reshape(-1, V), real.reshape(-1))
    update(g_opt, g, loss)


def straight_through(tokens, soft):
    relaxed = soft @ d.embedding
    return d.embedding[tokens].detach() + relaxed - relaxed.detach()


def g_step(beta=2.0):
    z = torch.randn(B, a.embed)
    with torch.no_grad():
        tokens, gumbel, _ = g.rollout(z)
    soft = F.softmax((g_logits(tokens, z) + gumbel) * beta, -1)
    update(g_opt, g, F.softplus(-d_score(straight_through(tokens, soft))).mean())


def g_step_single_pass(beta=2.0):
    tokens, _, soft = g.rollout(torch.randn(B, a.embed), beta)
    update(g_opt, g, F.softplus(-d_score(straight_through(tokens, soft))).mean())


def d_step():
    with torch.no_grad():
        tokens, _, _ = g.rollout(torch.randn(B, a.embed))
    loss = F.softplus(-d_score(d.embedding[real])).mean() + F.softplus(d_score(d.embedding[tokens])).mean()
    update(d_opt, d, loss)


def sample():
    with torch.no_grad():
        g.rollout(torch.randn(B, a.embed))


print(json.dumps(dict(torch=torch.__version__, threads=torch.get_num_threads(), compile=a.compile, batch=B, time=T, vocab=V, embed=a.embed, hidden=a.hidden)))
for step in (mle_step, g_step, g_step_single_pass, d_step, sample):
    times = []
    with torch.autocast("cpu", torch.bfloat16, enabled=a.bf16):
        step(), step()
        for _ in range(a.repeats):
            start = time.perf_counter()
            step()
            times.append((time.perf_counter() - start) * 1e3)
    times.sort()
    ms = times[len(times) // 2]
    print(json.dumps(dict(what=step.__name__, ms=round(ms, 1), min=round(times[0], 1), max=round(times[-1], 1), tokens_per_s=round(B * T / ms * 1e3))), flush=True)
m, k, n = B * T, a.hidden, V
x, y = torch.randn(m, k), torch.randn(k, n)
times = []
for _ in range(9):
    start = time.perf_counter()
    x @ y
    times.append(time.perf_counter() - start)
print(json.dumps(dict(what="matmul_peak", gflops=round(2 * m * k * n / min(times) / 1e9, 1))))
print(json.dumps(dict(what="memory", peak_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6))))
