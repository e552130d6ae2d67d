"""Values written into code: each becomes a literal of the file's language, so that none can end a string and go on as code."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.words import number
from engine.errors import printable

_HCL_SIGNS = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Words(str):
    """Text for a comment: printable, on one line. It is written as it stands."""


def words(value: object) -> Words:
    """A value inside a comment or a docstring: nothing in it ends either."""
    text = " ".join(printable(number(value)).split())
    return Words(text.replace("\\", "/").replace('"', "'"))


def python_literal(value: object) -> str:
    """The value as Python source: a string in double quotes, a whole number, True, False, None or a list of these."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(python_literal, value))}]"
    if value is None or isinstance(value, bool | int):
        return repr(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    text = repr(str(value))
    return text if text.startswith('"') else '"' + text[1:-1].replace('"', '\\"') + '"'


def hcl_literal(value: object) -> str:
    """The value as Terraform source; `${` and `%{` stay text."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(hcl_literal, value))}]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | Decimal):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    text = str(value)
    return '"' + "".join(_hcl_sign(sign, text[at + 1 : at + 2]) for at, sign in enumerate(text)) + '"'


def _hcl_sign(sign: str, following: str) -> str:
    if sign in _HCL_SIGNS:
        return _HCL_SIGNS[sign]
    if "\ud800" <= sign <= "\udfff":
        return "\\ufffd"  # half of a pair stands for nothing
    if not sign.isprintable() or (sign in "$%" and following == "{"):
        return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"
    return sign


def shell_literal(value: object) -> str:
    """The value as one word of a POSIX shell; what a shell cannot hold or a terminal would obey is left out."""
    text = str(value)
    return shlex.quote("".join(sign for sign in text if sign.isprintable()))


_LITERALS: dict[str, Callable[[object], str]] = {"python": python_literal, "terraform": hcl_literal, "shell": shell_literal}


@lru_cache(maxsize=16)
def _environment(folder: Path, language: str) -> Environment:
    """Templates see what they are given and nothing else. Every value that is not marked as words becomes a literal."""
    literal = _LITERALS[language]

    def written(value: object) -> str:
        return value if isinstance(value, Words) else literal(value)

    environment = Environment(
        loader=FileSystemLoader(folder), undefined=StrictUndefined, autoescape=False, finalize=written,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters["words"] = words
    return environment


@lru_cache(maxsize=1)
def _sentences() -> Environment:
    environment = Environment(undefined=StrictUndefined, autoescape=False)
    environment.filters |= {"number": number}
    return environment


def render(folder: Path, template: str, language: str, values: Mapping[str, object]) -> str:
    """One template of a folder, filled."""
    return _environment(folder, language).get_template(template).render(values)


def sentence(text: str, values: Mapping[str, object]) -> str:
    """A sentence of setup.yml with its numbers."""
    return _sentences().from_string(text).render(values)
