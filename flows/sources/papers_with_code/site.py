"""The dumps as files: the site has closed, so that they come from copies that people keep."""

from flows.http.site import Site

SITE = Site(
    name="Papers with Code",
    endpoints={"copies": "https://huggingface.co/datasets"},
    interval=3.0,
    hosts=frozenset({"production-media.paperswithcode.com", "archive.org", ".archive.org"})
    | frozenset({".hf.co", ".huggingface.co"}),
    limit=8 << 30,
    seconds=6 * 3600.0,
)
"""The dumps have 2.2 GB unpacked. Hugging Face sends on to its stores for the bytes of a file."""

EXAMPLE = "https://huggingface.co/datasets/OWNER/NAME/resolve/main/FILE.json.gz"
