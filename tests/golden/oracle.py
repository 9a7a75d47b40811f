"""Makes oracle.safetensors, a small oracle in SeqGAN's layout, and oracle.json, what it scores in double precision.

pip install numpy safetensors; python oracle.py
"""

import json

import numpy as np
from safetensors.numpy import save_file

VOCAB, EMBED, HIDDEN, TIME, N_SEQUENCES, N_SAMPLES = 50, 6, 5, 20, 12, 40_000
draw = np.random.default_rng(7)
shapes = {"g_embeddings": (VOCAB, EMBED), "Wo": (HIDDEN, VOCAB), "bo": (VOCAB,)}
for gate in ("i", "f", "og", "c"):
    shapes |= {f"W{gate}": (EMBED, HIDDEN), f"U{gate}": (HIDDEN, HIDDEN), f"b{gate}": (HIDDEN,)}
weights = {name: draw.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
save_file(weights, "oracle.safetensors")
w = {name: values.astype(np.float64) for name, values in weights.items()}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def step(token, hidden, cell):
    """One step for a batch of tokens; returns log-probabilities of the next ones, and the new state."""
    x = w["g_embeddings"][token]
    gates = {gate: x @ w[f"W{gate}"] + hidden @ w[f"U{gate}"] + w[f"b{gate}"] for gate in ("i", "f", "og", "c")}
    cell = sigmoid(gates["f"]) * cell + sigmoid(gates["i"]) * np.tanh(gates["c"])
    hidden = sigmoid(gates["og"]) * np.tanh(cell)
    logits = hidden @ w["Wo"] + w["bo"]
    return logits - np.log(np.exp(logits).sum(1, keepdims=True)), hidden, cell


def start(n):
    return np.zeros(n, int), np.zeros((n, HIDDEN)), np.zeros((n, HIDDEN))


def losses(sequences):
    token, hidden, cell = start(len(sequences))
    columns = []
    for next_token in sequences.T:
        log_p, hidden, cell = step(token, hidden, cell)
        columns.append(-log_p[np.arange(len(sequences)), next_token])
        token = next_token
    return np.stack(columns, 1)


def sample(n):
    token, hidden, cell = start(n)
    columns = []
    for _ in range(TIME):
        log_p, hidden, cell = step(token, hidden, cell)
        token = (log_p + draw.gumbel(size=log_p.shape)).argmax(1)
        columns.append(token)
    return np.stack(columns, 1)


sequences = np.concatenate([np.zeros((1, TIME), int), draw.integers(VOCAB, size=(N_SEQUENCES // 2, TIME)), sample(5)])
of_samples = losses(sample(N_SAMPLES)).mean(1)
with open("oracle.json", "w") as file:
    json.dump(
        {
            "sequences": sequences.tolist(),
            "losses": losses(sequences).round(9).tolist(),
            # Mean of what the oracle needs for its own samples, and its deviation from one sequence to another.
            "own_nll": of_samples.mean(),
            "own_deviation": of_samples.std(),
        },
        file,
        separators=(",", ":"),
    )
    file.write("\n")
