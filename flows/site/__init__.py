"""Site: the explorer, a static site beside the release that needs no server of its own."""

from flows.site.build import NotASite, build_site, is_site_of
from flows.site.server import SiteServer, make_server

__all__ = ["NotASite", "SiteServer", "build_site", "is_site_of", "make_server"]
