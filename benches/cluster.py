"""Estimated efficiency of training on several machines, from measured step times and a model of the network.

    python3 benches/cluster.py

A likelihood step on R ranks takes as long as the same step of one thread on the poems of a rank, with the update, which every rank
makes itself, and two rounds of the ring: the sums pass through all ranks chunk by chunk, then the total does. A round of n bytes
takes (n / chunk + R - 2) messages, each of chunk / bandwidth + latency, since all ranks of the ring are busy at once.

Assumptions: a rank has one thread and a port of its own with the full bandwidth, whatever the others send; machines are equally
fast; nothing overlaps; the additions of the sum, evaluations and checkpoints are left out.
"""

# Measured, see docs/cluster.md: milliseconds of a likelihood step of one thread for so many poems.
STEP_MS = {1: 27, 2: 33, 4: 53, 8: 67, 16: 115, 32: 222, 64: 468}
PARAMETERS = 5_300_000
BYTES = 4 * PARAMETERS
CHUNK = 1 << 18
# Bytes a second, and seconds of latency of a message.
NETWORKS = {"1 Gbit/s": (1e9 / 8, 50e-6), "10 Gbit/s": (1e10 / 8, 20e-6), "100 Gbit/s": (1e11 / 8, 5e-6)}
RANKS = [1, 2, 4, 8, 16, 32, 64]


def ring_ms(ranks, bandwidth, latency):
    if ranks == 1:
        return 0.0
    messages = 2 * (-(-BYTES // CHUNK) + ranks - 2)
    return 1e3 * messages * (CHUNK / bandwidth + latency)


def table(title, poems_of):
    print(f"\n{title}\n")
    print("| ranks | poems a rank | " + " | ".join(NETWORKS) + " |\n|---|---|" + "---|" * len(NETWORKS))
    for ranks in RANKS:
        poems = poems_of(ranks)
        # What the ranks would need without any loss.
        least = STEP_MS[64] * poems / 64
        cells = []
        for bandwidth, latency in NETWORKS.values():
            step = STEP_MS[poems] + ring_ms(ranks, bandwidth, latency)
            cells.append(f"{step:.0f} ms, {100 * least / step:.0f} %")
        print(f"| {ranks} | {poems} | " + " | ".join(cells) + " |")


table("The minibatch of the preset (64 poems) on all ranks together", lambda ranks: 64 // ranks)
table("A minibatch that grows with the ranks (64 poems each)", lambda ranks: 64)
