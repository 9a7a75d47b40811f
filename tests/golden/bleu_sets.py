"""Makes bleu_sets.json: BLEU and self-BLEU of a set of sequences, by NLTK.

pip install nltk; python bleu_sets.py > bleu_sets.json
"""

import json
import random

from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

VOCABULARY = 40
N_REFERENCES, N_SAMPLES, N_JUDGED = 120, 70, 25
draw = random.Random(11)


def chain(sharpness):
    """A Markov chain whose successors have weights that fall with their rank; sharper chains repeat themselves more."""
    weights = [(rank + 1.0) ** -sharpness for rank in range(VOCABULARY)]
    successors = [random.Random(token).sample(range(VOCABULARY), VOCABULARY) for token in range(VOCABULARY)]

    def sequence():
        token, tokens = draw.randrange(VOCABULARY), []
        for _ in range(draw.randint(6, 14)):
            token = draw.choices(successors[token], weights)[0]
            tokens.append(token)
        return tokens

    return sequence


def mean_bleu(references, hypotheses):
    smooth = SmoothingFunction().method1
    each = [[sentence_bleu(references, one, (1 / n,) * n, smooth) for n in range(2, 6)] for one in hypotheses]
    return [sum(column) / len(each) for column in zip(*each)]


real, generated = chain(1.3), chain(1.8)
references = [real() for _ in range(N_REFERENCES)]
samples = [generated() for _ in range(N_SAMPLES)]
judged, others = samples[:N_JUDGED], samples[N_JUDGED:]
print(
    json.dumps(
        {
            "references": references,
            "judged": judged,
            "others": others,
            "bleu": mean_bleu(references, judged + others),
            "self_bleu": mean_bleu(others, judged),
        },
        separators=(",", ":"),
    )
)
