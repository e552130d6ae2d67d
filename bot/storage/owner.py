"""Files that are made beside a database belong to whoever owns that folder, also where root runs a command for the bot."""

from __future__ import annotations

import os
from pathlib import Path


def give_to_owner(file: Path) -> None:
    if os.geteuid() == 0:
        folder = file.parent.stat()
        os.chown(file, folder.st_uid, folder.st_gid)
