"""URLs as polars expressions: the canonical spelling, the host, the repository.

The canonical spelling is what a browser would be given: one scheme, a host in lower case, no
LaTeX, nothing that only tracks. Paths keep the case and the closing slash that the authors wrote:
both may matter on an unknown host. `location_key` is bolder: when are two spellings one place?
"""

import polars as pl

from flows.urls.characters import (
    CONTROLS,
    INVISIBLE,
    encode_letters,
    resolve_dots,
    strip_latex_signs,
)
from flows.urls.rules import ANY_FORGE, FORGES, HOST_ALIASES, HUGGING_FACE, RULES, SAME

HTTPS_HOSTS = (
    *FORGES,
    HUGGING_FACE,
    "arxiv.org",
    "doi.org",
    "openreview.net",
    "aclanthology.org",
    "zenodo.org",
    "figshare.com",
    "osf.io",
    "kaggle.com",
    "www.kaggle.com",
    "colab.research.google.com",
    "drive.google.com",
    "docs.google.com",
    "sites.google.com",
    "youtu.be",
    "www.youtube.com",
    "youtube.com",
    "vimeo.com",
    "anonymous.4open.science",
    "gist.github.com",
    "raw.githubusercontent.com",
    "dblp.org",
    "www.semanticscholar.org",
)
"""Hosts known to serve https for every page. Other hosts keep the scheme as written."""

_TRACKING = (
    r"(?:utm_[a-z]+|fbclid|gclid|si|feature|usp|ref_src|pp|ab_channel|"
    r"originalsubdomain|campaignid)"
)
"""Parameters that name the reader's way to the page, not the page."""

_SCHEME = r"(?i:git\+https?|h{1,2}t{1,3}ps?|s?ftp|ssh|git)"

_HF_SITE = r"(?:blog|docs|papers|collections|tasks|posts|learn|join|pricing|models|organizations)"
"""First path segments on Hugging Face that are no account."""

_DOTTED_OWNER = r"^https://(?:raw\.githubusercontent|github)\.com/[^/?#.]*\.[^/?#]*/[^/?#]"
"""A repository of an owner with a dot, which GitHub has none of."""

_GITHUB_SITE = r"(?:orgs|topics|features|marketplace|sponsors|collections|users|search|apps|about)"
"""First path segments on GitHub that are no account."""


_GITLAB_PAGE = (
    r"(?:-|tree|blob|raw|blame|edit|issues|merge_requests|commits?|compare|branches|tags|releases"
    r"|pipelines|jobs|builds|wikis|snippets|activity|graphs|network|milestones|labels|boards|forks"
    r"|starrers|packages|container_registry|environments|uploads|archive|repository|find_file)"
)
"""Segments behind a project of GitLab that name its pages, not a group."""

_FILE = (
    r"(?i:md|rst|txt|pdf|html?|py|ipynb|ya?ml|json|toml|csv|cfg|sh|tex|bib|cpp|c|h|hpp|zip|tar|gz"
    r"|tgz|png|jpe?g|svg)"
)
"""Endings of files; names of projects end otherwise (``Package.jl``, ``tool.js``)."""


def canonical_url(written: pl.Expr) -> pl.Expr:
    r"""Return the canonical spelling of a URL as written, null where it is none. Idempotent.

    The answer's column is named ``url``.

    >>> pl.select(canonical_url(pl.lit("HTTP://www.github.com/A/b.git?tab=readme"))).item()
    'https://github.com/A/b'
    >>> pl.select(canonical_url(pl.lit("arxiv.org/pdf/2101.00001v2.pdf"))).item()
    'https://arxiv.org/abs/2101.00001'
    >>> pl.select(canonical_url(pl.lit("https://a.org/b\x1b[2J"))).item()
    'https://a.org/b[2J'
    >>> pl.select(canonical_url(pl.lit("not a URL"))).item() is None
    True
    """
    visible = written.str.replace_all(rf"\s+|{INVISIBLE}|{CONTROLS}", "")
    plain = _unify_scheme(strip_latex_signs(visible).str.replace_all(r"\s+", ""))
    plain = encode_letters(plain)
    return _strip_end(_apply_host_rules(resolve_dots(_strip_tracking(_normalize_host(plain)))))


def _unify_scheme(url: pl.Expr) -> pl.Expr:
    secure = r"(?i)^(?:git\+https|h{0,2}t{1,3}ps|hxxps|ssh|git)(?::/*|/+)"
    return (
        # Editors of Chinese and Japanese write these marks full width.
        url.str.replace(r"^([A-Za-z+]{3,9})[:;.\x{FF1A}]{1,2}[/\x{FF0F}]{2,3}", "$1://")
        .str.replace(r"(?i)^(?:ssh://|git://)?git@([a-z0-9.-]+)[:/]", "https://$1/")
        .str.replace(rf"^(?:{_SCHEME}(?::/+|/+))+({_SCHEME}(?::/+|/+))", "$1")
        .str.replace(r"(?i)^sftp:?/+", "ftp://")
        .str.replace(r"(?i)^ftp:?/+", "ftp://")
        .str.replace(r"(?i)^(?:git\+http|h{1,2}t{1,3}p|hxxp)(?::/*|/+)([^/])", "http://$1")
        .str.replace(secure + r"([^/])", "https://$1")
        .str.replace(r"^([0-9A-Za-z][0-9A-Za-z-]*(?:\.[0-9A-Za-z-]+)+(?:[:/?#]|$))", "http://$1")
    )


_DEFAULT_PORTS = {"http:80": "http", "https:443": "https", "http:443": "https"}
"""Ports that say nothing beside the scheme, or that say the scheme."""


_HOST_NAME = (
    r"^(?:(?:[0-9a-z](?:[0-9a-z_-]*[0-9a-z])?\.)*[0-9a-z](?:[0-9a-z-]*[0-9a-z])?"
    r"\.(?:[a-z]{2,63}|xn--[0-9a-z-]+)|\d{1,3}(?:\.\d{1,3}){3})$"
)
"""Names that can be registered: no hyphen or underscore at the edge of a label, no underscore in
the last two, and letters as the ending. Or the address of a machine."""


def _normalize_host(url: pl.Expr) -> pl.Expr:
    """Take a URL apart, mend its host and put it together; null where it has no host."""
    # User information before the host is dropped: it is a secret, or it hides the host.
    parts = url.str.extract_groups(
        r"^(?P<scheme>https?|ftp)://(?:[^/?#@\s]*@)?(?P<host>[0-9A-Za-z_.-]+?)\.?"
        r"(?P<port>:\d+)?(?P<rest>[/?#].*)?$"
    )
    host = pl.field("host").str.to_lowercase().replace(HOST_ALIASES)
    is_secure = pl.field("host").is_in(HTTPS_HOSTS) | pl.field("host").str.ends_with(".github.io")
    is_name = pl.field("host").str.contains(_HOST_NAME)
    scheme = pl.when(is_secure & (pl.field("port") == "")).then(pl.lit("https"))
    whole = pl.concat_str(
        pl.field("scheme"),
        pl.lit("://"),
        pl.field("host"),
        pl.field("port"),
        pl.field("rest").fill_null(""),
    )
    return (
        parts.struct.with_fields(host=host, port=pl.field("port").fill_null(""))
        .struct.with_fields(asked=pl.field("scheme") + pl.field("port"))
        .struct.with_fields(asked=pl.field("asked").replace(_DEFAULT_PORTS))
        .struct.with_fields(
            scheme=pl.field("asked").str.extract(r"^([a-z]+)"),
            port=pl.field("asked").str.extract(r"(:\d+)$").fill_null(""),
        )
        .struct.with_fields(scheme=scheme.otherwise(pl.field("scheme")))
        .struct.with_fields(url=pl.when(is_name).then(whole))
        .struct.field("url")
    )


def _strip_tracking(url: pl.Expr) -> pl.Expr:
    """Drop what tracks, and what ends a URL without a meaning."""
    return (
        url.str.replace_all(rf"(?i)([?&]){_TRACKING}=[^&#]*", "$1")
        .str.replace_all(r"([?&])&+", "$1")
        .str.replace_all(r"([?&])&+", "$1")
        .str.replace_all(r"[?&]+(#|$)", "$1")
        .pipe(_strip_end)
    )


def _strip_end(url: pl.Expr) -> pl.Expr:
    # Closing brackets go only where nothing opens one: `wiki/Python_(language)` keeps its own.
    return url.str.replace(r"[.,;:'\"?#&*\]}>$<]+$", "").str.replace(
        r"^([^(]*?)[.,;:'\"?#&*\]}>$<]*\)[.,;:'\"?#&*)\]}>$<]*$", "$1"
    )


def _apply_host_rules(url: pl.Expr) -> pl.Expr:
    """Apply each host's own rules: each is anchored at its host and leaves others alone.

    They are replacements in a row because an expression that names its input twice doubles with
    every rule behind it.
    """
    for pattern, replacement in RULES:
        url = url.str.replace(pattern, replacement)
    return url


_PLACE_OF_FILE = (
    r"^(raw\.githubusercontent\.com/[^/]+/[^/]+|zenodo\.org/records?/\d+"
    r"|[^/]+/[^/]+/[^/]+(?:/[^/]+)*?(?:/-)?/(?:tree|blob|raw|src|blame|edit|resolve))/"
)
"""What ignores case in the URL of a branch or file: all up to the repository."""


def location_key(url: pl.Expr) -> pl.Expr:
    """Return the key under which two spellings of a canonical URL are one place.

    Scheme, ``www.`` and closing slashes never tell two places apart in practice; case does not
    where the host ignores it (repositories of forges and of Hugging Face, DOIs), yet it does in
    the path of a file there; the default branch of a repository is
    the repository; ``youtu.be`` is YouTube; a DOI of Zenodo or figshare is the record there.

    >>> pl.select(location_key(pl.lit("http://www.github.com/A/B/tree/main/"))).item()
    'github.com/a/b'
    >>> pl.select(location_key(pl.lit("https://example.org/A"))).item()
    'example.org/A'
    """
    key = url.str.replace(r"^https?://(?:www\.)?", "").str.replace(r"[?#]?/*$", "")
    for pattern, replacement in SAME:
        key = key.str.replace(pattern, replacement)
    ignores_case = key.str.contains(
        rf"^(?:{'|'.join(FORGES)}|{HUGGING_FACE}|doi\.org|arxiv\.org|zenodo\.org|osf\.io"
        r"|aclanthology\.org|raw\.githubusercontent\.com)(?:/|$)"
    )
    place = pl.coalesce(key.str.extract(_PLACE_OF_FILE), key)
    path = key.str.slice(place.str.len_chars())
    return pl.when(ignores_case).then(place.str.to_lowercase() + path).otherwise(key)


def host_name(url: pl.Expr) -> pl.Expr:
    """Return the host of a canonical URL, without port."""
    return url.str.extract(r"^[a-z]+://([^/:?#]+)")


def repository_name(url: pl.Expr) -> pl.Expr:
    """Return ``owner/name`` of a canonical URL on a forge or on Hugging Face, else null.

    An account without a repository gives null, as do the sites' own pages. Groups of GitLab nest:
    ``group/subgroup/name``. Colab and raw files name the repository that they show.

    >>> pl.select(repository_name(pl.lit("https://gitlab.com/a/b/c/-/tree/main"))).item()
    'a/b/c'
    >>> pl.select(repository_name(pl.lit("https://github.com/topics/nlp"))).item() is None
    True
    """
    name = r"([0-9A-Za-z_][0-9A-Za-z_.-]*/[0-9A-Za-z_.-]+)"
    group = r"([0-9A-Za-z_][0-9A-Za-z_.-]*(?:/[0-9A-Za-z_.-]+)+?)"
    at_gitlab = url.str.extract(
        rf"^https://gitlab\.com/{group}(?:/{_GITLAB_PAGE}(?:/.*)?|/[^/?#]+\.{_FILE}|[?#].*)?$"
    )
    forge = url.str.extract(rf"^https://(?:{ANY_FORGE})/{name}(?:[/?#].*)?$")
    viewed = url.str.extract(
        r"^https://(?:raw\.githubusercontent\.com|colab\.research\.google\.com/github)"
        rf"/{name}(?:[/?#].*)?$"
    )
    forge = pl.coalesce(at_gitlab, forge, viewed)
    forge = pl.when(~forge.str.contains(rf"(?i)^{_GITHUB_SITE}/")).then(forge)
    model = url.str.extract(rf"^https://huggingface\.co/(?:datasets/|spaces/)?{name}(?:[/?#].*)?$")
    model = pl.when(~model.str.contains(rf"^(?:{_HF_SITE}|datasets|spaces)/")).then(model)
    # Owners at GitHub have no dots: `github.com/example.org/a` leads nowhere.
    named = pl.coalesce(pl.when(~url.str.contains(_DOTTED_OWNER)).then(forge), model)
    return pl.when(~named.str.contains(r"(?:^|/)\.{1,2}(?:/|$)")).then(named)


def is_impossible_repository(url: pl.Expr) -> pl.Expr:
    """Return whether a canonical URL names an owner or a repository that its forge cannot have.

    So does one with percent signs there: names on forges and on Hugging Face are of ASCII's
    letters, digits and ``_.-``, owners at GitHub without dots. Such a URL leads nowhere, unless
    these are what is written with percent signs. False for null.

    >>> names = ["https://github.com/a/b%00c", "https://github.com/a/b/blob/main/c%20d"]
    >>> names += ["https://github.com/a/b%5Fc"]
    >>> pl.select(is_impossible_repository(pl.lit(pl.Series(names)))).to_series().to_list()
    [True, False, False]
    >>> pl.select(is_impossible_repository(pl.lit("https://github.com/example.org/a"))).item()
    True
    """
    letters = r"%(?:2[DdEe]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff])"
    pattern = rf"^https://(?:{ANY_FORGE}|huggingface\.co)/(?:[^/?#]*/)?[^/?#]*%[^/?#]*(?:[/?#]|$)"
    is_impossible = url.str.replace_all(letters, "_").str.contains(pattern)
    return (is_impossible | url.str.contains(_DOTTED_OWNER)).fill_null(value=False)


def pages_repository(url: pl.Expr) -> pl.Expr:
    """Return the repository that a GitHub Pages URL is published from, by GitHub's own rule.

    ``owner.github.io/name/...`` comes from ``owner/name`` or, where that does not exist, from
    ``owner/owner.github.io``; nothing in the URL tells which, so this is a lead, not a fact.
    """
    owner = url.str.extract(r"^https?://([0-9a-z-]+)\.github\.io(?:[/?#]|$)")
    name = url.str.extract(r"^https?://[^/]+/([0-9A-Za-z_.-]+)")
    is_page = name.str.contains(r"(?i)\.html?$").fill_null(value=True)
    return owner + "/" + pl.when(is_page).then(owner + ".github.io").otherwise(name)
