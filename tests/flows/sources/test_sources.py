"""Every source asks its site securely and at the pace that the site allows."""

from flows.sources import SOURCES, arxiv, daily_papers, papers_page


def test_every_source_asks_its_site_securely():
    for module in SOURCES.values():
        assert all(url.startswith("https://") for url in module.SITE.endpoints.values())
    assert arxiv.SITE.interval >= 3.0
    assert daily_papers.SITE.interval >= 300 / 500
    assert papers_page.SITE.interval >= 300 / 100
