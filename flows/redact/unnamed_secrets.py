"""Unnamed secrets: those that a sentence, a command or a list of pairs holds without ``name=``."""

import re

SIGNS = r"""[ \t:=,;.'"`(\[{<\\]"""
"""What may be between a name and what it names."""

COOKIE_PAIRS = re.compile(
    rf"""(?P<name>(?:set-)?cookies?2?(?:jar)?(?:{SIGNS}|\r?\n[ \t]){{1,12}}b?["']?)"""
    r"""(?P<value>[^\s=;,"'<>(){}\[\]]{1,128}[ ]?=[ ]?[^\s;,"'>)]{1,4096}"""
    r"""(?:[;,][ ]?[^\s=;,"'<>(){}\[\]]{1,128}[ ]?=[ ]?[^\s;,"'>)]{1,4096})*+)""",
    re.IGNORECASE,
)
"""Pairs of names and values behind the word, be they a header's, a tuple's or a sentence's."""

COOKIE_BRACES = re.compile(
    r"""(?P<name>cookies?["']?[ ]?[:=][ ]?\{)(?P<value>[^{}\n]{1,4096})(?=\})""", re.IGNORECASE
)
"""The same as a mapping is written."""

CREDENTIALS = re.compile(
    r"""(?P<name>authori[sz]ation["']?[ ]?:[ ]?["']?(?:digest|aws4-hmac-sha256|oauth|hawk)[ ])"""
    r"""(?P<value>[^\r\n]+)""",
    re.IGNORECASE,
)
"""Schemes whose credentials are pairs: all of the line is theirs."""

OPTIONS = re.compile(
    r"""(?P<name>--(?:cookie|user|proxy-user)[ =]["']?|[ ]-[bu][ ]["']?)"""
    r"""(?P<value>[^\s"'=:]{0,128}[=:][^\s"']+)""",
    re.IGNORECASE,
)
"""Users and cookies that a command is given, such as ``curl``."""

_WORDS = (
    r"passwords?|passwd|pass ?phrase|tokens?|secrets?|credentials?|jwt|sid|cookies?"
    r"|(?:api|access|secret|private|auth)[ _-]?keys?|session(?:[ _]?id)?"
    r"|[A-Z0-9_]{1,40}_(?:TOKEN|KEY|SECRET|PASSWORD)"
)

SPOKEN = re.compile(
    rf"""(?P<name>\b(?:{_WORDS}){SIGNS}{{1,4}}"""
    rf"""(?:(?:is|was|be|provided|given|sent|used|value){SIGNS}{{1,4}}){{0,2}})"""
    r"""(?P<value>(?!\.\.\.|\d{4}-\d\d|[\w.-]{0,200}\.(?:parquet|jsonl?|csv|xml|txt|gz|zip)\b)"""
    r"""(?=[\w+~.=-]{0,200}\d)(?=[\w+~.=-]{0,200}[A-Za-z])[\w+~.=-]{12,512}+)(?![:/@])""",
    re.IGNORECASE,
)
"""A word with letters and digits that a sentence calls a secret: no word of a language is one."""

PLAIN = re.compile(
    r"""(?P<name>\b(?:pass[ _-]?(?:words?|wd|phrase|code)|pwd"""
    r"""|(?:api|access|secret|private)[ _-]?keys?)"""
    rf"""[ ](?:is|was|are|were)(?:[ ](?:now|still|set[ ]to|called))?{SIGNS}{{1,4}})"""
    r"""(?P<value>(?!\.\.\.)[^\s"']+)""",
    re.IGNORECASE,
)
"""What a sentence says a password is: any word but those with which a sentence goes on. Tokens have
other senses, in titles for one, and are not among these."""

FOLLOWING = re.compile(
    r"""(?P<name>\b(?:bearer|basic)[ ]|--[\w-]{0,20}(?:token|key|password|secret)[ ])"""
    r"""(?P<scheme>)(?P<value>(?=\S*\d)[^\s"']+)""",
    re.IGNORECASE,
)
"""A value after the name of a scheme, or of an option of a command."""

PATTERNS = (COOKIE_BRACES, COOKIE_PAIRS, OPTIONS, SPOKEN)
"""What is looked for when addresses have lost their secrets; `CREDENTIALS` come before that."""
