"""What a link leads to, decided by its host and its sentence."""

import polars as pl

from flows import urls
from flows.enrich.links import promises
from flows.enrich.links.link_hosts import (
    CODE_HOSTS,
    DATA_HOSTS,
    DEMO_HOSTS,
    FILMS,
    PAGE_HOSTS,
    PAPER_HOSTS,
    SLIDES,
    VIDEO_HOSTS,
    is_on_host,
    is_paper_in_repository,
)
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
        .with_columns(_named_kind=_read_kind_of_words())
        .with_columns(kind=_decide_kind())
        .with_columns(availability=promises.decide_availability())
        .drop("_named_kind", *(f"_{kind}" for kind in _ORDER))
    )


def _read_kind_of_words() -> pl.Expr:
    """Read the kind that the words before the link name: the first noun of the nearest list."""
    nearest = pl.min_horizontal(f"_{kind}" for kind in _ORDER)
    # The last condition written is the first one asked: so the order is walked backwards.
    named_kind = pl.lit(None, pl.String)
    for kind in reversed(_ORDER):
        is_near = pl.col(f"_{kind}") <= nearest + (_ENUMERATION if kind in _ORDER[:3] else 15)
        named_kind = pl.when(is_near).then(pl.lit(kind.value)).otherwise(named_kind)
    return named_kind


_PAPERS = r"\.pdf$|\.ps(?:\.gz)?$|/arxiv|publication"


def _is_repository_of_data() -> pl.Expr:
    """Return whether a repository is named after data, where the words before name nothing."""
    name = pl.col("repo").str.to_lowercase().str.extract("/([^/]*)$")
    is_named = name.str.contains(r"[^a-z](?:data|datasets?|corpus|corpora|treebank)$")
    return pl.col("_named_kind").is_null() & is_named


def _decide_kind() -> pl.Expr:
    named_kind, file = pl.col("_named_kind"), pl.col("url").str.to_lowercase()
    data = (
        pl.when(named_kind.is_in(["code", "model", "video"]))
        .then(named_kind)
        .otherwise(pl.lit("dataset"))
    )
    is_data = pl.col("lead").str.contains(_DATA) & pl.col("_model").is_null()
    # An account of Hugging Face holds models and data alike, so the words have to tell.
    model = pl.when(is_data).then(pl.lit("dataset")).otherwise(pl.lit("model"))
    return (
        # The order decides: what a host is sure of comes before what its sentence says.
        pl.when(urls.is_impossible_repository(pl.col("url")))
        .then(pl.lit("other"))
        .when(is_on_host(r"huggingface\.co/datasets"))
        .then(pl.lit("dataset"))
        .when(is_on_host(*DEMO_HOSTS))
        .then(pl.lit("demo"))
        .when(is_on_host(*VIDEO_HOSTS) | file.str.contains(FILMS))
        .then(pl.lit("video"))
        .when(file.str.contains(SLIDES))
        .then(pl.lit("other"))
        .when(is_on_host(*DATA_HOSTS))
        .then(data)
        .when(is_on_host(*PAPER_HOSTS))
        .then(pl.lit("paper"))
        .when(is_on_host(r"huggingface\.co/[^/]"))
        .then(model)
        .when(is_paper_in_repository())
        .then(pl.lit("paper"))
        .when(is_on_host(*CODE_HOSTS))
        .then(_decide_kind_on_forge())
        .when(is_on_host(*PAGE_HOSTS))
        .then(pl.lit("project"))
        .when(file.str.contains(_PAPERS) & named_kind.is_null())
        .then(pl.lit("paper"))
        .otherwise(pl.coalesce(named_kind, _read_repository_kind(), _decide_site_kind()))
    )


def _decide_kind_on_forge() -> pl.Expr:
    """Decide what a repository holds: code, unless the sentence names other things and no code."""
    named_kind, no_code = pl.col("_named_kind"), pl.col("_code").is_null()
    is_beside = (pl.col("_project") < BESIDE) | pl.col("lead").str.contains(_PROJECT_PAGE)
    return (
        pl.when((named_kind == LinkKind.DATASET) & no_code & _is_given(LinkKind.DATASET))
        .then(pl.lit("dataset"))
        .when(_is_repository_of_data())
        .then(pl.lit("dataset"))
        .when((named_kind == LinkKind.MODEL) & no_code & pl.col("lead").str.contains(_WEIGHTS))
        .then(pl.lit("model"))
        .when(
            (named_kind == LinkKind.PROJECT)
            & no_code
            & is_beside
            & _read_repository_kind().is_null()
        )
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
