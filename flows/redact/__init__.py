"""What is left out of a text before it is shown, kept or logged: secrets, and what cannot be seen.

Nobody can list the names of all secrets. So of an address only values are shown whose names say
that they are none, such as ``page``; others are left out, under whatever name, spelling or script.
In other text there are no such names: there, values are left out where a name says that they are
secret. Characters that a terminal or a reader would act on (escape sequences, bidirectional
controls, line separators) never act.
"""

import re
from urllib.parse import unquote_plus, urlsplit

from flows.redact.named_secrets import GIVEN, QUOTED, SENTENCE, is_secret_value
from flows.redact.secret_names import (
    ANY_NAME,
    ANY_VALUE,
    ASSIGNED,
    COOKIES,
    FOREIGN,
    NAME_ENDS,
    is_look_alike,
)
from flows.redact.unnamed_secrets import CREDENTIALS, FOLLOWING, PATTERNS, PLAIN

LEFT_OUT = "..."
"""What is shown in the place of a value."""

SHOWN = frozenset(
    (
        *("page", "p", "pages", "pageno", "page_size", "pagesize", "per_page", "per-page", "limit"),
        *("max", "max_results", "rows", "size", "count", "start", "offset", "skip", "cursor"),
        *("page_token", "next_token", "resumption_token", "continuation_token", "pagetoken"),
        *("nexttoken", "resumptiontoken", "continuationtoken", "from", "until", "since", "to"),
        *("date", "day", "month", "year", "week", "time", "format", "lang", "sort", "sortby"),
        *("sort_by", "sortorder", "order", "verb", "metadataprefix", "set", "id", "ids", "id_list"),
        *("identifier", "filter", "fields", "select", "q", "query", "query.bibliographic"),
        *("search", "search_query", "title", "venue", "content.venueid", "invitation", "category"),
        *("v", "version", "revision", "rev", "ref", "branch", "tag", "file", "filename", "name"),
    )
)
"""Names of parameters whose values are no secrets: what is asked for, where a listing goes on."""

_HARMLESS = frozenset({"0", "1", "true", "false", "yes", "no", "on", "off"})
"""Values that give nothing away under any name."""

_AFTER = ")]},;:"
"""What may follow a value in a sentence: to show it gives nothing away."""

_PART = re.compile(r"([&;])")

_PATH_PARAMETER = re.compile(r"(?P<start>[/;])(?P<part>[^/;]*)")

_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,31}(?:\[\w{0,16}\])*")
"""Names that are shown: what is longer or of other characters may be a secret by itself."""

_TOKEN = re.compile(r"(?:hf_|gh[pousr]_|github_pat_|glpat-|sk-|xox[abp]-|AKIA|eyJ)[\w.-]{12,}")
"""Values that are secrets under whatever name: tokens of well-known services say what they are."""

_USER = re.compile(r"(?<![^/@\s])[^/@\s:]*+:[^/@\s]*+@")
"""A user and a password before an address that somebody wrote without its scheme. It begins where a
word does, or each of a million letters without a colon would be looked at as a beginning."""

_LINES = re.compile(r"\S+(?:[\r\n\t ]+(?=\S{0,64}[=%&])\S+)*")
"""A word, with the next one where a line break may have come into an address: those who ask a site
leave it out, and so its parameter would have a name that is none in two words."""

_NAME_LENGTH = 64
"""Characters before and after a gap in which a name is looked for that the gap may part."""

_SPLIT_NAME = re.compile(r"[\w.\[\]%-]{0,64}(?:=|%3d)", re.IGNORECASE)
"""The rest of a name in a path, behind a gap."""

_GAP = re.compile(r"([\r\n\t ]+)")

_SCHEME = re.compile(r".{0,40}?\b[a-z][a-z0-9+.-]{0,30}:/", re.IGNORECASE | re.DOTALL)
"""Where an address begins, be it one that was taken for a path and has lost a slash."""

_CLOSING = ")]}>\"'.,:"
"""What ends a sentence or a quotation about an address."""

NO_URL = "no URL"
"""What is shown of an address that cannot be taken apart, so that its secrets cannot be found."""


def redact_url(url: str) -> str:
    """Return a URL without a user, a fragment, and the values of all parameters but `SHOWN` ones.

    >>> redact_url("https://me:pw@a.org/x;jsessionid=5?page=2&pin=1234&abcdef#part")
    'https://a.org/x;jsessionid=...?page=2&pin=...&...'
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # raises for a password with a slash, which ends the host too soon
    except ValueError:
        return NO_URL
    # Some sites part parameters by semicolons.
    query = "".join(
        part if part in {"&", ";"} else _redact_parameter(part) for part in _PART.split(parts.query)
    )
    path = _PATH_PARAMETER.sub(_redact_path_parameter, parts.path)
    netloc = parts.netloc.rpartition("@")[2]
    shown = parts._replace(netloc=netloc, path=path, query=query, fragment="").geturl()
    return shown if netloc else _USER.sub("", shown, count=1)


def _redact_parameter(part: str) -> str:
    name, equals, value = part.partition("=")
    # Without a value, the name may be the secret; padding of Base64 is no value.
    if not value.strip("="):
        return LEFT_OUT if part and not _is_shown(name, "") else part
    if _is_shown(name, value):
        return part
    is_plain = _PLAIN_NAME.fullmatch(name) and not _TOKEN.search(name)
    return f"{name if is_plain else LEFT_OUT}{equals}{LEFT_OUT}"


def _is_shown(name: str, value: str) -> bool:
    # What is encoded twice is decoded by those who pass it on.
    plain = unquote_plus(unquote_plus(value))
    if plain.lower() in _HARMLESS:
        return bool(_PLAIN_NAME.fullmatch(name))
    is_secret = _TOKEN.search(plain) or _USER.search(plain) or "://" in plain
    # A value that is a query itself, as the place of a listing may be.
    inner = [part.partition("=")[::2] for part in re.split("[?&;#]", plain) if "=" in part]
    are_shown = all(key.lower() in SHOWN and not _TOKEN.search(text) for key, text in inner)
    return name.lower() in SHOWN and not is_secret and are_shown


def _redact_path_parameter(match: re.Match[str]) -> str:
    start, part = match.groups()
    if part and (start == ";" or "=" in part or "%3d" in part.lower()):
        return f"{start}{_redact_parameter(part)}"
    is_token = _TOKEN.search(part) and re.search(r"\d", part)
    return f"{start}{LEFT_OUT}" if is_token else match[0]


def redact_text(text: str) -> str:
    """Return a text as it may be shown: without the secrets of addresses and those that it names.

    >>> redact_text("token=abc was refused (https://a.org/x?page=2&access=abc), exit code 1")
    'token=... was refused (https://a.org/x?page=2&access=...), exit code 1'
    """
    text = QUOTED.sub(_redact_declared, CREDENTIALS.sub(_redact_assigned, text))
    words = _LINES.sub(lambda lines: _redact_lines(lines[0]), text)
    declared = GIVEN.sub(_redact_declared, COOKIES.sub(_redact_cookies, words))
    declared = FOLLOWING.sub(_redact_declared, declared)
    for pattern in PATTERNS:
        declared = pattern.sub(_redact_assigned, declared)
    declared = PLAIN.sub(_redact_plain, declared)
    return _TOKEN.sub(_redact_token, declared)


def _redact_lines(lines: str) -> str:
    first, *more = _GAP.split(lines)
    words, has_parameters = [[first]], _has_parameters(first)
    for gap, word in zip(more[::2], more[1::2], strict=True):
        # A blank parts words, unless a name without a value stands before it.
        is_open = gap.strip(" ") or re.search(r"[?;&#][^?;&#=]*$", words[-1][-1])
        if (has_parameters and is_open) or _is_name_split(words[-1][-1], word):
            words[-1].append(word)
        else:
            words += [[gap], [word]]
            has_parameters = _has_parameters(word)
    return "".join(_redact_word("".join(parts)) for parts in words)


def _is_name_split(above: str, word: str) -> bool:
    """Return whether a gap parts the name of a secret in a path: no other two words are joined.

    >>> _is_name_split("https://a.org/to", "ken=5"), _is_name_split("https://a.org/x", "status=5")
    (True, False)
    """
    rest = _SPLIT_NAME.match(word)
    if rest is None or not _is_address(above):
        return False
    start = re.split("[/;]", above[-_NAME_LENGTH:])[-1]
    names = ANY_NAME.finditer(start + rest[0])
    return any(name.start() < len(start) < name.end() for name in names)


def _has_parameters(word: str) -> bool:
    return _is_address(word) and bool(re.search("[?;&#]", word))


def _is_address(word: str) -> bool:
    # Without its scheme it is known by its query.
    place, _, query = word.partition("?")
    return bool(_SCHEME.match(word) or (query and re.search("[./]", place)))


def _redact_word(word: str) -> str:
    if not _is_address(word):
        return _redact_foreign(ASSIGNED.sub(_redact_assigned, _USER.sub("", word, count=1)))
    address = word.rstrip(_CLOSING)
    # These dots stand for what was left out before.
    if word[len(address) :].startswith(LEFT_OUT):
        address += LEFT_OUT
    start = re.search(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:/", address)
    # What is before an address, such as a quote, is no part of its scheme.
    lead = address[: start.start()] if start else ""
    address = address[len(lead) :]
    # A path has one slash where the address had two.
    whole = re.sub(r"^([\w+.-]{1,31}:/)(?!/)", r"\1/", address)
    shown = redact_url(whole)
    if whole != address:
        shown = shown.replace("://", ":/", 1)
    return lead + shown + word[len(lead) + len(address) :]


def _redact_assigned(match: re.Match[str]) -> str:
    return f"{match['name']}{LEFT_OUT}{_find_tail(match['value'])}"


def _redact_plain(match: re.Match[str]) -> str:
    word = match["value"].strip(_CLOSING).lower()
    return match[0] if word in SENTENCE or not word else _redact_assigned(match)


def _find_tail(value: str) -> str:
    """Return what follows a value in its sentence."""
    return value[len(value.rstrip(_AFTER)) :]


def _redact_foreign(word: str) -> str:
    """Leave out what a word gives to names in other scripts that look like those of secrets.

    >>> _redact_foreign("t\u043eken=5"), _redact_foreign("(\u03b1=0.05)")
    ('t\u043eken=...', '(\u03b1=0.05)')
    """
    if word.isascii():
        return word
    shown, start, last_end = [], 0, 0
    for match in FOREIGN.finditer(word):
        # From the last name on: each character is looked at once.
        name = word[max(last_end, match.end("rest") - _NAME_LENGTH) : match.end("rest")]
        last_end = match.end()
        if match.start() < start or not is_look_alike(NAME_ENDS.split(name)[-1]):
            continue
        # Only now: a value may reach to the end of a long word.
        if value := ANY_VALUE.match(word, match.end()):
            shown += [word[start : match.end()], LEFT_OUT, _find_tail(value[0])]
            start = value.end()
    return "".join([*shown, word[start:]])


def _redact_cookies(match: re.Match[str]) -> str:
    if name := match["field"]:
        return f"{name}{LEFT_OUT}"
    name = match["line"] or match["header"] or match["pairs"]
    return f"{name.rstrip()} {LEFT_OUT}"


def _redact_declared(match: re.Match[str]) -> str:
    name, value = match["name"], match["value"]
    has_scheme = match.re is not QUOTED and bool(match["scheme"])
    if not is_secret_value(name, value, has_scheme=has_scheme):
        return match[0]
    return f"{name}{LEFT_OUT}{'' if match.re is QUOTED else _find_tail(value)}"


def _redact_token(match: re.Match[str]) -> str:
    # Without a digit it is a name, as of a package.
    return LEFT_OUT if re.search(r"\d", match[0]) else match[0]


def blank_unprintable(text: str, *, blank: str = " ", keep: str = "") -> str:
    r"""Replace each character that cannot be seen, or that a terminal acts on, but those to keep.

    >>> blank_unprintable("red\x1b[31m and \u202eback")
    'red [31m and  back'
    >>> blank_unprintable("two\nlines", keep="\n")
    'two\nlines'
    """
    return "".join(c if c.isprintable() or c in keep else blank for c in text)


def escape_unprintable(text: str, *, keep: str = "") -> str:
    r"""Write each character that cannot be seen as its escape, so that a reader learns of it.

    >>> escape_unprintable("a\x1bb \u202ec")
    'a\\x1bb \\u202ec'
    """
    return "".join(c if c.isprintable() or c in keep else _escape_character(c) for c in text)


def _escape_character(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004  # of one byte
