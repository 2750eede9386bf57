"""Contrasting words: what tells two studies by the same people apart that share all other words.

"... in children" and "... in adults", "preoperative ..." and "postoperative ...", "hepatitis B" and
"hepatitis C". A title that was misread or edited has another spelling or a synonym in such a place,
not the opposite. Countries and languages are no opposites, and tell as much.
"""

import re
from collections.abc import Sequence

GROUPS = """
child children infant neonate newborn adolescent adult elderly
man men woman women
male female
boy girl
mother father
rat rats mouse mice rabbit pig dog cat sheep cattle chicken human monkey zebrafish drosophila yeast
acute chronic subacute
mild moderate severe
benign malignant
primary secondary tertiary
early late
before during after
spring summer autumn winter
january february march april may june july august september october november december
morning evening
daily weekly monthly annual
upper lower
left right
anterior posterior
lateral medial
dorsal ventral
proximal distal
northern southern eastern western
north south east west
urban rural
indoor outdoor
inner outer
internal external
central peripheral
low high
lower upper
minimum maximum
minimal maximal
minimizing maximizing
minimization maximization
short long
vitro vivo silico situ
with without
bacterial viral fungal
aerobic anaerobic
arterial venous
systolic diastolic
positive negative
direct indirect
forward backward
static dynamic
online offline
discrete continuous
odd even
active passive
wired wireless
public private
open closed
cohort control crossover randomised randomized
prospective retrospective
patient nurse physician clinician caregiver carer
student teacher
undergraduate postgraduate
one two three four five six seven eight nine ten twelve
review trial
english german french spanish italian portuguese dutch swedish danish norwegian finnish icelandic \
polish czech slovak hungarian romanian bulgarian serbian croatian slovene greek turkish persian \
arabic hebrew russian ukrainian hindi urdu bengali tamil telugu marathi gujarati punjabi nepali \
chinese cantonese japanese korean vietnamese thai indonesian malay swahili amharic yoruba hausa
china india japan korea taiwan singapore malaysia indonesia thailand vietnam philippines pakistan \
bangladesh nepal iran iraq israel turkey egypt ethiopia kenya nigeria ghana uganda tanzania zambia \
malawi zimbabwe mexico brazil argentina chile peru colombia canada australia england scotland \
wales ireland france germany spain portugal italy switzerland austria belgium netherlands denmark \
norway sweden finland iceland poland hungary romania bulgaria greece russia ukraine
"""
"""Words of which a title has one where its sibling has another, a line for each group."""

SAME = {
    "children": "child", "men": "man", "women": "woman", "mice": "mouse", "rats": "rat",
    "newborn": "neonate", "newborns": "neonate", "neonates": "neonate", "carers": "carer",
    "caregiver": "carer", "caregivers": "carer", "randomized": "randomised",
    "controlled": "control",
}  # fmt: skip
"""Other forms of words of `GROUPS`, and spellings of them: one title may have either."""

PREFIXES = (
    *(("pre", "post"), ("pre", "peri"), ("peri", "post"), ("pre", "intra"), ("intra", "post")),
    *(("hyper", "hypo"), ("in", "out"), ("intra", "extra"), ("intra", "inter"), ("endo", "exo")),
    *(("micro", "macro"), ("mono", "poly"), ("homo", "hetero"), ("over", "under"), ("uni", "bi")),
    *(("uni", "multi"), ("single", "multi")),
)  # fmt: skip
"""Beginnings of two words that are otherwise the same: ``hypertension``, ``hypotension``."""

NEGATIONS = ("non", "un", "in", "anti")
"""Beginnings that make a word its opposite: ``supervised``, ``unsupervised``."""

RETURN = re.compile(
    r"(?:revisited|reconsidered|reexamined|an update|"
    r"an? (?:follow up|pilot|feasibility|replication)(?: study)?)$"
)
"""Ends of titles of papers that come back to another one, or go before it."""

LEAST_REST = 5
"""Letters that two words have in common behind their beginnings."""

LONGEST_RETURN = 4
"""Words at the end of a title that are looked at for `RETURN`."""

MOST = 8
"""Words of its own from which a title is not searched for contrasts: it is another title anyway."""


def _list_members() -> dict[str, set[int]]:
    groups: dict[str, set[int]] = {}
    for place, line in enumerate(GROUPS.strip().splitlines()):
        for word in line.split():
            groups.setdefault(word, set()).add(place)
    return groups


MEMBERS = _list_members()
"""The groups of each word, by their place."""


def has_contrast(words: Sequence[str], other_words: Sequence[str]) -> bool:
    """Return whether words that only one of two titles has make two studies of them.

    Each has one of a contrast, or one says that it comes back to what the other is about.

    >>> has_contrast("sepsis in children".split(), "sepsis in adults".split())
    True
    >>> has_contrast("preoperative fasting".split(), "postoperative fasting".split())
    True
    >>> has_contrast("hepatitis b".split(), "hepatitis c".split())
    True
    >>> has_contrast("graph cuts revisited".split(), "graph cuts".split())
    True
    >>> has_contrast("query evaluation".split(), "query processing".split())
    False
    >>> has_contrast("a randomised control trial".split(), "a randomized controlled trial".split())
    False
    """
    left, right = ({SAME.get(word, word) for word in title} for title in (words, other_words))
    own, other_own = left - right, right - left
    ends = [RETURN.search(" ".join(title[-LONGEST_RETURN:])) for title in (words, other_words)]
    if (ends[0] is None) != (ends[1] is None):
        return True
    if not (own and other_own) or max(len(own), len(other_own)) > MOST:
        return False
    if len(own) == len(other_own) == 1:
        first, second = min(own), min(other_own)
        if len(first) == len(second) == 1 and (first + second).isalpha():
            return True
    return any(_is_contrast(word, other) for word in own for other in other_own)


def _is_contrast(word: str, other: str) -> bool:
    groups, other_groups = _find_groups(word), _find_groups(other)
    if groups & other_groups and word.removesuffix("s") != other.removesuffix("s"):
        return True
    shorter, longer = sorted((word, other), key=len)
    if len(shorter) >= LEAST_REST and longer.removesuffix(shorter) in NEGATIONS:
        return True
    return any(
        _has_rest(word, first, other, second) or _has_rest(word, second, other, first)
        for first, second in PREFIXES
    )


def _has_rest(word: str, first: str, other: str, second: str) -> bool:
    rest = word.removeprefix(first)
    return len(rest) >= LEAST_REST and word.startswith(first) and other == second + rest


def _find_groups(word: str) -> set[int]:
    return MEMBERS.get(word) or MEMBERS.get(word.removesuffix("s"), set())
