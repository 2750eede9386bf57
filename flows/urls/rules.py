"""What is known of single hosts: how each one spells its pages, and which spellings are one."""

from flows import identifiers

FORGES = ("github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitee.com")
"""Hosts of repositories, ``owner/name``, that ignore case and answer on https."""

HUGGING_FACE = "huggingface.co"

HOST_ALIASES = {
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

_JUNK = r"[/.,;:'\"?#&*\]}>$<]"
"""What ends a URL without a meaning on hosts that ignore closing slashes."""

ANY_FORGE = "|".join(name.replace(".", r"\.") for name in FORGES)

RULES = (
    # forges: the repository without what a browser adds to it
    (rf"^(https://(?:{ANY_FORGE}))/{{2,}}", "$1/"),
    (rf"^(https://(?:{ANY_FORGE})/[^/?#]+)/{{2,}}", "$1/"),
    (rf"^(https://(?:{ANY_FORGE})/[^/?#]+/[^/?#]+)/?[?#].*$", "$1"),
    (rf"^(https://(?:{ANY_FORGE})(?:/.*?)?)(?:{_JUNK}|\.git)*$", "$1"),
    (rf"^(https://(?:{ANY_FORGE})(?:/[^(]*?)?)(?:{_JUNK}|\)|\.git)*$", "$1"),
    (rf"^(https://(?:{ANY_FORGE})/[^/?#]+/[^/?#]+?)(?:\.git)+(/.*)$", "$1$2"),
    # Hugging Face: models, datasets, spaces, papers
    (
        r"^https://huggingface\.co/+(?:models/+)+([^/?#]+/[^/?#]+)",
        "https://huggingface.co/$1",
    ),
    (r"^(https://huggingface\.co/(?:datasets/|spaces/)[^/?#]+/[^/?#]+)/?[?#].*$", "$1"),
    (r"^(https://huggingface\.co/papers/\d{4}\.\d{4,5})(?:v\d+)?(?:[/?#].*)?$", "$1"),
    (r"^(https://huggingface\.co/[^/?#]+/[^/?#]+)/?[?#].*$", "$1"),
    (r"^(https://huggingface\.co/.+/(?:resolve|blob)/[^?#]+)\?.*$", "$1"),
    (rf"^(https://huggingface\.co(?:/.*?)?){_JUNK}*$", "$1"),
    (rf"^(https://huggingface\.co(?:/[^(]*?)?)(?:{_JUNK}|\))*$", "$1"),
    # copies for reviewers: the repository without what a browser adds to it
    (r"^(https://anonymous\.4open\.science/(?:r|w|repository)/[^/?#]+/?)/*[?#].*$", "$1"),
    # DOIs: the resolver's prefix once; an arXiv paper's DOI is its abstract page
    (r"^https://doi\.org/+(?i:(?:https?://(?:dx\.)?doi\.org/|doi:)+)", "https://doi.org/"),
    (rf"^https://doi\.org/+(10\.\d{{4,9}}/.*?){_JUNK}*$", "https://doi.org/$1"),
    (rf"^(https://doi\.org/10\.\d{{4,9}}/[^(]*?)(?:{_JUNK}|\))*$", "$1"),
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
    (
        r"^(https://dblp\.org/rec/)(?:html/|bibtex/)?([^?#]+?)(?:\.html|[.,;:)])*(?:[?#].*)?$",
        "$1$2",
    ),
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
"""Replacements in a row, each anchored at its host: the canonical spelling there."""

SAME = (
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
