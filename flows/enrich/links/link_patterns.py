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
    r"(?i:git(?:\s|-\s{1,2})?hub\s?\.\s?com|gitlab\s?\.\s?com|bitbucket\s?\.\s?org|huggingface\s?\.\s?co"
    r"|anonymous\s?\.\s?4open\s?\.\s?science)"
)

_LATEX = (
    r"\\~\{\}|\\[_%#&~/$-]|\{\\?_\}|\\string[~_]|\\textasciitilde(?:\{\}|\s[0-9A-Za-z])?|\$\\?_\$"
    r"|\{\\(?:textasciitilde|~\{\})\}|\$\\(?:sim|tilde\{\s?\})\$"
    r"|\{?\\textunderscore(?:\{\}|\s[0-9A-Za-z])?\}?"
)
"""How LaTeX writes the characters that it reserves."""

_TILDE = r"[~\x{223C}\x{02DC}\x{FF5E}]"
"""Tildes, and what texts from PDFs have in their place."""

_LETTER = r"\x{00C0}-\x{00D6}\x{00D8}-\x{00F6}\x{00F8}-\x{024F}\x{1E00}-\x{1EFF}"
"""Latin letters beyond ASCII, which hosts and paths may have."""

_SPACED_SCRIPTS = (
    r"\x{0370}-\x{052F}\x{05D0}-\x{05EA}\x{0620}-\x{064A}\x{066E}-\x{06D3}\x{0900}-\x{0DFF}"
)
"""Letters of scripts that put blanks between words (Greek, Cyrillic, Hebrew, Arabic, Indian ones):
behind a path without a blank they are part of it."""

_UNSPACED_SCRIPTS = r"\x{0E00}-\x{0E7F}\x{3041}-\x{30FF}\x{3400}-\x{9FFF}\x{AC00}-\x{D7A3}"
"""Letters of Thai, Japanese, Chinese and Korean: beside a URL they are the sentence, which goes on
without a blank. Only in a host they can be nothing else."""

_FOREIGN_TLD = (
    "(?:рф|рус|сайт|онлайн|орг|москва|укр|бел|срб|мкд|бг|қаз|ею|ευ|ελ|中国|中國|香港|台湾|台灣|澳門"  # noqa: RUF001  # endings as the registries write them
    "|新加坡|公司|网络|網絡|网址|在线|みんな|コム|한국|닷컴|भारत|ไทย|ایران|پاکستان|مصر|امارات|المغرب|قطر|تونس"
    r"|السعودية|عمان)\b"
)
"""Endings of hosts in other scripts."""

_CHARACTER = (
    rf"(?:[0-9A-Za-z\-_./?=&%#:+@{_LETTER}{_SPACED_SCRIPTS}{urls.HYPHENS}]|{_TILDE}|{_LATEX}"
    r"|,+-?[0-9+.]|,[A-Za-z]+[0-9][0-9A-Za-z]*|;[a-z]+[0-9]*=|;[0-9]|!+[0-9A-Za-z/]"
    r"|\((?:[0-9A-Za-z_.:%~=-]|,[.0-9]|\([0-9A-Za-z_.:%~=-]*\))*\)|(?:\x{2013}[A-Z][A-Za-z]+)+_)"
)
"""What a URL is made of in an abstract. Commas and semicolons close far more URLs than they are
part of, so that they need behind them what no sentence has there; brackets only in pairs; dashes
between names ("Karush-Kuhn-Tucker_conditions" as encyclopedias print it)."""

_HYPHENATED = r"(?:[-_]\s{1,3}[0-9A-Za-z]|10\.\s{1,3}\d{4,9}/)"
"""A line broken behind a hyphen that is part of the URL, or behind the ``10.`` of a DOI."""

_CONTINUED = (
    rf"(?:/\s+(?:{_TILDE}\s?[a-z]|[0-9A-Za-z-]*\\?_[0-9A-Za-z]|[A-Z][0-9A-Za-z-]*/"
    r"|[0-9A-Za-z-]+\.(?:html?|php|git|pdf|zip|tgz|tar)\b|10\.\d{4,9}/"
    r"|[A-Za-z]+[0-9]{2,}[0-9A-Za-z]*\b|[0-9]{7,8}\b)"
    rf"|{_TILDE}\s[a-z]+/)"
)
"""A blank behind a slash is inside the URL only where what follows is no word of the sentence:
``fips.fi/ EIT_dataset.php`` is, ``vicp.fun/ and a demonstration`` is not."""

_PATH = rf"(?:{_HYPHENATED}|{_CONTINUED}|/r/\s+[0-9A-Za-z]|{_CHARACTER})*"

_REST = rf"(?:(?:{_CONTINUED}|\\?/|\.?/|\?|\\?#){_PATH})?"

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

_ANY_LABEL = rf"[0-9A-Za-z_\-{_LETTER}{_SPACED_SCRIPTS}{_UNSPACED_SCRIPTS}]+"

_CUT_HOST = (
    r"(?:[0-9A-Za-z-]+\.\s{1,3}[0-9a-z][0-9a-z-]*(?:\.[0-9a-z-]+)*"
    rf"\.{_TLD}\b(?::\d{{2,5}}\b)?{_REST})"
)
"""``https://lab. github.io/x``: one word is no host, so that what follows belongs to it."""

_FOREIGN_HOST = (
    rf"(?:{_CUT_HOST}|(?:{_ANY_LABEL}\.)+{_FOREIGN_TLD}(?::\d{{2,5}}\b)?{_REST}"
    rf"|{_HOST}|(?:{_ANY_LABEL}\.)+{_TLD}\b(?::\d{{2,5}}\b)?{_REST})"
)
"""A host behind a scheme. One with foreign letters is tried last, as in "https://lab.org" with a
Japanese sentence behind it the host ends earlier."""

GLUED_LEFT = r"(?:at|on|in|from|see|via|to)"
"""A word that was written without a blank before ``github.com``."""

_FORGE_PATH = (
    r"(?:\s?\\?/{1,2}\s*(?:(?:datasets|spaces)/\s{0,3})?[0-9A-Za-z_.-]+(?:\\?/\s{0,2}|\s/)[0-9A-Za-z_.-]"
    r"|\s/\s[0-9A-Za-z_.-]+\s/\s[0-9A-Za-z_.-])"
)
"""``github.com/ owner/name``: blanks are inside only where both parts of a repository follow."""

_SLASH = r"[/\x{FF0F}]"
_COLON = rf"(?:[:\x{{FF1A}}]\s*{_SLASH}\s*{_SLASH}/?|:\\?/\\?/|[:;.]{{1,2}}//|:/|//)"
_SCHEME = (
    r"(?:(?i:git\+)?(?i:h{1,2}t{1,3}p(?:\s?s)?|htt\sps|ht\stps|t{1,2}ps|hxxps?|s?ftp|ssh|git)"
    rf"\s?{_COLON}\s?)+"
)
"""``http://``, ``https: // ``, ``http:// http://``, ``https:/``, ``https//``."""

_WITH_SCHEME = (
    rf"(?:{_SCHEME}(?:[0-9A-Za-z_.-]+@)?(?:(?:www\.)?{FORGE}{_FORGE_PATH}"
    rf"(?:{_HYPHENATED}|{_CHARACTER})*|{_FOREIGN_HOST})"
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
    rf"|(?i:www)\.[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)*(?:\.\s{{1,3}}|\s\.){_ENDING}{_REST}"
    rf"|(?i:www)\.\s{{1,3}}[0-9a-z][0-9a-z-]*(?:\.[0-9a-z-]+)*\.{_TLD}\b{_REST}"
    r"|(?i:www)\.[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)+"
    rf"(?::\d{{2,5}}\b)?{_REST}"
    rf"|{_BARE_FORGE}"
    rf"|{KNOWN}(?:{_HYPHENATED}|{_CHARACTER})+"
    rf"|(?:[0-9A-Za-z-]*-\n\s*)?[0-9A-Za-z-]+\.(?i:github|gitlab)\.io\b{_REST}"
    rf"|[0-9a-z][0-9a-z-]*(?:\.[0-9a-z-]+)*\.{_TLD}(?::\d{{2,5}})?/(?:[0-9A-Za-z~_#?]{_CHARACTER}*)"
    r"|git@[0-9A-Za-z.-]+:[0-9A-Za-z_./-]+)"
)

_BARE_HOST = rf"[0-9A-Za-z][0-9A-Za-z-]*(?:\.[0-9a-z][0-9a-z-]*)*\.{_TLD}\b"

ARXIV = r"(?i:arxiv(?:\.org)?(?:\s(?:(?:pre|e)-?print|id))?\s?[:\s.\x{FF1A}]\s?(?:abs/)?)"

PAPER = (
    rf"(?:{ARXIV}(?:{identifiers.NEW_ARXIV}|{identifiers.OLD_ARXIV})(?:v[1-9]\d?\b)?"
    rf"|{ARXIV}\d{{4}}\.\s{{1,2}}\d{{5}}\b"
    rf"|{identifiers.OLD_ARXIV}(?:v[1-9]\d?)?\b)"
)
"""Old ids need no word before them: nothing else looks like ``hep-th/9901001``."""

_DOI = (
    rf"(?:(?:(?i:doi)\s?:?\s?)?10\.\d{{4,9}}/"
    rf"|(?i:doi)\s?:?\s?10\.\s?\d{{4,9}}\s?/(?:\s?[A-Za-z.]*[0-9])?)(?:{_HYPHENATED}|{_CHARACTER})+"
)
"""A blank in the number of a DOI only where the word says that one follows."""

BOUNDARY = (
    r"[\s(\[{<\"'~,;:=`|}>\x{3001}-\x{3020}\x{FF08}-\x{FF0C}\x{FF1A}\x{FF1B}\x{FF5C}\x{202A}-\x{202E}"
    rf"\x{{2066}}-\x{{2069}}{_UNSPACED_SCRIPTS}]"
)
"""What stands before a link without a scheme: blanks, brackets, marks of direction, and letters of
scripts that put no blanks."""

_BEFORE = rf"(?:^|{BOUNDARY})"

LINK_SORTS: Final = (
    _WITH_SCHEME,
    *(_BEFORE + sort for sort in (_NO_SCHEME, PAPER, _DOI)),
    f"{CUE}(?:{_BARE_FORGE}|{_BARE_HOST}{_REST})",
)
"""The sorts of links, those that are tried first before the others."""

LINK: Final = f"(?:{'|'.join(LINK_SORTS)})"
"""A link, with the character or the words in front of it where those make it one."""

CANDIDATE = (
    r"(?i)https?\s?[:\x{FF1A}]|http//|ftp:/|git@|git:|ssh:|www\s?\.|arxiv|10\.\s?\d{4,9}\s?/|/\d{7}"
    rf"|\.\s?(?:com|org|net|edu|gov|io|ai|co|ms)/|\.{_TLD}\b|git(?:hub|lab)\s\."
)
"""What a text must hold to be worth the long pattern: one abstract in six does."""

NO_LINK = r"([ \n][a-z]+[ \n](?:of|and|that|with|we|this|our|which|by))([ \n])"
"""Words of a sentence that are in no link and no cue: a link ends before them or begins behind. A
plain word stands before them, since behind a hyphen, slash or LaTeX's tilde a link may go on."""

MARKED = r"[:/@\x{FF1A}\x{FF0F}]|\.\S|\.\s{1,3}[0-9a-z]|\s\.\s"
"""What is in every link: no more than that, while `CANDIDATE` looks at a text as a whole."""

GLUED_RIGHT = (
    r"\.(?:We|The|Our|This|These|It|In|An?|To|For|Code|Data|Project|Keywords?|Index|Demo|Also|All"
    r"|Additionally|Furthermore|However|Moreover|See|Here|Video|Supplementary|Please|Finally"
    r"|Contact|Availability|Implementation|Results?|With|Using|By|From|On|At|As|While|When|Although"
    r"|Overall|Conclusions?|Methods?|Background|Funding|Software|Source|Datasets?|Models?|There|They"
    r"|Thus|Hence|If|Both|Since|After|Compared|Based|Unlike|Introduction|You|Users?|Experiments?)"
    r"(?:[^0-9A-Za-z./_-].*)?$"
)
"""The next sentence, written without a blank behind the full stop."""

TAIL = (
    rf"(?:[.,;:?!*#&~@(\x{{0964}}\x{{0965}}{urls.HYPHENS}]|&(?:lt|gt|quot|nbsp|amp|apos)"
    rf"|--+|\\|\$)+$"
)
"""What closes a sentence, not a URL, in signs of India and of HTML too. A single hyphen may end the
name of a repository."""

_SENTENCE_WORDS = (
    "soon|upon|after|once|and|or|in|for|with|as|is|are|was|were|to|by|on|under|along|which|where|that"
    "|together|including|later|shortly|the|a|an|we|our|this|these|it|it's|its|see|also|from|but"
)

STRAYED = rf"([/_-])\s+(?:{_SENTENCE_WORDS}|{_SENTENCE_WORDS.title()})$"
"""A word of the sentence behind ``github.com/owner/ ``, where a repository may stand, or behind a
hyphen that ends a name."""
