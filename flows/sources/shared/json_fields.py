"""Fields of a JSON object by their type: a field of another type makes its row unreadable."""

from collections.abc import Iterator, Mapping

from flows.raw.json_stream import Unreadable
from schemas.vocabulary import Reason


def get_text(values: Mapping[str, object], name: str) -> str | None:
    """Read a field as text; None where it is absent, null or blank."""
    value = values.get(name)
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    if isinstance(value, dict | list):
        raise Unreadable(Reason.MALFORMED, f"the field {name} holds no text")
    return str(value) if value is not None and str(value).strip() else None


def get_title(values: Mapping[str, object], name: str) -> str | None:
    """Read a title; None where it is absent, null or blank. Raises `Unreadable` for others.

    >>> get_title({"title": "1984"}, "title")
    '1984'
    >>> get_title({"title": 1984}, "title")
    Traceback (most recent call last):
    flows.raw.json_stream.Unreadable: the field title holds no text
    """
    value = values.get(name)
    if isinstance(value, bool | int | float):
        raise Unreadable(Reason.MALFORMED, f"the field {name} holds no text")
    return get_text(values, name)


def get_abstract(values: Mapping[str, object], name: str) -> str | None:
    """Read an abstract; None where it is no text, which `list_unknown_fields` reports.

    >>> get_abstract({"abstract": True}, "abstract") is None
    True
    """
    return get_text(values, name) if isinstance(values.get(name), str) else None


def get_flag(values: Mapping[str, object], name: str) -> bool:
    """Read a field that says yes or no; the CSV writes it out."""
    value = values.get(name)
    if isinstance(value, bool):
        return value
    return str(value).strip().lower() in TRUE_WORDS


TRUE_WORDS = {
    *("true", "1", "1.0", "t", "yes"),
    *("wahr", "vrai", "verdadero", "verdadeiro", "vero", "waar", "sant", "prawda", "истина"),
}
"""What programs write for true; spreadsheets do it in the language of their user."""


def get_texts(values: Mapping[str, object], name: str) -> list[str]:
    """Read a list of texts without its blanks; a single text is a list of one."""
    value = values.get(name)
    if isinstance(value, dict):
        raise Unreadable(Reason.MALFORMED, f"the field {name} holds no list")
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str) and item.strip()]


def wrap_url(field: str, value: str | None) -> list[dict[str, str]]:
    """Return a URL with the name of its field; nothing where there is none."""
    return [{"field": field, "url": value.strip()}] if value else []


def get_objects(values: Mapping[str, object], name: str) -> Iterator[Mapping[str, object]]:
    """Return the objects of a list."""
    value = values.get(name)
    for item in value if isinstance(value, list) else []:
        if isinstance(item, dict):
            yield item


def get_object(values: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Read an object; an empty one where it is absent or null. Raises `Unreadable` for others."""
    value = values.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unreadable(Reason.MALFORMED, f"the field {name} holds no object")
    return value
