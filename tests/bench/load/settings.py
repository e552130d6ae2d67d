"""How hard and how long; every figure can be set from outside."""

from __future__ import annotations

import os
from typing import Final


def _set(name: str, default: float) -> float:
    return float(os.environ.get(f"LOAD_{name}", default))


SECONDS: Final = _set("SECONDS", 120)
PER_S: Final = _set("PER_S", 50)
UNDER_WAY: Final = int(_set("UNDER_WAY", 200))
STEP_S: Final = _set("STEP_SECONDS", 10)
MOST_PER_S: Final = _set("MOST_PER_S", 1_600)
WORKSPACES: Final = int(_set("WORKSPACES", 1_000))
OTHERS_PER_S: Final = _set("OTHERS_PER_S", 10)
FLOOD_PER_S: Final = _set("FLOOD_PER_S", 50)  # five times all others together, and five times what fair use lets one workspace do
SETTLE_S: Final = _set("SETTLE_SECONDS", 40)  # half a minute after its start a bot prepares what answers questions
FLOOD_S: Final = _set("FLOOD_SECONDS", 120)
DRAIN_S: Final = _set("DRAIN_SECONDS", 30)  # what was acknowledged and stands still for so long is lost
