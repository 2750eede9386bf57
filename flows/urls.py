"""URLs as polars expressions: the canonical spelling, the host, the repository.

The canonical spelling is what a browser would be given: one scheme, a host in lower case, no
LaTeX, nothing that only tracks. Paths keep the case and the closing slash that the authors wrote,
because on an unknown host both may matter. `identity` is bolder: it says when two spellings are
one place.
"""

import polars as pl

from flows import identifiers

FORGES = ("github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitee.com")
"""Hosts of repositories, ``owner/name``, that ignore case and answer on https."""

HUGGING_FACE = "huggingface.co"

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

_HOST_ALIASES = {
    "www.github.com": "github.com",
    "www.gitlab.com": "gitlab.com",
    "www.bitbucket.org": "bitbucket.org",
    "www.huggingface.co": HUGGING_FACE,
    "hf.co": HUGGING_FACE,
    "www.hf.co": HUGGING_FACE,
    "www.arxiv.org": "arxiv.org",
    "export.arxiv.org": "arxiv.org",
    "xxx.lanl.gov": "arxiv.org",
    "lanl.arxiv.org": "arxiv.org",
    "ar5iv.labs.arxiv.org": "arxiv.org",
    "ar5iv.org": "arxiv.org",
    "dx.doi.org": "doi.org",
    "www.doi.org": "doi.org",
    "www.openreview.net": "openreview.net",
    "www.aclanthology.org": "aclanthology.org",
    "www.zenodo.org": "zenodo.org",
    "www.osf.io": "osf.io",
    "www.figshare.com": "figshare.com",
    "dblp.uni-trier.de": "dblp.org",
    "dblp.dagstuhl.de": "dblp.org",
    "www.dblp.org": "dblp.org",
    "m.youtube.com": "www.youtube.com",
    "youtube.com": "www.youtube.com",
    "www.youtu.be": "youtu.be",
}
"""Hosts that redirect to another name of theirs."""

_TRACKING = (
    r"(?:utm_[a-z]+|fbclid|gclid|si|feature|usp|ref_src|pp|ab_channel|"
    r"originalsubdomain|campaignid)"
)
"""Parameters that name the reader's way to the page, not the page."""

_SCHEME = r"(?i:git\+https?|h{1,2}t{1,3}ps?|s?ftp|ssh|git)"

_HF_SITE = r"(?:blog|docs|papers|collections|tasks|posts|learn|join|pricing|models|organizations)"
"""First path segments on Hugging Face that are no account."""

_GITHUB_SITE = r"(?:orgs|topics|features|marketplace|sponsors|collections|users|search|apps|about)"
"""First path segments on GitHub that are no account."""


def canonical(written: pl.Expr) -> pl.Expr:
    """Give the canonical spelling of a URL as written, null where it is none. Idempotent.

    The answer's column is named ``url``.
    """
    plain = _one_scheme(_without_latex(written).str.replace_all(r"\s+", ""))
    return _by_host(_without_junk(_lower_host(plain)))


def _without_latex(written: pl.Expr) -> pl.Expr:
    return (
        written.str.replace_all(r"\\string~|\\textasciitilde(?:\{\})?|\$\\sim\$|\\~(?:\{\})?", "~")
        .str.replace_all(r"\{?\\textunderscore(?:\{\})?\}?|\{\\_\}|\{_\}|\$\\?_\$", "_")
        .str.replace_all(r"\\([_%#&$/~{}-])", "$1")
        .str.replace_all(r"\$([._~-])\$?|([._~-])\$", "$1$2")
        .str.replace_all("&amp;", "&", literal=True)
        .str.replace_all(r"\\", "")
    )


def _one_scheme(url: pl.Expr) -> pl.Expr:
    secure = r"(?i)^(?:git\+https|h{1,2}t{1,3}ps|ssh|git)(?::/*|/+)"
    return (
        url.str.replace(r"(?i)^(?:ssh://|git://)?git@([a-z0-9.-]+)[:/]", "https://$1/")
        .str.replace(rf"^(?:{_SCHEME}(?::/+|/+))+({_SCHEME}(?::/+|/+))", "$1")
        .str.replace(r"(?i)^sftp:?/+", "ftp://")
        .str.replace(r"(?i)^ftp:?/+", "ftp://")
        .str.replace(r"(?i)^(?:git\+http|h{1,2}t{1,3}p):?/+", "http://")
        .str.replace(secure + r"([^/])", "https://$1")
        .str.replace(r"^([0-9A-Za-z][0-9A-Za-z-]*(?:\.[0-9A-Za-z-]+)+(?:[:/?#]|$))", "http://$1")
    )


def _lower_host(url: pl.Expr) -> pl.Expr:
    """Take a URL apart, mend its host and put it together; null where it has no host."""
    parts = url.str.extract_groups(
        r"^(?P<scheme>https?|ftp)://(?:[^/?#@\s]*@)?(?P<host>[0-9A-Za-z_.-]+?)\.?"
        r"(?P<port>:\d+)?(?P<rest>[/?#].*)?$"
    )
    host = pl.field("host").str.to_lowercase().replace(_HOST_ALIASES)
    is_secure = pl.field("host").is_in(HTTPS_HOSTS) | pl.field("host").str.ends_with(".github.io")
    is_name = pl.field("host").str.contains(r"^[0-9a-z_-]+(?:\.[0-9a-z_-]+)+$")
    port = pl.field("port").replace({":80": "", ":443": ""}).fill_null("")
    scheme = pl.when(is_secure).then(pl.lit("https")).otherwise(pl.field("scheme"))
    whole = pl.concat_str(
        pl.field("scheme"), pl.lit("://"), pl.field("host"), port, pl.field("rest").fill_null("")
    )
    return (
        parts.struct.with_fields(host=host)
        .struct.with_fields(scheme=scheme)
        .struct.with_fields(url=pl.when(is_name).then(whole))
        .struct.field("url")
    )


def _without_junk(url: pl.Expr) -> pl.Expr:
    """Drop what tracks, and what stands at the end without a meaning."""
    return (
        url.str.replace_all(rf"(?i)([?&]){_TRACKING}=[^&#]*", "$1")
        .str.replace_all(r"([?&])&+", "$1")
        .str.replace_all(r"([?&])&+", "$1")
        .str.replace_all(r"[?&]+(#|$)", "$1")
        .str.replace(r"[.,;:'\"?#&*\]}>$<]+$", "")
        .str.replace(r"^([^(]*?)[.,;:'\"?#&*\]}>$<]*\)[.,;:'\"?#&*)\]}>$<]*$", "$1")
    )


def _by_host(url: pl.Expr) -> pl.Expr:
    """Apply each host's own rules: each is anchored at its host and leaves others alone.

    They are replacements in a row because an expression that names its input twice doubles with
    every rule behind it.
    """
    for pattern, replacement in _RULES:
        url = url.str.replace(pattern, replacement)
    return url


_ANY_FORGE = "|".join(name.replace(".", r"\.") for name in FORGES)

_RULES = (
    # forges: the repository without what a browser adds to it
    (rf"^(https://(?:{_ANY_FORGE})/[^/?#]+)/{{2,}}", "$1/"),
    (rf"^(https://(?:{_ANY_FORGE})/[^/?#]+/[^/?#]+)/?[?#].*$", "$1"),
    (rf"^(https://(?:{_ANY_FORGE})(?:/.*?)?)(?:/|\.git|[.,])*$", "$1"),
    (rf"^(https://(?:{_ANY_FORGE})/[^/?#]+/[^/?#]+?)\.git(/.*)$", "$1$2"),
    # Hugging Face: models, datasets, spaces, papers
    (r"^(https://huggingface\.co/(?:datasets/|spaces/)[^/?#]+/[^/?#]+)/?[?#].*$", "$1"),
    (r"^https://huggingface\.co/models/([^/?#]+/[^/?#]+)", "https://huggingface.co/$1"),
    (r"^(https://huggingface\.co/papers/\d{4}\.\d{4,5})(?:v\d+)?(?:[/?#].*)?$", "$1"),
    (r"^(https://huggingface\.co/[^/?#]+/[^/?#]+)/?[?#].*$", "$1"),
    (r"^(https://huggingface\.co/.+/(?:resolve|blob)/[^?#]+)\?.*$", "$1"),
    (r"^(https://huggingface\.co(?:/.*?)?)/+$", "$1"),
    # copies for reviewers: the repository without what a browser adds to it
    (r"^(https://anonymous\.4open\.science/(?:r|w|repository)/[^/?#]+/?)/*[?#].*$", "$1"),
    # DOIs: the resolver's prefix once; an arXiv paper's DOI is its abstract page
    (r"^https://doi\.org/+(?i:(?:https?://(?:dx\.)?doi\.org/|doi:)+)", "https://doi.org/"),
    (r"^https://doi\.org/+(10\.\d{4,9}/.*?)/*$", "https://doi.org/$1"),
    (r"^(https://doi\.org/10\.\d{4,9})%2[Ff]", "$1/"),
    (r"^https://doi\.org/10\.48550/(?i:arxiv)\.", "https://arxiv.org/abs/"),
    # arXiv: the abstract page, without version
    (
        (
            r"^https://arxiv\.org/(?:abs|pdf|html|ps|format)/"
            rf"({identifiers.NEW_ARXIV}|{identifiers.OLD_ARXIV})(?:v\d+)?(?:\.pdf)?/?(?:[?#].*)?$"
        ),
        "https://arxiv.org/abs/$1",
    ),
    (r"^https://arxiv\.org/abs/([a-z-]+)\.[A-Za-z-]+/(\d{7})$", "https://arxiv.org/abs/$1/$2"),
    # OpenReview: the forum
    (
        r"^https://openreview\.net/(?:forum|pdf)/?\?(?:[^#]*&)?id=([A-Za-z0-9_-]{5,20})(?:[&#].*)?$",
        "https://openreview.net/forum?id=$1",
    ),
    # the Anthology: the paper's page
    (
        (
            r"(?i)^https?://(?:aclanthology\.(?:org|info)/(?:papers/)?|anthology\.aclweb\.org/"
            r"|(?:www\.)?aclweb\.org/anthology/(?:papers/)?)(?:[a-z]/[a-z]\d{2}/|[a-z]\d{2}-\d{4}/)?"
            r"([a-z]\d{2}-\d{4}|(?:19|20)\d{2}\.[a-z0-9_]+-[a-z0-9]+\.\d+)"
            r"(?:v\d+)?(?:\.pdf)?/?$"
        ),
        "https://aclanthology.org/$1",
    ),
    # archives
    (r"^https://zenodo\.org/records?/(\d+)/*(?:[?#].*)?$", "https://zenodo.org/records/$1"),
    (r"^(https://zenodo\.org/records?/\d+/files/[^?#]+)\?.*$", "$1"),
    (r"^(https://osf\.io/(?i:[0-9a-z]{5}))/+$", "$1"),
    (r"^(https://figshare\.com/articles/[^?#]+)[?#].*$", "$1"),
    # Kaggle and Colab: the set, the contest, the notebook
    (
        r"^(https://(?:www\.)?kaggle\.com/(?:datasets|code)/[^/?#]+/[^/?#]+/?)[?#].*$",
        "$1",
    ),
    (r"^(https://(?:www\.)?kaggle\.com/(?:c|competitions)/[^/?#]+/?)[?#].*$", "$1"),
    (r"^(https://colab\.research\.google\.com/[^?#]+)[?#].*$", "$1"),
    # indexes: the record
    (r"^(https://dblp\.org/rec/)(?:html/|bibtex/)?([^?#]+?)(?:\.html)?(?:[?#].*)?$", "$1$2"),
    (r"^(https://www\.semanticscholar\.org/paper/[^?#]*[0-9a-f]{40})/*(?:[?#].*)?$", "$1"),
    # YouTube: the video
    (
        (
            r"^https://www\.youtube\.com/watch/?\?(?:[^#]*&)?v=([A-Za-z0-9_-]{11})"
            r"(?:&list=[^&]*|&index=\d+)*$"
        ),
        "https://www.youtube.com/watch?v=$1",
    ),
    (
        r"^https://www\.youtube\.com/(?:embed|v)/([A-Za-z0-9_-]{11})/*(?:[?#].*)?$",
        "https://www.youtube.com/watch?v=$1",
    ),
)


_SAME = (
    (r"^((?:github|gitlab)\.com/.+?)(?:/-)?/tree/(?:main|master|HEAD)$", "$1"),
    (r"^(bitbucket\.org/[^/]+/[^/]+)/src(?:/(?:main|master|HEAD))?$", "$1"),
    (r"^(huggingface\.co/.+)/tree/main$", "$1"),
    (r"^(?:youtu\.be|youtube\.com/(?:shorts|live))/([A-Za-z0-9_-]{11})", "youtube.com/watch?v=$1"),
    (r"^(youtube\.com/watch\?v=[A-Za-z0-9_-]{11})[?&](?:t|start)=\w+$", "$1"),
    (r"^(drive\.google\.com/.*)/(?:view|edit)$", "$1"),
    (r"^(?i:(?:doi\.org|zenodo\.org/doi)/10\.5281/zenodo\.(\d+))$", "zenodo.org/records/$1"),
    (r"^(?i:doi\.org/10\.6084/m9\.figshare\.(\d+)(?:\.v\d+)?)$", "figshare.com/articles/$1"),
    (r"^figshare\.com/articles/.*?/?(\d{5,})(?:/\d{1,3})?$", "figshare.com/articles/$1"),
    (r"^(osf\.io/\w{5})/overview", "$1"),
    (r"^(kaggle\.com/)c/", "${1}competitions/"),
    (r"^(semanticscholar\.org/paper/)(?:[^/]+/)([0-9a-f]{40})$", "$1$2"),
    (r"^(dblp\.org/rec/)(?:html/|bibtex/)", "$1"),
)
"""Other spellings of one place, without scheme and ``www.``."""


def identity(url: pl.Expr) -> pl.Expr:
    """Give the key under which two spellings of a canonical URL are one place.

    Scheme, ``www.`` and closing slashes never tell two places apart in practice; case does not
    where the host ignores it (forges, Hugging Face, DOIs); the default branch of a repository is
    the repository; ``youtu.be`` is YouTube; a DOI of Zenodo or figshare is the record there.
    """
    key = url.str.replace(r"^https?://(?:www\.)?", "").str.replace(r"[?#]?/*$", "")
    for pattern, replacement in _SAME:
        key = key.str.replace(pattern, replacement)
    ignores_case = key.str.contains(
        rf"^(?:{'|'.join(FORGES)}|{HUGGING_FACE}|doi\.org|arxiv\.org|zenodo\.org|osf\.io"
        r"|aclanthology\.org|raw\.githubusercontent\.com)(?:/|$)"
    )
    return pl.when(ignores_case).then(key.str.to_lowercase()).otherwise(key)


def host(url: pl.Expr) -> pl.Expr:
    """Give the host of a canonical URL, without port."""
    return url.str.extract(r"^[a-z]+://([^/:?#]+)")


def repo(url: pl.Expr) -> pl.Expr:
    """Give ``owner/name`` of a canonical URL on a forge or on Hugging Face, else null.

    An account without a repository gives null, as do the sites' own pages. Groups of GitLab nest:
    ``group/subgroup/name``. Colab and raw files name the repository that they show.
    """
    name = r"([0-9A-Za-z_][0-9A-Za-z_.-]*/[0-9A-Za-z_.-]+)"
    group = r"([0-9A-Za-z_][0-9A-Za-z_.-]*(?:/[0-9A-Za-z_.-]+)+?)"
    at_gitlab = url.str.extract(
        rf"^https://gitlab\.com/{group}(?:/(?:-|tree|blob|raw|issues|wikis|tags|releases)(?:/.*)?|[?#].*)?$"
    )
    forge = url.str.extract(rf"^https://(?:{_ANY_FORGE})/{name}(?:[/?#].*)?$")
    viewed = url.str.extract(
        r"^https://(?:raw\.githubusercontent\.com|colab\.research\.google\.com/github)"
        rf"/{name}(?:[/?#].*)?$"
    )
    forge = pl.coalesce(at_gitlab, forge, viewed)
    forge = pl.when(~forge.str.contains(rf"(?i)^{_GITHUB_SITE}/")).then(forge)
    model = url.str.extract(rf"^https://huggingface\.co/(?:datasets/|spaces/)?{name}(?:[/?#].*)?$")
    model = pl.when(~model.str.contains(rf"^(?:{_HF_SITE}|datasets|spaces)/")).then(model)
    return pl.coalesce(forge, model)


def pages_repo(url: pl.Expr) -> pl.Expr:
    """Give the repository that a GitHub Pages URL is published from, by GitHub's own rule.

    ``owner.github.io/name/...`` comes from ``owner/name`` or, where that does not exist, from
    ``owner/owner.github.io``; nothing in the URL tells which, so this is a lead, not a fact.
    """
    owner = url.str.extract(r"^https?://([0-9a-z-]+)\.github\.io(?:[/?#]|$)")
    name = url.str.extract(r"^https?://[^/]+/([0-9A-Za-z_.-]+)")
    is_page = name.str.contains(r"(?i)\.html?$").fill_null(value=True)
    return owner + "/" + pl.when(is_page).then(owner + ".github.io").otherwise(name)
