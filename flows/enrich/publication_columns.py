"""Where and when a paper appeared, as far as its identifiers and its venue say."""

import polars as pl

from schemas.paper import Paper
from schemas.vocabulary import YEARS

ANTHOLOGY = "https://aclanthology.org/"

OLD_VENUES = {
    "C": "COLING",
    "D": "EMNLP",
    "E": "EACL",
    "J": "CL",
    "K": "CoNLL",
    "L": "LREC",
    "N": "NAACL",
    "P": "ACL",
    "Q": "TACL",
}
"""Venues by the letter of the Anthology's ids until 2019. W is any workshop, so it is none."""

NEW_VENUES = {
    "aacl": "AACL",
    "acl": "ACL",
    "cl": "CL",
    "coling": "COLING",
    "conll": "CoNLL",
    "eacl": "EACL",
    "emnlp": "EMNLP",
    "lrec": "LREC",
    "naacl": "NAACL",
    "semeval": "SemEval",
    "tacl": "TACL",
}
"""Venues by the first word of its ids since 2020."""

CONFERENCES = (
    *("AAAI", "AACL", "AISTATS", "BMVC", "COLING", "COLT", "CVPR", "CoNLL", "CoRL", "EACL"),
    *("ECCV", "EMNLP", "ICASSP", "ICCV", "ICLR", "ICML", "ICRA", "IJCAI", "INTERSPEECH", "IROS"),
    *("KDD", "LREC", "MICCAI", "NAACL", "NIPS", "NeurIPS", "SIGIR", "UAI", "WACV", "ACL"),
)
"""Conferences whose name in a venue stands for them; longer ones before those that they contain."""

FIRST_CENTURY = 60
"""Two-digit years from this on are of the 1900s: the Anthology begins in 1965, arXiv in 1991."""


def add_publication_columns(papers: pl.DataFrame) -> pl.DataFrame:
    """Fill year, month, short venue, and the addresses of the PDF and of the Anthology's page.

    One row per paper, as given. What no date, identifier or venue says is null.
    """
    arxiv_year, arxiv_month = read_arxiv_day(pl.col("arxiv_id"))
    # A release of before may hold days of any year; one of them must not end the run.
    is_dated = pl.col("published").dt.year().is_between(*YEARS)
    return papers.with_columns(
        year=pl.coalesce(
            pl.when(is_dated).then(pl.col("published").dt.year()),
            arxiv_year,
            read_acl_year(pl.col("acl_id")),
        ).cast(pl.Int64),
        # A month of the arXiv id beside the year of a date would be of another year.
        month=pl.when(is_dated)
        .then(pl.col("published").dt.month())
        .otherwise(arxiv_month)
        .cast(pl.Int64),
        venue_short=shorten_venue(pl.col("acl_id"), pl.col("venue")),
        acl_url=pl.lit(ANTHOLOGY) + pl.col("acl_id") + "/",
        pdf_url=pl.coalesce(
            # Joined to null, the address is null: so the first id that is there decides.
            pl.lit("https://arxiv.org/pdf/") + pl.col("arxiv_id"),
            pl.lit(ANTHOLOGY) + pl.col("acl_id") + ".pdf",
            pl.lit("https://openreview.net/pdf?id=") + pl.col("openreview_id"),
        ),
    ).select(Paper.dtypes().names())


def read_arxiv_day(arxiv_id: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return year and month of a canonical arXiv id, both null where it has none.

    >>> ids = pl.Series(["2312.00752", "hep-th/9901001", "math/0702001", None])
    >>> pl.select(*read_arxiv_day(pl.lit(ids)), year_last=1).rows()
    [(2023, 12, 1), (1999, 1, 1), (2007, 2, 1), (None, None, 1)]
    """
    digits = arxiv_id.str.extract(r"^(?:[a-z-]+/)?(\d{4})")
    year, month = (digits.str.slice(start, 2).cast(pl.Int64) for start in (0, 2))
    return _complete_year(year).alias("year"), month.alias("month")


def read_acl_year(acl_id: pl.Expr) -> pl.Expr:
    """Return the year of an id of the ACL Anthology.

    >>> ids = pl.Series(["2022.acl-long.1", "P18-1001", "J79-1001", None])
    >>> pl.select(read_acl_year(pl.lit(ids))).to_series().to_list()
    [2022, 2018, 1979, None]
    """
    old = acl_id.str.extract(r"^[A-Z](\d{2})-").cast(pl.Int64)
    return pl.coalesce(acl_id.str.extract(r"^(\d{4})\.").cast(pl.Int64), _complete_year(old)).alias(
        "year"
    )


def _complete_year(year: pl.Expr) -> pl.Expr:
    return year + pl.when(year < FIRST_CENTURY).then(2000).otherwise(1900)


def shorten_venue(acl_id: pl.Expr, venue: pl.Expr) -> pl.Expr:
    """Return the short name of a venue with its year, from an Anthology id, else from its text.

    >>> ids = ["2022.acl-long.1", "2023.findings-emnlp.7", "P18-1001", "W19-1001", None, None]
    >>> texts = [None, None, None, None, "In Advances in NeurIPS 34 (2021)", "Phys. Rev. D 76"]
    >>> ids, texts = pl.Series(ids), pl.Series(texts)
    >>> pl.select(shorten_venue(pl.lit(ids), pl.lit(texts))).to_series().to_list()
    ['ACL 2022', 'Findings of EMNLP 2023', 'ACL 2018', None, 'NeurIPS 2021', None]
    """
    year = read_acl_year(acl_id).cast(pl.String)
    # EMNLP's workshops of 2019 have its letter and numbers from 5000 on.
    letter = acl_id.str.extract(r"^([A-Z])\d{2}-[0-4]")
    old = letter.replace_strict(OLD_VENUES, default=None, return_dtype=pl.String)
    word = acl_id.str.extract(r"^\d{4}\.(?:findings-)?([a-z]+)")
    new = word.replace_strict(NEW_VENUES, default=None, return_dtype=pl.String)
    part = pl.when(acl_id.str.contains(r"^\d{4}\.findings-")).then(pl.lit("Findings of "))
    of_id = part.fill_null("") + pl.coalesce(old, new) + " " + year
    name = venue.str.extract(rf"\b({'|'.join(CONFERENCES)})\b")
    of_text = name + " " + venue.str.extract(r"\b((?:19|20)\d{2})\b")
    return pl.coalesce(of_id, of_text).alias("venue_short")
