"""Recipes page: questions about the dataset, each with the few lines that answer it."""

import re

from flows.paths import SHIPPED
from flows.site.markup import Content, Markup, element

RECIPES = SHIPPED / "docs" / "recipes.md"
"""The questions and answers; a test runs each."""

SECTION = re.compile(
    r"^## (?P<question>.+?)\n(?P<text>.*?)```(?P<language>\w+)\n(?P<code>.*?)```",
    re.MULTILINE | re.DOTALL,
)
"""A question, what is to be known, and the lines that answer it."""


def read_recipes() -> list[dict[str, str]]:
    """Read questions and answers: ``question``, ``text``, ``language`` and ``code`` of each."""
    if not RECIPES.is_file():
        return []
    text = RECIPES.read_text(encoding="utf-8")
    return [section.groupdict() for section in SECTION.finditer(text)]


def show_recipes() -> Content:
    """Show every recipe, with a list of them first."""
    recipes = read_recipes()
    return [
        element("h1", "Recipes"),
        element(
            "p",
            "Questions that people ask about papers and their code, each answered by a few lines. "
            "They read data/release; a folder or an address on the Hub may take its place. Ids, "
            "days and names are examples: write your own.",
            class_="lead",
        ),
        element(
            "ol",
            [
                element("li", element("a", recipe["question"], href=f"#recipe-{place}"))
                for place, recipe in enumerate(recipes, start=1)
            ],
        ),
        [_show_recipe(place, recipe) for place, recipe in enumerate(recipes, start=1)],
    ]


def _show_recipe(place: int, recipe: dict[str, str]) -> Markup:
    # Long lines scroll in their box, which the keyboard must be able to enter.
    code = element("pre", element("code", recipe["code"]), tabindex="0")
    text = [element("p", _show_text(part)) for part in recipe["text"].strip().split("\n\n") if part]
    return element("section", element("h2", recipe["question"], id=f"recipe-{place}"), text, code)


def _show_text(text: str) -> list[Content]:
    """Show a paragraph of Markdown; what is between backticks is code."""
    return [
        element("code", part) if place % 2 else part for place, part in enumerate(text.split("`"))
    ]
