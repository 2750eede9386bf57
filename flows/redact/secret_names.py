"""Secret names: what a text calls its secrets, in our letters or in some that look like them."""

import re
import unicodedata

NAMED = (
    r"token|secret|signature|passw|pass_?phrase|passcode|credential|jwt|authori[sz]ation|bearer"
    r"|cookie|remember_?me|sess(?:ion)?_?id|access_?code|auth(?![a-z])"
    r"|(?:access|account|api|auth|client|licen[cs]e|private|shared|subscription|user)[_-]?key"
    r"|(?<![a-z])(?:pass|pwd|pw|hmac|otp|csrf|xsrf)s?(?![a-z])"
)
"""What names of secrets contain, as in ``token[0]``."""

SHORT = r"(?<![a-z])(?:key|sig|sid|session|ticket|pin)(?![a-z])"
"""Names of secrets that are words of other meanings as well, where no equals sign follows."""

VALUE = (
    r"""(?P<value>(?!\.\.\.)(?:\w{1,7}(?=/[\w./=-]{0,200}\.(?:parquet|arrow|jsonl?|csv|xml|txt|gz|zip)\b)"""
    r"""|[^\s"']+))"""
)
"""A value: up to a blank or a quote, since secrets have any other character, such as the slashes of
Base64. A short one before the rest of a file's path is a folder, such as ``key=5``."""

ASSIGNED = re.compile(
    rf"""(?P<name>(?:{NAMED}|{SHORT})[\w.\[\]-]{{0,40}}+["']?(?:=|%3d)["']?){VALUE}""",
    re.IGNORECASE,
)
"""A value that a text gives to a name of a secret."""

FOREIGN = re.compile(
    r"""(?P<rest>[^\x00-\x7f][\w.\[\]-]{0,40}+)["']?(?:=|%3d)["']?""", re.IGNORECASE
)
"""The end of a name that is given a value, from a character on that is none of ASCII."""

ANY_VALUE = re.compile(VALUE)

NAME_ENDS = re.compile(r"""[\s,;:()/&?"'{}<>|=]""")
"""What is in no name."""

_LOOK_ALIKE = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0455\u0456\u0458\u0501\u04bb\u051d"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0405\u0406\u0408"
    "\u03b1\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03f2"
    "\u0391\u0392\u0395\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    "\u0131\u0251\u0261",
    "abekmhopctyxsijdhwabekmhopctyxsijaeikvoptuxcabehikmnoptyxiag",
)
"""Letters of the Cyrillic, Greek and extended Latin scripts that look like ours."""

ANY_NAME = re.compile(rf"passw(?:or?)?d|(?:{NAMED}|{SHORT})(?:s(?![a-z]))?", re.IGNORECASE)
"""A whole name: the first letters of one and the next word of a sentence are none."""

COOKIES = re.compile(
    r"""(?P<line>^[ \t<>*]{0,8}(?:set-)?cookie2?[ ]?:)[^\r\n]+"""
    r"""|(?P<header>(?P<quote>["'])(?:set-)?cookie2?[ ]?:)(?:\\.|(?!(?P=quote))[^\r\n\\])*"""
    r"""|(?P<field>["'](?:set-)?cookie2?["'][ ]?:[ ]?b?(?P<mark>["']))"""
    r"""(?:\\.|(?!(?P=mark))[^\r\n\\])*"""
    r"""|(?P<pairs>cookie2?\\?["']?[ ]?:[ ]?\\?["']?)"""
    r"""[^\s=;"']{1,128}+=[^\s;]*+(?:;[ ]?[^\s=;"']{1,128}+(?:=[^\s;]*+)?)*+""",
    re.IGNORECASE | re.MULTILINE,
)
"""All cookies of a header, whose names are anything: a header has a line of its own, is quoted, or
gives values to names. In a sentence the word is no header."""


def is_look_alike(name: str) -> bool:
    """Return whether people would read a name as that of a secret."""
    plain = unicodedata.normalize("NFKD", name).translate(_LOOK_ALIKE)
    # Accents and what cannot be seen go; and so does a letter that is like none of ours.
    return bool(ANY_NAME.search(plain.encode("ascii", "ignore").decode()))
