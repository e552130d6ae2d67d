"""The annual totals of the worked verdicts, aws and azure, in whole dollars: section 7 of the specification."""

from __future__ import annotations

YEARS = {
    "P1": (57_816, 64_123),
    "P2": (5_242, 4_205),
    "P3": (17_520, 15_067),
    "P4": (147_773, 190_393),
    "P5": (37_171, 33_960),
    "P6": (41_852, 33_960),
    "P7": (430_721, 383_078),
    "P8": (169_043, 162_476),
}
