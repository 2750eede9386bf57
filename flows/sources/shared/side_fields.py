"""Fields beside a row's main facts: one of a wrong type is passed over and counted, not the row."""

from collections.abc import Mapping
from enum import Enum
from typing import cast


class Side(Enum):
    """What a side field holds, and the types that are none of it; a number may be a text."""

    TEXT = ("a text", (dict, list))
    TEXTS = ("a text", (dict,))
    OBJECT = ("an object", (list, str, int, float))
    OBJECTS = ("an object", (str, int, float))


SideFields = Mapping[str, "Side | SideFields"]
"""Side fields by name; of an object, or of a list of objects, those in it. Under an empty name
stands that it is no list."""


def pass_over_wrong_types(
    record: Mapping[str, object], side: SideFields, prefix: str = ""
) -> tuple[Mapping[str, object], list[str]]:
    """Return a record without the side fields that have a wrong type, and what is to be counted.

    >>> pass_over_wrong_types({"title": {}, "volume": {}, "number": 1}, {"volume": Side.TEXT})
    ({'title': {}, 'number': 1}, ['volume: dict in the place of a text'])
    >>> pass_over_wrong_types({"places": [{"url": []}]}, {"places": {"url": Side.TEXT}})
    ({'places': [{}]}, ['places.url: list in the place of a text'])
    """
    wrong: list[str] = []
    for name, kind in side.items():
        value = record.get(name)
        if value is None or name == "":
            continue
        own = kind if isinstance(kind, Side) else _find_shape(kind)
        noun, types = own.value
        if isinstance(value, types):
            wrong.append(f"{prefix}{name}: {type(value).__name__} in the place of {noun}")
            record = {each: record[each] for each in record if each != name}
        elif not isinstance(kind, Side) and isinstance(value, dict | list):
            items = value if isinstance(value, list) else [value]
            objects = [cast("dict[str, object]", each) for each in items if isinstance(each, dict)]
            read = [pass_over_wrong_types(each, kind, f"{prefix}{name}.") for each in objects]
            if names := [each for _, inner in read for each in inner]:
                wrong += names
                whole = [each for each, _ in read]
                record = {**record, name: whole if isinstance(value, list) else whole[0]}
    return record, wrong


def _find_shape(fields: SideFields) -> Side:
    return Side.OBJECT if "" in fields else Side.OBJECTS
