"""Site: where each is asked, how often, and where it may send us on to."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Site:
    """A place on the web, and its manners. All hosts of a site share one pace."""

    name: str
    endpoints: Mapping[str, str]
    """URLs by what they are asked for."""
    interval: float
    """Least seconds from the start of one request to that of the next."""
    hosts: frozenset[str] = frozenset()
    """Further hosts of the site, to which it may redirect; ``.hf.co`` means all below that."""
    limit: int = 64 * MEGABYTE
    """Bytes of the longest answer."""
    seconds: float = 120.0
    """Longest time for one answer, from the request to its last byte."""

    def may_be_asked(self, url: str) -> bool:
        """Return whether a URL is on one of the site's hosts, and as secure as its endpoints."""
        own = [urlsplit(endpoint) for endpoint in self.endpoints.values()]
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return False
        # No redirect leads away from TLS, unless the site itself is set up without it.
        is_secure = parts.scheme == "https" or parts.scheme in {endpoint.scheme for endpoint in own}
        host = (parts.hostname or "").lower()
        hosts = self.hosts | {endpoint.hostname or "" for endpoint in own}
        is_own = host in hosts or host.endswith(tuple(name for name in hosts if name[:1] == "."))
        is_usual = port is None or port in {endpoint.port for endpoint in own}
        return is_secure and is_own and is_usual and "@" not in parts.netloc
