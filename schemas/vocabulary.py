"""Closed vocabularies: every value that a coded column may hold, and what it means."""

from enum import StrEnum
from typing import Self

STRONG_IDENTIFIERS = ("arxiv_id", "doi", "acl_id", "openreview_id")
"""Columns of identifiers that name a work, the strongest first."""

YEARS = (1900, 2100)
"""The first and the last year in which a paper can have appeared: others are errors of typing."""


class Described(StrEnum):
    """A vocabulary whose members carry the sentence that explains them."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Self:
        """Make a member from its value and its meaning."""
        # The constructor of str would take the meaning for an encoding.
        member = str.__new__(cls, value)
        # Unless it is set here, Enum makes the value of both texts, and fails.
        member._value_ = value
        member.meaning = meaning
        return member

    @classmethod
    def values(cls) -> list[str]:
        """Return the values in their order of precedence."""
        return [member.value for member in cls]


class Source(Described):
    """Where a record comes from. The order is the merge precedence, best first.

    arXiv's own metadata is the best text (page copies lose dollar signs and backslashes),
    the Anthology is edited by people, OpenReview's texts are the authors' own, the daily-papers
    API copies arXiv, the page copy loses most. OpenAlex and Semantic Scholar are gathered by
    machines, a list of references is typed by hand or worse. Papers with Code is last: its wiki
    was open to spam.
    """

    ARXIV = "arxiv", "arXiv metadata snapshot, query API, OAI-PMH or announcement feed"
    ACL_ANTHOLOGY = "acl_anthology", "ACL Anthology XML"
    OPENREVIEW = "openreview", "OpenReview notes, API 1 or 2"
    DAILY_PAPERS = "daily_papers", "Hugging Face daily papers API"
    PAPERS_PAGE = "papers_page", "text copy or saved HTML of a Hugging Face Papers page"
    OPENALEX = "openalex", "OpenAlex works"
    SEMANTIC_SCHOLAR = "semantic_scholar", "Semantic Scholar Graph API or dataset of papers"
    REFERENCE_LIST = "reference_list", "a list of references in BibTeX, RIS or CSL JSON"
    PAPERS_WITH_CODE = "papers_with_code", "Papers with Code dumps of July 2025"


class License(Described):
    """Licences of records and of what is derived from them, by SPDX name."""

    CC0 = "CC0-1.0", "public domain dedication; the core of the dataset"
    CC_BY_SA = "CC-BY-SA-4.0", "share-alike; kept in configs of its own"
    CC_BY = "CC-BY-4.0", "attribution; what the ACL Anthology says of materials since 2016"
    ODC_BY = "ODC-By-1.0", "attribution; the database of Semantic Scholar"
    CC_BY_NC_SA = (
        "CC-BY-NC-SA-3.0",
        "attribution, no commerce, share-alike; what it says of materials before 2016",
    )


class MatchRule(Described):
    """Why a record belongs to its paper. The order is the order in which rules are tried."""

    JUDGEMENT = "judgement", "a person decided so in data/curation/judgements.csv"
    IDENTIFIER = "identifier", "both records carry the same strong identifier"
    LISTED = "listed", "one source lists both under one id of its own"
    TITLE_ABSTRACT = (
        "title-abstract",
        "equal titles, at least half of the abstracts' words in common, no contradicting authors",
    )
    TITLE_AUTHORS = "title-authors", "equal titles and agreeing authors"
    SHORTENED = (
        "shortened",
        "one abstract is a truncated or stripped copy; near titles or agreeing authors",
    )
    NEAR_TITLE_ABSTRACT = (
        "near-title-abstract",
        "near titles and near abstracts, and agreeing authors where both records name them",
    )
    RENAMED = "renamed", "near abstracts and agreeing authors under a changed title"
    NEAR_TITLE_AUTHORS = (
        "near-title-authors",
        "near titles and agreeing authors, where an abstract is missing",
    )
    RESOLVED = "resolved", "one record's identifier was found by its title; see `resolutions`"
    SINGLE = "single", "the record the paper is named after; it needed no match"


class Objection(Described):
    """Why two records are not one paper. The order is the order in which they are raised.

    Texts join no pair to which one of these is raised; only a person and, where no stronger
    identifier differs, an identifier do.
    """

    JUDGEMENT = "judgement", "a person decided so in data/curation/judgements.csv"
    ARXIV_IDS = "two-arxiv-ids", "they have two arXiv ids, versions aside"
    DOIS = "two-dois", "they have two DOIs"
    ACL_IDS = "two-acl-ids", "they have two ids of the ACL Anthology"
    OPENREVIEW_IDS = "two-openreview-ids", "they have two ids of OpenReview"
    CONTRADICTED = (
        "contradicted-identifier",
        "they share an identifier, and titles, authors and abstracts are of different papers",
    )
    ABOUT_ANOTHER = (
        "about-another",
        "one is a comment, reply, rejoinder, erratum or correction, and the other is none such",
    )
    PARTS = "two-parts", "their titles name two parts of a series"
    PART_AND_WHOLE = (
        "part-and-whole",
        "the title of one names a part of a series, and the abstracts are not near enough",
    )
    NUMBERS = "other-numbers", "their titles hold different numbers: years, editions, dimensions"
    COMMENTATORS = (
        "other-commentators",
        "comments, replies or corrections under one title that do not agree in authors",
    )
    STRANGERS = "strangers", "both name their authors, and none in common"
    SIBLINGS = "siblings", "the names before their colons differ in a letter or a version"
    LISTED_TWICE = "listed-twice", "one source lists both, under different titles"
    GENERIC_TITLE = (
        "generic-title",
        "one title, yet of a word or two, or one that many papers bear, and nothing else agrees",
    )
    TITLE_ALONE = "title-alone", "one title, yet neither authors nor abstracts that agree"


class Caution(Described):
    """What matching asks a maintainer to look at."""

    UNKNOWN_JUDGEMENT = "unknown-judgement", "a judgement names a record that there is not"
    UNKNOWN_REMOVAL = "unknown-removal", "a removal names a record that there is not"
    LARGE_CLUSTER = "large-cluster", "more records are one paper than any known paper has"
    SPLIT_CLUSTER = "split-cluster", "records that a rule joined were kept apart by a stronger fact"
    CONTRADICTED_IDENTIFIER = (
        "contradicted-identifier",
        "records share an identifier that everything else contradicts; they were kept apart",
    )
    BLOCK_OVERFLOW = (
        "block-overflow",
        "a key is shared by too many records to compare each with each; neighbours were compared",
    )


class LinkKind(Described):
    """What a link leads to, decided from the sentence as well as from the host."""

    CODE = "code", "source code"
    MODEL = "model", "trained weights"
    DATASET = "dataset", "data"
    DEMO = "demo", "something to try, look at or listen to"
    PROJECT = "project", "the paper's own page"
    PAPER = "paper", "a publication"
    VIDEO = "video", "a recording"
    OTHER = "other", "none of the above"


class LinkRole(Described):
    """Whose a link is, and why the paper names it. The order is that of precedence.

    What one mention says is the authors' own stays theirs, whatever another uses it for.
    """

    OWN = "own", "the authors made it: they say so, or the source does"
    COMPARED = "compared", "a system of others that the paper is compared with"
    USED = "used", "a tool, data or a model of others that the paper uses or builds on"
    UNKNOWN = "unknown", "nothing says whose it is"


class Availability(Described):
    """What the text says about getting at the thing."""

    AVAILABLE = "available", "it is there now"
    ANNOUNCED = "announced", "it will be released"
    UPON_REQUEST = "upon-request", "one has to ask"


class Way(Described):
    """How far a run may go for identifiers that no source gives."""

    OFFLINE = "offline", "an index of titles on this machine"
    ONLINE = "online", "services on the web, for what the index leaves open"


class Resolver(Described):
    """What found an identifier by a title, in the order in which it is asked."""

    TITLE = "index:title", "the index holds the same title"
    LETTERS = "index:letters", "the index holds a title of the same letters"
    ABSTRACT = "index:abstract", "the index holds the same abstract under another title"
    NEAR = "index:near", "the index holds a near title, and none that is nearly as near"
    HUGGING_FACE = "hugging-face", "the search of Hugging Face's Papers pages"
    ARXIV = "arxiv", "arXiv's query API"
    SEMANTIC_SCHOLAR = "semantic-scholar", "Semantic Scholar's title match"
    CROSSREF = "crossref", "Crossref's bibliographic query"


class LinkStatus(Described):
    """What came of asking for a link."""

    ALIVE = "alive", "it answers, or leads to what answers"
    GONE = "gone", "its server says that there is no such page (404, 410)"
    CLOSED = "closed", "its server answers, yet not to us (401, 403, 429 and the like)"
    BROKEN = "broken", "its server fails (5xx) or leads in circles"
    UNREACHABLE = "unreachable", "nothing answers: no such host, no connection, no answer in time"
    NOT_ASKED = "not-asked", "it leads to an address that is not public, or is not of the web"


class Facet(Described):
    """The facets of ``data/curation/taxonomy.csv``."""

    AREA = "area", "the field of research"
    TASK = "task", "the problem that is solved or measured"
    METHOD = "method", "the technique that is used or studied"
    DOMAIN = "domain", "the field of application"
    CONTRIBUTION = "contribution", "what the paper gives to others"
    LANGUAGE = "language", "the human languages that are studied"


class Role(Described):
    """How a topic stands to its paper."""

    PRIMARY = "primary", "the paper's own subject"
    SECONDARY = "secondary", "true of the paper, yet not its subject"


class SetKind(Described):
    """What an evaluation set is to those who built the project, the most telling kind first."""

    FOREIGN = (
        "foreign",
        "made by others; rules were mended on its development half",
    )
    UNREAD = "unread", "labelled for this project; nothing was learned from it or chosen by it"
    CROSS_VALIDATED = "cross-validated", "learned from in folds, its errors were never read"
    DEVELOPMENT = "development", "rules and thresholds were chosen while its errors were read"
    SMALL = "small", "made for the tests: shows that all parts work, not how well"


class ChangeKind(Described):
    """What happened to a paper since the previous release."""

    ADDED = "added", "the paper is new"
    UPDATED = "updated", "some of its columns changed"
    REMOVED = "removed", "the paper is gone, for the reason given"
    MERGED = "merged", "the paper is now part of another one"


class Reason(Described):
    """Why something that was read is not in the papers."""

    NO_TITLE = "no-title", "the record has no title"
    AMBIGUOUS_BLOCK = "ambiguous-block", "title and abstract cannot be told apart"
    MALFORMED = "malformed", "the record cannot be read in the format of its file"
    ENCODING = "encoding", "bytes that are not text in the file's encoding"
    TRUNCATED = "truncated", "the file breaks off, or the rest of it cannot be read"
    TOO_LARGE = "too-large", "the record is larger than the documented bound"
    BAD_IDENTIFIER = "bad-identifier", "the identifier cannot be one of its kind"
    FLOAT_IDENTIFIER = "float-identifier", "an arXiv id that went through a float"
    SOURCE_ERROR = "source-error", "the source answered with an error posing as a record"
    REMOVED = "removed", "the source itself says that the record was removed"
    ON_REQUEST = "on-request", "somebody asked for the record to be left out"
    OTHER_KIND = "other-kind", "no paper by its own type, such as a note, a web page, front matter"
    NOT_A_PAPER = "not-a-paper", "spam or placeholder text"
    INVALID = "invalid", "the row fails the schema of its table"
