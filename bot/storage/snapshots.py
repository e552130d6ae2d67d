"""A rules/ folder as bytes, kept with the verdicts that rest on it, and back."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from engine.errors import Problem, RulesError
from engine.load import load_rulebook
from engine.rulebook import Rulebook

_KINDS: Final = ("*.yml", "decision/*.yml", "catalogue/*.csv")
_NAME: Final = re.compile(r"(?:decision/|catalogue/)?[^/\\:\0]+\.(?:yml|csv)")  # leads out of no folder, on no system
_MOST_BYTES: Final = 50_000_000
_MOST_FILES: Final = 1_000


def snapshot(folder: Path) -> bytes:
    """Every file that a rulebook is read from. The same files give the same bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for path in sorted(path for kind in _KINDS for path in folder.glob(kind)):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix())
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return written.getvalue()


def rulebook_from(kept: bytes) -> Rulebook:
    """The rulebook of a snapshot. Raises RulesError where it is none, or where a file in it would be written elsewhere."""
    with TemporaryDirectory(prefix="rules-") as folder:
        try:
            with zipfile.ZipFile(io.BytesIO(kept)) as archive:
                _unpack(archive, Path(folder))
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            raise _refused("the snapshot", f"cannot be read: {error}") from None
        return load_rulebook(Path(folder))


def _unpack(archive: zipfile.ZipFile, folder: Path) -> None:
    entries = archive.infolist()
    if len(entries) > _MOST_FILES or sum(entry.file_size for entry in entries) > _MOST_BYTES:
        raise _refused("the snapshot", "is too large for a rulebook")
    for entry in entries:
        if not _NAME.fullmatch(entry.filename):
            raise _refused(entry.filename, "is no file of a rulebook")
        path = folder / entry.filename
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(archive.read(entry))


def _refused(file: str, why: str) -> RulesError:
    return RulesError([Problem(file, 0, "", why)])
