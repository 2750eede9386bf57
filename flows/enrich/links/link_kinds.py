"""What lies behind a link, decided by its host and its sentence."""

import polars as pl

from flows import urls
from flows.enrich.links import promises
from flows.urls import rules
from schemas.vocabulary import LinkKind

BESIDE = 30
"""Characters within which a word speaks of the link itself: "Project page: <url>"."""

_WORDS = {
    LinkKind.CODE: (
        r"(?:source[- ]?|python |matlab )?codes?\b|codebase|code[- ]?base|implementations?\b|"
        r"software|librar(?:y|ies)\b|toolbox|toolkit|packages?\b|freeware|scripts?\b|"
        r"programs? (?:is|are|can|called|named|package)\b|open[- ]?sourced?\b|plug-?in|\bsource"
    ),
    LinkKind.DATASET: (
        r"data ?-?sets?\b|\bdata\b|corpus|corpora|benchmarks?\b|annotations?\b|databases?\b|"
        r"archive\b|recordings\b|catalogu?e|\bresource\b[\s(:\[]*$|\w-?bench\b"
    ),
    LinkKind.MODEL: r"models?\b|weights|checkpoints?\b|pre-?trained",
    LinkKind.DEMO: (
        r"demos?\b|demonstrations?\b|playground|web ?-?(?:server|app|application|service|interface)"
        r"|online (?:tool|system|interface|service)|interactive|samples\b|animations?\b|portal|"
        r"app store|google play|can be (?:used|tried|tested|run)|try it|\bsystem[\s(:\[]*$"
    ),
    LinkKind.VIDEO: r"videos?\b|youtube|recording of|screencast",
    LinkKind.PROJECT: (
        r"project|web ?-?(?:site|page)s?\b|home ?-?page|\bpage\b|\bsite\b|more (?:results|"
        r"information|details)|supplementary|additional (?:results|material)|visuali[sz]ations?|"
        r"results"
    ),
    LinkKind.PAPER: (
        r"\bpreprint|\bpaper at|\barticle|in press|previous (?:work|paper)|published (?:in|at|as)|"
        r"proceedings|tech(?:nical|\.) rep"
    ),
}
"""The nouns by which sentences name what they link to; matched in lower case."""


def _measure_distance(text: pl.Expr, kind: LinkKind) -> pl.Expr:
    """Measure the characters between the last word for a kind and a text's end; null: no word."""
    # "language model" is a topic far more often than a thing that a link gives.
    cut = text.str.to_lowercase().str.replace_all(r"language models?", "llm")
    cut = cut.str.replace_all("workbench", "tool")
    behind = cut.str.extract(rf"(?s).*(?:{_WORDS[kind]})(.*)$")
    return behind.str.len_chars().cast(pl.Int64)


_ORDER = (
    LinkKind.CODE,
    LinkKind.DATASET,
    LinkKind.MODEL,
    LinkKind.DEMO,
    LinkKind.VIDEO,
    LinkKind.PROJECT,
    LinkKind.PAPER,
)

_ENUMERATION = 60
"""Characters within which nouns are read as one list ("source code, data and models")."""


def add_kinds(mentions: pl.DataFrame) -> pl.DataFrame:
    """Add ``kind``, ``availability``, ``host`` and ``repo`` to mentions.

    Mentions have ``url`` and the words around it, ``lead`` and ``tail``.
    """
    return (
        mentions.with_columns(
            host=urls.host_name(pl.col("url")), repo=urls.repository_name(pl.col("url"))
        )
        .with_columns(
            *(_measure_distance(pl.col("lead"), kind).alias(f"_{kind}") for kind in _ORDER),
        )
        .with_columns(_said=_read_kind_of_words())
        .with_columns(kind=_decide_kind())
        .with_columns(availability=promises.decide_availability())
        .drop("_said", *(f"_{kind}" for kind in _ORDER))
    )


def _read_kind_of_words() -> pl.Expr:
    """Read the kind that the words before the link name: the first noun of the nearest list."""
    nearest = pl.min_horizontal(f"_{kind}" for kind in _ORDER)
    # The last condition written is the first one asked: so the order is walked backwards.
    said = pl.lit(None, pl.String)
    for kind in reversed(_ORDER):
        is_near = pl.col(f"_{kind}") <= nearest + (_ENUMERATION if kind in _ORDER[:3] else 15)
        said = pl.when(is_near).then(pl.lit(kind.value)).otherwise(said)
    return said


def _is_on_host(*patterns: str) -> pl.Expr:
    return pl.col("url").str.contains(
        r"(?i)^(?:https?|ftp)://(?:www\.)?(?:" + "|".join(patterns) + ")"
    )


_PAPER_HOSTS = (
    r"arxiv\.org(?:/(?:abs|pdf).*)?$",
    r"openreview\.net",
    r"aclanthology\.org",
    r"doi\.org",
    r"link\.springer\.com",
    r"ieeexplore",
    r"dl\.acm\.org",
    r"proceedings\.",
    r"papers\.",
    r"(?:journals|iopscience)\.",
    r"sciencedirect\.com",
    r"nature\.com/articles",
    r"biorxiv\.org",
    r"medrxiv\.org",
    r"hal\.science",
    r"hal\.archives",
    r"ssrn\.com",
    r"huggingface\.co/papers",
    r"semanticscholar\.org",
    r"jmlr\.org",
    r"eprint\.iacr\.org",
    r"philpapers",
)
_DATA_DOIS = (
    r"doi\.org/(?i:10\.5281|10\.6084|10\.7910|10\.5061|10\.17632|10\.57967|10\.17605|10\.21227"
    r"|10\.5683)"
)
"""DOI prefixes of Zenodo, figshare, Dataverse, Dryad, Mendeley Data, Hugging Face, OSF, IEEE
DataPort and Borealis: what they hold is data or code, no publication."""
_DATA_HOSTS = (
    r"zenodo\.org",
    r"figshare\.com",
    r"osf\.io",
    r"kaggle\.com/(?:datasets|c|competitions)/",
    r"datadryad\.org",
    r"data\.mendeley",
    r"dataverse",
    r"physionet\.org",
    r"ieee-dataport\.org",
    r"openneuro\.org",
    r"archive\.ics\.uci\.edu",
    r"opendatalab\.(?:com|org)",
    _DATA_DOIS,
)
_VIDEO_HOSTS = (r"youtu\.be", r"youtube\.com", r"vimeo\.com", r"bilibili\.com", r"b23\.tv")
_PAGE_HOSTS = (
    r"[^/]+\.(?:github|gitlab)\.io",
    r"sites\.google\.com",
    r"[^/]+\.notion\.site",
    r"[^/]+\.netlify\.app",
    r"[^/]+\.pages\.dev",
)
_CODE_HOSTS = (
    *(name.replace(".", r"\.") for name in rules.FORGES),
    r"gist\.github\.com",
    r"anonymous\.4open\.science",
    r"sourceforge\.net",
    r"pypi\.org",
    r"cran\.r-project",
    r"code\.google\.com",
    r"git\.io",
    r"(?:gitlab|git|github\.[^/.]+)\.[^/]+",
    r"kaggle\.com/code/",
    r"[^/]+\.(?:readthedocs|rtfd)\.(?:io|org)",
    r"codeocean\.com",
    r"bitbucket\.",
    r"npmjs\.com",
    r"colab\.research\.google\.com",
    r"[^/]+\.sourceforge\.net",
    r"hub\.docker\.com",
    r"ascl\.net",
)
_DEMO_HOSTS = (
    r"apps\.apple\.com",
    r"play\.google\.com",
    r"huggingface\.co/spaces",
    r"[^/]+\.hf\.space",
    r"[^/]+\.streamlit\.app",
    r"[^/]+\.gradio\.(?:app|live)",
    r"replicate\.com",
    r"[^/]+\.shinyapps\.io",
    r"[^/]+\.herokuapp\.com",
)


_FILMS = r"\.(?:mp4|m4v|mkv|webm|avi|mov|qt|wmv|mpe?g)$"
_SLIDES = r"\.(?:pptx?|pps|odp|key)$"
_PAPERS = r"\.pdf$|\.ps(?:\.gz)?$|/arxiv|publication"


def is_decided_by_host() -> pl.Expr:
    """Return whether the host or the ending of an address decides its kind, whatever is said."""
    by_ending = pl.col("url").str.to_lowercase().str.contains(f"{_FILMS}|{_SLIDES}")
    hosts = (*_DEMO_HOSTS, *_VIDEO_HOSTS, *_DATA_HOSTS, *_PAPER_HOSTS)
    # What has no repository there is an account or a page of the site.
    is_model = _is_on_host(r"huggingface\.co/[^/]") & pl.col("repo").is_not_null()
    return by_ending | _is_on_host(*hosts) | is_model


def is_on_code_host() -> pl.Expr:
    """Return whether an address is of a host whose pages are code, or data kept as code is."""
    return _is_on_host(*_CODE_HOSTS)


def is_on_page_host() -> pl.Expr:
    """Return whether an address is of a host where people put pages of their projects."""
    return _is_on_host(*_PAGE_HOSTS)


def _decide_kind() -> pl.Expr:
    said, file = pl.col("_said"), pl.col("url").str.to_lowercase()
    data = pl.when(said.is_in(["code", "model", "video"])).then(said).otherwise(pl.lit("dataset"))
    is_data = pl.col("lead").str.contains(_DATA) & pl.col("_model").is_null()
    # An account of Hugging Face holds models and data alike, so the words have to tell.
    model = pl.when(is_data).then(pl.lit("dataset")).otherwise(pl.lit("model"))
    return (
        # The order decides: what a host is sure of comes before what its sentence says.
        pl.when(_is_on_host(r"huggingface\.co/datasets"))
        .then(pl.lit("dataset"))
        .when(_is_on_host(*_DEMO_HOSTS))
        .then(pl.lit("demo"))
        .when(_is_on_host(*_VIDEO_HOSTS) | file.str.contains(_FILMS))
        .then(pl.lit("video"))
        .when(file.str.contains(_SLIDES))
        .then(pl.lit("other"))
        .when(_is_on_host(*_DATA_HOSTS))
        .then(data)
        .when(_is_on_host(*_PAPER_HOSTS))
        .then(pl.lit("paper"))
        .when(_is_on_host(r"huggingface\.co/[^/]"))
        .then(model)
        .when(_is_on_host(*_CODE_HOSTS))
        .then(_decide_kind_on_forge())
        .when(_is_on_host(*_PAGE_HOSTS))
        .then(pl.lit("project"))
        .when(file.str.contains(_PAPERS) & said.is_null())
        .then(pl.lit("paper"))
        .otherwise(pl.coalesce(said, _read_repository_kind(), _decide_site_kind()))
    )


def _decide_kind_on_forge() -> pl.Expr:
    """Decide what a repository holds: code, unless the sentence names other things and no code."""
    said, no_code = pl.col("_said"), pl.col("_code").is_null()
    is_beside = (pl.col("_project") < BESIDE) | pl.col("lead").str.contains(_PROJECT_PAGE)
    return (
        pl.when((said == LinkKind.DATASET) & no_code & _is_given(LinkKind.DATASET))
        .then(pl.lit("dataset"))
        .when((said == LinkKind.MODEL) & no_code & pl.col("lead").str.contains(_WEIGHTS))
        .then(pl.lit("model"))
        .when((said == LinkKind.PROJECT) & no_code & is_beside & _read_repository_kind().is_null())
        .then(pl.lit("project"))
        .otherwise(pl.lit("code"))
    )


_PROJECT_PAGE = r"(?i)project\s?-?page[^.]{0,60}$"

_DATA = r"(?i)\bdata|\bbenchmarks?\b|\bcorp(?:us|ora)\b"
"""What turns an account on Hugging Face from models to data; the name of a benchmark does not."""

_WEIGHTS = r"(?i)\bweights|checkpoints?\b|pre-?trained"
"""Of models, these are what a repository holds; "our model" is as often its code."""

_GIVEN_HERE = (
    r"(?i)(?:availab|releas|public|access|found|provid|shar|download|host|open-?sourc|made|introduc|"
    r"present|construct|creat|curat|retriev|obtain)"
    r"(?:[^.]|\.\d){0,80}$"
)
"""Verbs that give what their sentence speaks of."""

_NEAR = 25
"""Characters within which a noun alone names the link: "Dataset: <url>"."""


def _is_given(kind: LinkKind) -> pl.Expr:
    """Return whether a noun names the link, not only precedes it ("... on six datasets. <url>")."""
    ended = pl.col("lead").str.contains(r"[.!?]\s*$")
    return pl.col("lead").str.contains(_GIVEN_HERE) | ((pl.col(f"_{kind}") <= _NEAR) & ~ended)


def _read_repository_kind() -> pl.Expr:
    """Return code where the sentence names a repository, else null."""
    is_named = pl.col("lead").str.contains(r"(?i)repositor(?:y|ies)\b|\brepo\b|github|gitlab")
    return pl.when(is_named).then(pl.lit(LinkKind.CODE.value))


def _decide_site_kind() -> pl.Expr:
    """Decide what a page on an unknown host is without a noun: the authors' own, or another's."""
    is_own = pl.col("lead").str.contains(
        r"(?i)\b(?:our|we|available|accessed|found|hosted|released|visit|see|online|here)\b"
    ) | (pl.col("lead").str.strip_chars().str.len_chars() < 3)  # noqa: PLR2004  # no words
    return pl.when(is_own).then(pl.lit("project")).otherwise(pl.lit("other"))
