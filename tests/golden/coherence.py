"""Makes coherence.json: pointwise mutual information and coherence of small random quatrains, by dense matrices.

python coherence.py
"""

import json
import math
import random

random.seed(11)
TOPICS = ["春花风柳燕桃雨草莺溪杏蝶", "战马关兵胡沙鼓旗剑弓塞烽", "山云水月江舟人日年天秋夜"]


def poem():
    """Four lines of three characters; each couplet is of one topic or of the last one, which all share."""
    topic = random.choice(TOPICS[:2])
    couplet = lambda: ["".join(random.choice(random.choice([topic, TOPICS[2]])) for _ in range(3)) for _ in range(2)]
    return couplet() + couplet()


def segments(poem):
    """The sets of characters of both couplets, without their last characters."""
    return [set((poem[i] + poem[i + 1])[:-1]) for i in (0, 2)]


training, judged = [poem() for _ in range(60)], [poem() for _ in range(12)]
units = sorted({c for p in training for line in p for c in line})
M = {(a, b): 0 for a in units for b in units}
for p in training:
    first, second = segments(p)
    for a in first:
        for b in second:
            if a != b:
                M[a, b] += 1
                M[b, a] += 1
r = {a: sum(M[a, b] for b in units) for a in units}
total = sum(r.values())
pmi = {(a, b): 0 if a == b else math.log((M[a, b] + 1) / (r[a] * r[b] / total + 1)) for a in units for b in units}

pairs = [[s & set(units) for s in segments(p)] for p in judged]
S = [[sum(pmi[a, b] for a in first for b in second) for _, second in pairs] for first, _ in pairs]
n = len(S)
row = [sum(S[k]) / n for k in range(n)]
column = [sum(S[k][l] for k in range(n)) / n for l in range(n)]
mean = sum(row) / n
C = [[S[k][l] - row[k] - column[l] + mean for l in range(n)] for k in range(n)]
wins = [sum(C[k][k] > C[k][l] for l in range(n) if l != k) / (n - 1) for k in range(n)]


def fit(first, second):
    values = [pmi[a, b] for a in first for b in second if a != b]
    return sum(values) / len(values)


with open("coherence.json", "w") as out:
    some = [[a, b, round(pmi[a, b], 9)] for a in units[::5] for b in units[::7]]
    fits = [round(fit(*pair), 9) for pair in pairs]
    wins = [round(win, 9) for win in wins]
    json.dump({"training": training, "judged": judged, "pmi": some, "fits": fits, "wins": wins}, out, ensure_ascii=False)
