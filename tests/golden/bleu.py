"""Makes bleu.json, the BLEU of NLTK for cases of every kind. `pip install nltk; python bleu.py > bleu.json`"""

import json
import random
import warnings

from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

warnings.simplefilter("ignore")
draw = random.Random(4)


def sequence(shortest, longest, vocabulary):
    return [draw.randrange(vocabulary) for _ in range(draw.randint(shortest, longest))]


def case(references, hypothesis):
    smooth = SmoothingFunction().method1
    scores = [sentence_bleu(references, hypothesis, (1 / n,) * n, smooth) for n in range(2, 6)]
    return {"references": references, "hypothesis": hypothesis, "bleu": scores}


cases = [
    case([[1, 2, 3, 4, 5, 6]], [1, 2, 3, 4, 5, 6]),
    case([[1, 2, 3]], [4, 5, 6]),  # No unit matches.
    case([[1, 2, 3]], []),
    case([[1, 2, 3]], [2]),
    case([[1]], [1]),
    case([[]], [1, 2]),
    case([[7, 7, 7], [7, 7, 1, 7, 7, 7]], [7] * 8),  # Repeated n-grams, clipped by the most of any reference.
    case([[1, 2] * 4, [2, 1] * 2], [1, 2] * 6),
    case([[1, 2, 3, 4], [1, 2, 3, 4, 5, 6, 7, 8]], [9, 3, 4, 1, 2, 8]),  # Two lengths are equally close.
]
for vocabulary in (3, 12, 200):
    for longest in (4, 12, 28):
        for count in (1, 5, 60):
            references = [sequence(1, longest, vocabulary) for _ in range(count)]
            cases.append(case(references, sequence(1, longest + 4, vocabulary)))
print("[\n" + ",\n".join(json.dumps(one, separators=(",", ":")) for one in cases) + "\n]")
