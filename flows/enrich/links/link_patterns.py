"""The patterns of links in texts: schemes, hosts, paths, identifiers, and what ends them."""

from typing import Final

from flows import identifiers, urls

_TLD = (
    r"(?:com|org|net|edu|gov|io|ai|co|dev|app|me|info|eu|de|fr|uk|cn|jp|ch|it|nl|se|es|at|be|au|ca|"
    r"us|in|kr|ru|br|pl|fi|no|dk|il|sg|tw|hk|ie|gr|pt|cz|hu|ro|tr|ua|rs|si|sk|lt|ee|lu|mx|ar|cl|nz|"
    r"za|ir|vn|th|cc|tv|fm|ac|li|page|site|online|tech|science|xyz|cloud|space|gl|ly|gg|group|live|"
    r"world|studio|wiki|blog|tools|network|systems|institute)"
)
"""Endings that a host without scheme must have: with any ending, ``e.g/`` would be a host."""

FORGE = (
    r"(?i:github\s?\.\s?com|gitlab\s?\.\s?com|bitbucket\s?\.\s?org|huggingface\s?\.\s?co"
    r"|anonymous\s?\.\s?4open\s?\.\s?science)"
)

_LATEX = (
    r"\\~\{\}|\\[_%#&~/$-]|\{\\?_\}|\\string[~_]|\\textasciitilde(?:\{\}|\s[0-9A-Za-z])?|\$\\sim\$|\$\\?_\$"
    r"|\{?\\textunderscore(?:\{\}|\s[0-9A-Za-z])?\}?"
)
"""How LaTeX writes the characters that it reserves."""

_TILDE = r"[~\x{223C}\x{02DC}\x{FF5E}]"
"""Tildes, and what texts from PDFs have in their place."""

_LETTER = r"\x{00C0}-\x{00D6}\x{00D8}-\x{00F6}\x{00F8}-\x{024F}"
"""Latin letters beyond ASCII, which stand in hosts and paths. Letters of other scripts do too, but
as often they are the sentence that goes on behind the URL without a blank."""

_CHARACTER = (
    rf"(?:[0-9A-Za-z\-_./?=&%#:+@{_LETTER}]|{_TILDE}|{urls.INVISIBLE}|{_LATEX}"
    r"|,+[0-9+.]|,[A-Za-z]+[0-9][0-9A-Za-z]*|;[a-z]+[0-9]*=|;[0-9]|!+[0-9A-Za-z/]"
    r"|\((?:[0-9A-Za-z_.:%~=-]|,[.0-9])*\))"
)
"""What a URL is made of in an abstract. Commas and semicolons close far more URLs than they are
part of, so that they need behind them what no sentence has there; brackets only in pairs."""

_HYPHENATED = r"(?:[-_]\s{1,3}[0-9A-Za-z]|10\.\s{1,3}\d{4,9}/)"
"""A line broken behind a hyphen that is part of the URL, or behind the ``10.`` of a DOI."""

_CONTINUED = (
    rf"(?:/\s+(?:{_TILDE}\s?[a-z]|[0-9A-Za-z-]*\\?_[0-9A-Za-z]|[A-Z][0-9A-Za-z-]*/"
    r"|[0-9A-Za-z-]+\.(?:html?|php|git|pdf|zip|tgz|tar)\b|10\.\d{4,9}/"
    r"|[A-Za-z]+[0-9]{2,}[0-9A-Za-z]*\b)"
    rf"|{_TILDE}\s[a-z]+/)"
)
"""A blank behind a slash is inside the URL only where what follows is no word of the sentence:
``fips.fi/ EIT_dataset.php`` is, ``vicp.fun/ and a demonstration`` is not."""

_PATH = rf"(?:{_HYPHENATED}|{_CONTINUED}|/r/\s+[0-9A-Za-z]|{_CHARACTER})*"

_REST = rf"(?:(?:{_CONTINUED}|[/?]|\\?#){_PATH})?"

_LABEL = rf"(?:[0-9A-Za-z_{_LETTER}]|-\s{{0,3}})"
_NAME = rf"(?:(?i:www)\.\s{{1,3}})?[0-9A-Za-z{_LETTER}]{_LABEL}*"
_DOTTED = rf"(?:\$?\.\$?{_LABEL}+)"
"""Parts of a host: a blank may follow ``www.`` and a hyphen."""

_ENDING = r"(?:com|org|net|edu|gov|(?:ac|co|edu)\.[a-z]{2})\b"
"""Endings that are no word of a sentence: a blank may stand before them even without a path."""

_SPACED = (
    rf"(?i:www)\s\.\s[0-9A-Za-z-]+(?:\s\.\s[0-9A-Za-z-]+)*\s\.\s{_ENDING}"
    r"(?:\s/\s[0-9A-Za-z~_-]+)*"
)
"""``www . statmt . org / wmt11``: a host with blanks around each dot, and a path around each slash,
as texts are that were cut into tokens."""

_HOST = (
    rf"(?:{_SPACED}|{_NAME}{_DOTTED}*\.\s{{1,3}}{_TLD}/{_PATH}"
    rf"|{_NAME}{_DOTTED}*\.\s{{1,3}}{_ENDING}{_REST}"
    rf"|{_NAME}{_DOTTED}+(?::\d{{2,5}}\b)?{_REST})"
)
"""A host and its path. A blank before the ending is inside only where a path follows."""

GLUED_LEFT = r"(?:at|on|in|from)"
"""A word that was written without a blank before ``github.com``."""

_FORGE_PATH = r"\s?/\s*[0-9A-Za-z_.-]+(?:/|/\s|\s/)[0-9A-Za-z_.-]"
"""``github.com/ owner/name``: blanks are inside only where both parts of a repository follow."""

_SCHEME = r"(?:(?i:git\+)?(?i:h{1,2}t{1,3}ps?|s?ftp|ssh|git)\s?(?::\s*/\s*/|:\\?/\\?/|:/|//)\s?)+"
"""``http://``, ``https: // ``, ``http:// http://``, ``https:/``, ``https//``."""

_WITH_SCHEME = (
    rf"(?:{_SCHEME}(?:[0-9A-Za-z_.-]+@)?(?:(?:www\.)?{FORGE}{_FORGE_PATH}"
    rf"(?:{_HYPHENATED}|{_CHARACTER})*|{_HOST})"
    rf"|(?i:https?):\s?(?:www\.)?{FORGE}/(?:{_CHARACTER})*)"
)

KNOWN = (
    r"(?i:(?:www\.)?(?:github|gitlab|kaggle|youtube|figshare|tinyurl)\.com|bitbucket\.org"
    r"|huggingface\.co|hf\.co|arxiv\.org|(?:dx\.)?doi\.org|zenodo\.org|youtu\.be|osf\.io"
    r"|openreview\.net|bit\.ly|goo\.gl|git\.io|aka\.ms)/"
)

CUE = (
    r"(?:(?i:(?:available|found|accessible|accessed|hosted|visit|see|released|on-?\s?line|downloaded"
    r"|downloadable|website|homepage|page|site|code|demo|shared|published|viewed|located|service"
    r"|portal|wiki|leaderboard|maintained)"
    r"(?:\s+(?:is|are))?(?:\s+(?:for|to)\s+download(?:ing)?)?"
    r"(?:\s+(?:at|from|on|under|via|through|here|in)|:)(?:\s+the)?:?\s+"
    r"(?:\\(?:url|texttt|href)\{)?|(?:website|home\s?page|web\s?(?:page|server|portal|app)|demo)\s\()"
    r"|\\(?:url|href)\{)"
)
"""A bare host is a link where the sentence announces one; ``users of meetup.com`` is not."""

_BARE_FORGE = rf"{GLUED_LEFT}?{FORGE}{_FORGE_PATH}(?:{_HYPHENATED}|{_CHARACTER})*"

_NO_SCHEME = (
    rf"(?:{_SPACED}"
    rf"|(?i:www)\.[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)*\.\s{{1,3}}{_ENDING}{_REST}"
    r"|(?i:www)\.[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)+"
    rf"(?::\d{{2,5}}\b)?{_REST}"
    rf"|{_BARE_FORGE}"
    rf"|{KNOWN}(?:{_HYPHENATED}|{_CHARACTER})+"
    rf"|(?:[0-9A-Za-z-]*-\n\s*)?[0-9A-Za-z-]+\.(?i:github|gitlab)\.io\b{_REST}"
    rf"|[0-9a-z][0-9a-z-]*(?:\.[0-9a-z-]+)*\.{_TLD}/(?:[0-9A-Za-z~_#?]{_CHARACTER}*)"
    r"|git@[0-9A-Za-z.-]+:[0-9A-Za-z_./-]+)"
)

_BARE_HOST = rf"[0-9A-Za-z][0-9A-Za-z-]*(?:\.[0-9a-z][0-9a-z-]*)*\.{_TLD}\b"

ARXIV = r"(?i:arxiv(?:\.org)?\s?[:\s.]\s?(?:abs/)?)"

PAPER = (
    rf"(?:{ARXIV}(?:{identifiers.NEW_ARXIV}|{identifiers.OLD_ARXIV})(?:v[1-9]\d?\b)?"
    rf"|{identifiers.OLD_ARXIV}(?:v[1-9]\d?)?\b)"
)
"""Old ids need no word before them: nothing else looks like ``hep-th/9901001``."""

_DOI = rf"(?:(?i:doi)\s?:?\s?)?10\.\d{{4,9}}/{_CHARACTER}+"

BOUNDARY = r"[\s(\[{<\"'~,;:=`|}>]"
_BEFORE = rf"(?:^|{BOUNDARY})"

LINK: Final = (
    rf"(?:{_WITH_SCHEME}|{_BEFORE}(?:{_NO_SCHEME}|{PAPER}|{_DOI})|"
    rf"{CUE}(?:{_BARE_FORGE}|{_BARE_HOST}{_REST}))"
)
"""A link, with the character or the words in front of it where those make it one."""

CANDIDATE = (
    r"(?i)https?\s?:|http//|ftp:/|git@|git:|ssh:|www\s?\.|arxiv|10\.\d{4,9}/|/\d{7}"
    rf"|\.\s?(?:com|org|net|edu|gov|io|ai|co|ms)/|\.{_TLD}\b"
)
"""What a text must hold to be worth the long pattern: one abstract in six does."""

GLUED_RIGHT = (
    r"\.(?:We|The|Our|This|These|It|In|An?|To|For|Code|Data|Project|Keywords?|Index|Demo|Also|All"
    r"|Additionally|Furthermore|However|Moreover|See|Here|Video|Supplementary|Please|Finally)"
    r"(?:[^0-9A-Za-z./_-].*)?$"
)
"""The next sentence, written without a blank behind the full stop."""

TAIL = rf"(?:[.,;:?!*#&~@+(]|{urls.INVISIBLE}|--+|\\|\$)+$"
"""What closes a sentence, not a URL. A single hyphen may end the name of a repository."""

STRAYED = (
    r"(/)\s+(?:soon|upon|after|once|and|or|in|for|with|as|is|are|was|were|to|by|on|under|along|which"
    r"|where|that|together|including|later|shortly|the|a|an|we|our|this|it|it's)$"
)
"""A word of the sentence behind ``github.com/owner/ ``, where a repository may stand."""
