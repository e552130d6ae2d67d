"""Runs the command line as a shell would: words in, exit code and both streams out. In this process, or in a real one."""

from __future__ import annotations

import subprocess
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from bot.cli import advise, ask, compare, cost, prices
from bot.cli.main import main
from engine.load import load_rulebook

ROOT = Path(__file__).resolve().parents[2]
DAY = "2026-11-22"
INSTALLED = Path(sys.executable).parent / "whichcloud"
# A rulebook is immutable and most of a run is reading it, so the runs in this process share it; `start` reads it anew.
_READERS = (advise, ask, compare, cost, prices)
_read_once = cache(load_rulebook)


class _Typed(BytesIO):
    """Standard input has a name, as a file has."""

    name = "<stdin>"


@dataclass(frozen=True)
class Ran:
    """What a run left behind."""

    code: int
    out: str
    err: str

    def refused(self, *lines: str) -> None:
        """Exit 2, nothing on standard output, and exactly these lines on standard error, each by a part of it."""
        assert (self.code, self.out) == (2, ""), self.err
        written = self.err.splitlines()
        assert len(written) == len(lines), self.err
        for line in lines:
            assert any(line in each for each in written), self.err

    def answered(self) -> str:
        """Exit 0 and nothing on standard error; what was printed."""
        assert (self.code, self.err) == (0, "")
        return self.out

    @property
    def prose(self) -> str:
        """Standard output without line breaks, for sentences that were wrapped."""
        return " ".join(self.out.split())


def run(*words: str | Path, said: str | bytes = b"") -> Ran:
    """One command through the function that the installed script calls. An exception that nobody caught is a traceback, as in a shell."""
    printed, complained = BytesIO(), BytesIO()
    out, err = (TextIOWrapper(kept, encoding="utf-8", newline="\n") for kept in (printed, complained))
    typed = TextIOWrapper(_Typed(said.encode() if isinstance(said, str) else said), encoding="utf-8")
    code = 0
    with pytest.MonkeyPatch.context() as shell, redirect_stdout(out), redirect_stderr(err):
        shell.setattr(sys, "argv", ["whichcloud", *map(str, words)])
        shell.setattr(sys, "stdin", typed)
        for command in _READERS:
            shell.setattr(command, "load_rulebook", _read_once)
        try:
            main()
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else int(left.code is not None)
        except Exception:  # noqa: BLE001 - whatever it is, the interpreter would print it and exit 1
            traceback.print_exc()
            code = 1
    out.flush()
    err.flush()
    return Ran(code, printed.getvalue().decode(), complained.getvalue().decode())


def start(*words: str | Path, said: bytes = b"", shell: str = "", **environment: str) -> Ran:
    """One command in a process of its own. `shell` is appended as shell text: redirections and pipes."""
    import os

    command = [sys.executable, "-m", "bot.cli.main", *map(str, words)]
    given = ["/bin/sh", "-c", f'"$@" {shell}', "sh", *command] if shell else command
    done = subprocess.run(given, input=said, capture_output=True, cwd=ROOT, env={**os.environ, **environment}, timeout=60, check=False)
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
