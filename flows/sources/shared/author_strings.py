"""Author strings: one reader of the ways in which sources write all authors in one text.

A name keeps the form in which it is written (``Ada Lovelace`` or ``Lovelace, Ada``) and its LaTeX;
what is no part of a name goes: separators, affiliations, footnote marks, notes about the list.
"""

import re

import polars as pl

SPACES = re.compile(r"\s+|(?<!\\)~|\\[,;:](?=\s|[^\W\d_]|\\)|(?<=\.)\\(?=\s)")
r"""White space, TeX's tie (not the accent ``\~``), and TeX's thin and fixed spaces."""

LINES = re.compile(r"[^\W\d_][^\n\t,;&]*(?:[\n\t]+[^\n\t,;&]+)+")
"""Names one below the other, or in cells: nothing else separates them."""

QUOTED_LIST = re.compile(r"\s*\[\s*(?:(?:'[^']*'|\"[^\"]*\")\s*,?\s*)+\]\s*")
QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
"""A list as Python or JSON writes it, which tables keep as text."""

LATEX_AND = re.compile(r"\\(?:and|And|AND)\b|(?<!\\)\\\\(?![A-Za-z'`^\"~=.])|\\newline\b")
r"""What is between authors in a LaTeX file: ``\and``, ``\\``."""

NOBODY = re.compile(r"(?i)\W*(?:n/?a|nan|none|null|unknown|tba|tbd)\W*")
"""What tables and programs write for nothing."""

NOTES = re.compile(
    r"\\(?:thanks|footnote|footnotemark|textsuperscript|inst)\s*(?:\[[^\]]*\]|\{[^{}]*\})"
    r"|\$\s*(?:\{\})?\^[^$]*\$|\$\s*\{?[^$A-Za-z]*(?:\\[a-z]+[^$A-Za-z]*)*\}?\s*\$"
    r"|(?<!\\)\^(?:\{[^{}]*\}|[\w*](?!\w))"
    r"|<?(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,100}>?"
)
r"""Footnotes, marks and addresses: ``\thanks{...}``, ``$^{1,*}$``, ``^{2}``, ``<a@b.org>``."""

AFFILIATION = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])")
UNCLOSED = re.compile(r"\s*\([^()]*$")

UNNAMED = re.compile(
    # Not within a number: each digit of a long one would be looked at as its beginning.
    r"(?i),?\s*(?:and\s+|plus\s+|\+\s*)?((?<!\d)(?<!\d,)\d[\d,]*+)\s+"
    r"(?:additional|other|more|further)?\s*(?:co-?)?authors?\s*(?:are\s+)?(?:not\s+(?:shown|listed|displayed))?\s*$"
    r"|(?i:,?\s*(?:and|plus|\+)\s*(\d[\d,]*)\s+(?:others|more)\s*$)"
    r"|(?i:(?:\(|\.\.\.|…)\s*(\d[\d,]*)\s+(?:others|more)\s*$)"
)
"""A note that counts authors who are not named."""

NOTE = r"(?i)\d\s+(?:[a-z]+\s+)?(?:co-?)?authors?\b|\d\s+(?:others|more)\b"
"""What every such note holds."""

ET_AL = re.compile(r"(?i)[,;]?\s*(?:and\s+)?\b(?:et\.?\s*al(?:ii)?\b\.?|and\s+others)\s*")
SPEAKS_FOR = re.compile(
    r"(?i)[,;]?\s+(?:for|on\s+behalf\s+of)\s+((?:the\s+)?[^,;]*?"
    r"(?:collaborations?|consortium|team|group|project)\b[^,;]*)"
)
BEGINNING = re.compile(
    r"(?i)^\s*(?:authors?(?:\(s\))?\s*:|(?:(?:written|edited)\s+)?by\s+|and\s+)\s*"
)
TITLES = re.compile(
    r"^(?:(?:Prof|Dr|Mr|Mrs|Ms|Ing)\.\s*)+"
    r"|(?i:^(?:with (?:an? )?(?:appendix|contributions?) (?:by|from)|joint work with)\s+)"
)

AND_WORD = re.compile(r"\s+and\s+|\s*,?\s*&\s*")
AND = re.compile(r"\s*[,;]?\s+(?:and|und|et)\s+|\s*[,;]?\s*(?<!\\)&\s*|\s+\\&\s+")
WIDE = str.maketrans({"、": ",", "\uff0c": ",", "\uff1b": ";"})
"""Separators of Chinese and Japanese lists."""

OTHER_SEPARATORS = re.compile(r"\s+[/|·•]\s+")

SURNAME_FIRST = re.compile(r"(?:[a-z]{1,4}\s+){0,3}[^\s,.]+,\s*[^,]+")
r"""``Berg, Anna`` and ``van der Berg, Jan``, but not ``A. Berg, B. Dahl``."""

INITIALS = re.compile(r"(?:[^\W\d_]\.[\s-]?)+")

GENERATION = re.compile(r"(?:Jr|Sr)\.?|I{1,3}|IV|Ph\.?\s?D\.?|M\.?D\.?")

MARKS = "*†‡§¶\u2217⋆#∥♯★✉⁰¹²³⁴⁵⁶⁷⁸⁹⁺…"
# A run of marks within a name is looked at once, from its beginning.
EDGES = re.compile(
    rf"^[\s{MARKS}.:;,|/+-]*(?:\d+\s+)?(?=\D)|(?<![\s{MARKS}:;,|/+-])[\s{MARKS}:;,|/+-]++$"
)
DIGITS = re.compile(r"(?<=[a-z.])\s?\d+(?:\s*,\s*\d+)*$")
"""Numbers of affiliations at the end of a name; ``MST1`` is the name of a group."""

LETTER = re.compile(r"[^\W\d_]")

BARE_INITIALS = re.compile(r"[A-Z]{1,2}")
"""Initials as medical journals write them, behind a surname and a comma."""

NAME_WORDS = 5
"""Words of a name; lines of more are no names."""

SPLIT_PARTS = 2
"""Words of a name that a source has split."""


def split_authors(written: str | None) -> list[str]:
    r"""Split a text of authors into names, in order; an empty list where it names none.

    >>> split_authors("A. Berg, B. Dahl and C. Ek")
    ['A. Berg', 'B. Dahl', 'C. Ek']
    >>> split_authors("Izaak Neri, and \\'Edgar Rold\\'an, et al.")
    ['Izaak Neri', "\\'Edgar Rold\\'an"]
    >>> split_authors("Alice Smith; Bob Jones; Carol Wu"), split_authors("Anna Berg & Bo Dahl")
    (['Alice Smith', 'Bob Jones', 'Carol Wu'], ['Anna Berg', 'Bo Dahl'])
    >>> split_authors("Smith, Alice; Jones, Bob")
    ['Smith, Alice', 'Jones, Bob']
    >>> split_authors("S. Narison, :"), split_authors("NL-eEDM collaboration, :, Parul Aggarwal")
    (['S. Narison'], ['NL-eEDM collaboration', 'Parul Aggarwal'])
    >>> split_authors("L. Scheck (1), K. Kifonidis (2) ((1) MPI; (2) Saclay, France)")
    ['L. Scheck', 'K. Kifonidis']
    >>> split_authors("Wei Li$^{1}$, Hao Chen$^{2,*}$, D. F. V. James*, Eva Ek1,2, Bo Dahl\u2020")
    ['Wei Li', 'Hao Chen', 'D. F. V. James', 'Eva Ek', 'Bo Dahl']
    >>> split_authors("Planck Collaboration I: P. Ade and 200 additional authors not shown")
    ['Planck Collaboration I', 'P. Ade']
    >>> split_authors("H. Abramowicz~(Tel Aviv), J.\\,Doe for the H1 Collaboration")
    ['H. Abramowicz', 'J. Doe', 'the H1 Collaboration']
    >>> split_authors("Berg, Anna and van der Dahl, Bo"), split_authors("Berg, A., & Dahl, B. C.")
    (['Berg, Anna', 'van der Dahl, Bo'], ['Berg, A.', 'Dahl, B. C.'])
    >>> split_authors("Prof. Anna Berg^a <b@x.org> / Bo Dahl$^{b}$, with an appendix by C. Ek")
    ['Anna Berg', 'Bo Dahl', 'C. Ek']
    >>> split_authors("['Anna Berg', \"Bo O'Dahl\"]")
    ['Anna Berg', "Bo O'Dahl"]
    >>> split_authors("*$"), split_authors("N/A"), split_authors(None)
    ([], [], [])
    """
    text = written or ""
    if NOBODY.fullmatch(text):
        return []
    if QUOTED_LIST.fullmatch(text):
        quoted = (clean_name(single or double) for single, double in QUOTED.findall(text))
        return [name for name in quoted if name]
    return _split_list(_separate_lines(text))


def _separate_lines(text: str) -> str:
    r"""Put commas between names that line breaks, tabs or LaTeX's own words separate.

    >>> split_authors("Anna Berg\nBo Dahl\nC. Ek"), split_authors("Hinton, G, Ng, AY")
    (['Anna Berg', 'Bo Dahl', 'C. Ek'], ['Hinton, G', 'Ng, AY'])
    >>> split_authors("Anna Berg \\And Bo Dahl \\\\ C. Ek")
    ['Anna Berg', 'Bo Dahl', 'C. Ek']
    """
    text = LATEX_AND.sub(", ", text) if "\\" in text else text
    lines = [line.strip() for line in re.split(r"[\n\t]+", text.strip())]
    # A list that goes over lines has its own separators; a name has a few words. Blanks are joined
    # first: the pattern would look through a run of them from each.
    is_list = len(lines) > 1 and LINES.fullmatch(text.strip())
    is_separated = is_list and AND.search(re.sub(r"\s+", " ", text))
    names = [] if is_separated or not is_list else lines
    if names and all(1 < len(line.split()) <= NAME_WORDS for line in names):
        return ", ".join(lines)
    return text


def _split_list(written: str) -> list[str]:
    """Split a text with separators into names.

    >>> split_authors("The ATLAS Collaboration: G. Aad, B. Abbott")
    ['The ATLAS Collaboration', 'G. Aad', 'B. Abbott']
    >>> split_authors("John Doe, Jr., Mary Roe III, W. Rodrigues Jr")
    ['John Doe Jr.', 'Mary Roe III', 'W. Rodrigues Jr']
    """
    text = ET_AL.sub(" ", UNNAMED.sub("", _strip_notes(written)))
    parts = AND_WORD.split(text)
    if len(parts) > 1 and all(SURNAME_FIRST.fullmatch(part.strip(" ,")) for part in parts):
        return [name for part in parts if (name := clean_name(part))]
    # Who speaks for a group is an author beside it.
    text = SPEAKS_FOR.sub(r"; \1" if ";" in text else r", \1", BEGINNING.sub("", text))
    text = OTHER_SEPARATORS.sub(", ", text)
    # With semicolons the commas belong to the names: `Smith, Alice; Jones, Bob`.
    mark = ";" if ";" in text else ","
    text = _separate_groups(AND.sub(f"{mark} ", text), mark)
    names: list[str] = []
    for part in text.split(mark):
        if names and GENERATION.fullmatch(part.strip()):
            names[-1] = f"{names[-1]} {part.strip()}"
        elif (name := clean_name(part)) and name.lower() not in {"and", "others"}:
            names.append(name)
    return _join_initials(names)


def _join_initials(names: list[str]) -> list[str]:
    """Join surnames with the initials after them, where a list holds such pairs alone."""
    pairs = list(zip(names[::2], names[1::2], strict=False))
    is_paired = len(names) == 2 * len(pairs) > 0 and all(
        _has_initials(surname, initials) for surname, initials in pairs
    )
    return [f"{surname}, {initials}" for surname, initials in pairs] if is_paired else names


def count_unnamed_authors(written: pl.Expr) -> pl.Expr:
    """Count in each text the authors that it does not name; null where it names all.

    >>> texts = pl.Series(["P. Ade and 200 additional authors not shown", "P. Ade", None])
    >>> pl.select(count_unnamed_authors(pl.lit(texts))).to_series().to_list()
    [200, None, None]
    """
    # Only the few texts that hold such a note go through Python.
    noted = pl.when(written.str.contains(NOTE)).then(written)
    count = noted.map_elements(count_unnamed, return_dtype=pl.Int64)
    return pl.when(count > 0).then(count)


def _has_initials(surname: str, initials: str) -> bool:
    is_bare = BARE_INITIALS.fullmatch(initials) and surname.istitle()
    return bool(is_bare or (INITIALS.fullmatch(initials) and not INITIALS.match(surname)))


def count_unnamed(written: str | None) -> int:
    """Return how many authors a text says that it does not name.

    >>> count_unnamed("P. Ade and 200 additional authors not shown"), count_unnamed("P. Ade")
    (200, 0)
    """
    note = UNNAMED.search(SPACES.sub(" ", written or "").strip(" ()"))
    return int(next(filter(None, note.groups())).replace(",", "")) if note else 0


def clean_name(written: str) -> str:
    """Take marks off one name; empty where no letter is left.

    >>> [clean_name(name) for name in ("Wang*", "1 Wei Wang", "Cherifi1", ":", "*$", "HL-2A team")]
    ['Wang', 'Wei Wang', 'Cherifi', '', '', 'HL-2A team']
    """
    name = DIGITS.sub("", EDGES.sub("", written.strip()).strip()).strip()
    name = TITLES.sub("", EDGES.sub("", name).strip())
    return name if LETTER.search(name) else ""


def _strip_notes(written: str) -> str:
    text = SPACES.sub(" ", NOTES.sub("", written.translate(WIDE))).strip()
    # Affiliations hold parentheses of their own, rarely two deep.
    for _ in range(3):
        text = AFFILIATION.sub("", text)
    return UNCLOSED.sub("", text)


def _separate_groups(text: str, mark: str) -> str:
    """End a group's name with the separator where a colon ends it."""
    return re.sub(r"\s*(?<!\\):\s*", f"{mark} ", text)


def join_split_names(names: list[str]) -> list[str]:
    """Join a name that its source has split in two: the only single words, one after the other.

    >>> join_split_names(["Aaron Defazio", "Xingyu", "Yang", "Harsh Mehta", "Ahmed Khaled"])
    ['Aaron Defazio', 'Xingyu Yang', 'Harsh Mehta', 'Ahmed Khaled']
    >>> join_split_names(["Suharto", "Sukarno"]), join_split_names(["A. Berg", "Plato", "B. Dahl"])
    (['Suharto', 'Sukarno'], ['A. Berg', 'Plato', 'B. Dahl'])
    """
    single = [place for place, name in enumerate(names) if " " not in name.strip()]
    is_pair = len(single) == SPLIT_PARTS and single[1] == single[0] + 1
    # Where others have one word, too, such names are usual there.
    if not is_pair or len(names) < SPLIT_PARTS + 2:
        return names
    first = single[0]
    # `DeepSeek-AI` and `NVIDIA` are groups, each whole.
    if not all(name.isalpha() and name.istitle() for name in names[first : first + SPLIT_PARTS]):
        return names
    return [*names[:first], f"{names[first]} {names[first + 1]}", *names[first + 2 :]]


def clean_names(names: pl.Expr) -> pl.Expr:
    """Take marks off the names of a list, in each row; names without a letter go.

    >>> written = pl.Series([["Lovelace, Ada", ":", "Wang*, Hai", "Cherifi1, C.", "; "]])
    >>> pl.select(clean_names(pl.lit(written))).to_series().to_list()
    [['Lovelace, Ada', 'Wang, Hai', 'Cherifi, C.']]
    """
    name = pl.element()
    cleaned = (
        name.str.replace_all(rf"[{re.escape(MARKS)}]", "")
        .str.replace_all(r"(\p{Ll})\d+(,|$)", "$1$2")
        .str.replace_all(r"(^|, )(?:\d+|and) (\p{L})", "$1$2")
        .str.replace_all(r" and$", "")
        .str.strip_chars(" ;:")
    )
    # In two steps: within one, polars would clean each name a second time for the filter.
    return names.list.eval(cleaned).list.eval(name.filter(name.str.contains(r"\p{L}")))
