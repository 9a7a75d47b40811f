"""Makes prosody.json: poems and what an independent scorer finds in them.

python prosody.py TRADITIONAL.txt SIMPLIFIED.txt > prosody.json

Both files hold the same poems in the same order, in the layout of corpora/tang.txt. The scorer shares only the rhyme book
with the program; the rules are written here as expressions over tone classes: P level, Z oblique, B either.
"""

import json
import random
import re
import sys
from pathlib import Path

BOOK = Path(__file__).parent.parent.parent / "src/prosody/data"
N_OF_A_FORM = 12
draw = random.Random(3)


def rows(name):
    return [line.split("\t") for line in (BOOK / name).read_text("utf-8").splitlines()]


def rhyme_book():
    groups = {c: set(names.split("|")) for c, names in rows("pingshui.tsv")}
    for variant, form, _ in rows("pingshui_variants.tsv"):
        groups[variant] = groups.get(variant, set()) | groups.get(form, set())
    for traditional, simplified in rows("simplified.tsv"):
        for c in simplified:
            groups[c] = groups.get(c, set()) | groups.get(traditional, set())
    return groups


GROUPS = rhyme_book()


def is_level(group):
    return group.startswith(("上平", "下平"))


def level_groups(c):
    return {group for group in GROUPS.get(c, ()) if is_level(group)}


def tone(c):
    groups = GROUPS.get(c)
    if not groups:
        return "B"
    levels = {is_level(group) for group in groups}
    return "B" if len(levels) == 2 else "P" if True in levels else "Z"


def expression(pattern):
    return pattern.replace("P", "[PB]").replace("Z", "[ZB]").replace("*", ".")


# Four kinds of lines, each with the departure from it that is made good in the line itself.
FIVE = {"a": "*ZPPZ|*ZZPZ", "b": "*PPZZ|PPZPZ", "A": "*ZZPP", "B": "PPZZP|*PPZP"}
SEVEN = {"a": "*P*ZPPZ|*P*ZZPZ", "b": "*Z*PPZZ|*ZPPZPZ", "A": "*P*ZZPP", "B": "*ZPPZZP|*Z*PPZP"}
KINDS = {n: {kind: expression(p) for kind, p in kinds.items()} for n, kinds in ((5, FIVE), (7, SEVEN))}
IN_A_COUPLET = {"a": "B", "A": "B", "b": "A", "B": "A"}
BETWEEN_COUPLETS = {"B": "b", "A": "a"}


def fits(line, kind):
    return re.fullmatch(KINDS[len(line)][kind], line) is not None


def follows(tones, kind):
    for number, line in enumerate(tones):
        if number:
            kind = IN_A_COUPLET[kind] if number % 2 else BETWEEN_COUPLETS[kind]
        if not fits(line, kind):
            return False
    return True


def binds(tones):
    opposite, same = re.compile("PZ|ZP|B.|.B"), re.compile("PP|ZZ|B.|.B")
    pairs = [one[1] + other[1] for one, other in zip(tones, tones[1:])]
    return all((same if number % 2 else opposite).fullmatch(pair) for number, pair in enumerate(pairs))


def alternates(line):
    feet = line[1::2]
    return any(re.match(expression(pattern[: len(feet)]), feet) is not None for pattern in ("PZP", "ZPZ"))


def score(lines):
    tones = ["".join(map(tone, line)) for line in lines]
    ends = [line[-1] for line in lines[1::2]]
    level = set.intersection(*map(level_groups, ends))
    return {
        "rhyme": bool(level),
        "rhyme_any": bool(set.intersection(*(GROUPS.get(end, set()) for end in ends))),
        "first_line_rhyme": bool(level & level_groups(lines[0][-1])),
        "tone_line": [any(fits(line, kind) for kind in "abAB") for line in tones],
        "tone_alternation": [alternates(line) for line in tones],
        "repeated_char": [len(set(line)) < len(line) for line in lines],
        "dui_nian": binds(tones),
        "tone_poem": any(follows(tones, kind) for kind in "abAB"),
    }


def poems(path):
    blocks = Path(path).read_text("utf-8").strip().split("\n\n")
    return [[line.rstrip("，。") for line in block.splitlines() if not line.startswith("#")] for block in blocks]


def shuffled(lines):
    characters = list("".join(lines))
    draw.shuffle(characters)
    width = len(lines[0])
    return ["".join(characters[start : start + width]) for start in range(0, len(characters), width)]


by_form = {}
for pair in zip(poems(sys.argv[1]), poems(sys.argv[2]), strict=True):
    by_form.setdefault((len(pair[0][0]), len(pair[0])), []).append(pair)
chosen = []
for form in sorted(by_form):
    for traditional, simplified in draw.sample(by_form[form], N_OF_A_FORM):
        chosen += [traditional, simplified, shuffled(traditional), shuffled(simplified)]
cases = [{"lines": lines} | score(lines) for lines in chosen]
print("[\n" + ",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases) + "\n]")
