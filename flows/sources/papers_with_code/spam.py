"""Spam and placeholders: anyone could edit the site, and in its last year many did.

Measured on 300,000 titles and 185,000 abstracts of real papers: no rule here holds for any of
them, although 13 titles are about customer service and 79 abstracts name it or a phone number.
"""

import polars as pl

TOLL_FREE = r"\b8(?:00|33|44|55|66|77|88|0[1-9])\b\W{1,4}\b\d{3}\b[^\w()\[\],;:]{1,4}\b\d{4}\b"
"""A North American number of the kind that the spam advertises, whatever is between its
groups. Volume, pages and year of a citation have brackets or commas between them."""

SERVICE = (
    r"(?i)\b(?:customer\s+(?:service|support|care)|(?:phone|contact|helpline|toll.?free|support)"
    r"\s+number|(?:speak|talk)\s+(?:to|with)\s+(?:a\s+)?(?:live|real|human|someone)"
    r"|cancel\s+(?:my|a)\s+(?:flight|ticket|booking)|(?:change|cancellation)\s+policy"
    r"|file\s+a\s+(?:claim|complaint)|refund)\b"
)
"""What the spam is about."""

COMPANY = (
    r"(?i)\b(?:air\s?lines?|airways|expedia|coinbase|binance|quickbooks|paypal|robinhood|metamask"
    r"|lufthansa|ryanair|booking\.com)\b"
)
"""Whom the spam pretends to be."""

PLACEHOLDER = r"(?i)^\W*(?:please enter an? \w+|click to add an? |add an? (?:abstract|title) here)"
"""What the site's forms held before anything was entered."""


def explain_spam(title: pl.Expr, abstract: pl.Expr) -> pl.Expr:
    """Explain why a row is no paper, as a sentence; null where nothing is against it."""
    is_service = title.str.contains(SERVICE)
    is_advert = abstract.str.contains(TOLL_FREE) & abstract.str.contains(SERVICE)
    is_blank = title.str.contains(PLACEHOLDER) | abstract.str.contains(PLACEHOLDER)
    return (
        pl.when(title.str.contains(TOLL_FREE))
        .then(pl.lit("spam: a toll-free phone number in the title"))
        .when(is_service & title.str.contains(COMPANY))
        .then(pl.lit("spam: a company's customer service in the title"))
        .when(is_advert)
        .then(pl.lit("spam: a toll-free phone number and a customer service in the abstract"))
        .when(is_blank)
        .then(pl.lit("placeholder: the text of an empty form"))
    )
