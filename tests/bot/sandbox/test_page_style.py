"""The colours of the page: legible in both themes, by the contrast formula of WCAG."""

from __future__ import annotations

import re

import pytest

from bot.sandbox.page import STATIC

LIGHT, DARK = "light", "dark"
TEXTS = [
    *(("text", ground) for ground in ("ground", "quiet", "hover", "raised")),
    *(("muted", ground) for ground in ("ground", "quiet", "hover", "raised", "line")),
    *((f"note-{level}-text", f"note-{level}") for level in ("info", "warning", "error", "success")),
    *(("side-strong", f"avatar-{at}") for at in range(6)),
    ("link", "ground"), ("link", "hover"), ("wrong", "ground"), ("primary-text", "primary"), ("danger-text", "danger"),
    ("side-text", "side"),
    ("side-text", "side-hover"), ("side-strong", "side-current"), ("mention-text", "mention"), ("mention-you-text", "mention-you"),
    ("code", "code-ground"),
]  # fmt: skip
SHAPES = [("line-strong", "ground"), ("focus", "ground"), *((f"series-{at}", "ground") for at in range(6))]


def colours() -> dict[str, dict[str, str]]:
    """The tokens of each theme; the dark one changes some of the light one's."""
    light, dark = (STATIC / "tokens.css").read_text(encoding="utf-8").split("@media")
    found = {theme: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", text)) for theme, text in ((LIGHT, light), (DARK, dark))}
    return {LIGHT: found[LIGHT], DARK: found[LIGHT] | found[DARK]}


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_is_that_of_wcag() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize(("least", "pairs"), [(4.5, TEXTS), (3, SHAPES)], ids=["texts", "shapes"])
def test_colours_are_told_apart(theme: str, least: float, pairs: list[tuple[str, str]]) -> None:
    known = colours()[theme]
    faint = {f"{front} on {back}": round(contrast(known[front], known[back]), 2) for front, back in pairs}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < least} == {}
