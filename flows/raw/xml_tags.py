"""Start tags written again: a reader that begins in the middle of a file is put inside them."""

import codecs
from xml.sax.saxutils import quoteattr

from lxml import etree


def name_encoding(root: etree._Element) -> str:
    """Name the encoding of a document as Python knows it, too."""
    encoding = root.getroottree().docinfo.encoding or "UTF-8"
    try:
        codecs.lookup(encoding)
    except LookupError:
        return "UTF-8"
    return encoding


def write_lead(elements: list[etree._Element], encoding: str | None) -> bytes:
    """Write the start tags of some elements, each in the one before it."""
    if not elements:
        return b""
    encoding = encoding or "UTF-8"
    tags = "".join(_write_start_tag(element) for element in elements)
    written = f'<?xml version="1.0" encoding="{encoding}"?>{tags}'
    return written.encode(encoding, "xmlcharrefreplace")


def _write_start_tag(element: etree._Element) -> str:
    spaces = (
        f" xmlns:{prefix}={quoteattr(uri)}" if prefix else f" xmlns={quoteattr(uri)}"
        for prefix, uri in element.nsmap.items()
        if prefix != "xml"
    )
    # An attribute with a namespace (`xsi:schemaLocation`) says nothing that records need.
    attributes = (
        f" {name!s}={quoteattr(str(value))}"
        for name, value in element.attrib.items()
        if not str(name).startswith("{")
    )
    return f"<{write_name(element)}{''.join(spaces)}{''.join(attributes)}>"


def write_name(element: etree._Element) -> str:
    """Write the name of an element as its tag has it, with its prefix, declared or not.

    >>> write_name(etree.fromstring("<b:a xmlns:b='urn:x'/>"))
    'b:a'
    """
    # A prefix that nothing declares is part of the name, and what follows it may be none: `a:1`.
    name = str(element.tag).rpartition("}")[2]
    return f"{element.prefix}:{name}" if element.prefix else name
