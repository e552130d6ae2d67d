"""How alike texts are: tf-idf cosines over any features, in flat arrays."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Features = Callable[[str], Iterable[str]]


class Space:
    """Texts in the order given. Damped counts, smoothed inverse document frequencies, unit vectors.

    A feature that no text has still lengthens the question, so that a question of unknown words is like nothing.
    """

    def __init__(self, texts: Sequence[str], features: Features) -> None:
        self.count = len(texts)
        self._features = features
        self._number: dict[str, int] = {}
        places, numbers, counts = self._counted(texts)
        found_in = np.bincount(numbers, minlength=len(self._number))
        self._unseen = math.log(1 + self.count) + 1
        self._idf = np.log((1 + self.count) / (1 + found_in)) + 1
        weights = (1 + np.log(counts)) * self._idf[numbers]
        lengths = np.sqrt(np.bincount(places, weights * weights, minlength=self.count))
        order = np.argsort(numbers, kind="stable")
        self._places = places[order]
        self._values = (weights / lengths[places])[order].astype(np.float32)
        self._starts = np.concatenate(([0], np.cumsum(found_in)))

    def _counted(self, texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
        """For each feature of each text: which text, the number of the feature, how often."""
        places: list[int] = []
        numbers: list[int] = []
        counts: list[int] = []
        for at, text in enumerate(texts):
            for feature, count in Counter(self._features(text)).items():
                places.append(at)
                numbers.append(self._number.setdefault(feature, len(self._number)))
                counts.append(count)
        return np.array(places, dtype=np.int32), np.array(numbers, dtype=np.int32), np.array(counts, dtype=np.float64)

    def scores(self, text: str) -> Scores:
        """The cosine with every text, from 0 to 1."""
        scores = np.zeros(self.count, dtype=np.float32)
        squares: float = 0
        for feature, count in Counter(self._features(text)).items():
            number = self._number.get(feature)
            weight = (1 + math.log(count)) * (self._unseen if number is None else float(self._idf[number]))
            squares += weight * weight
            if number is not None:
                held = slice(self._starts[number], self._starts[number + 1])
                scores[self._places[held]] += np.float32(weight) * self._values[held]  # no text stands twice among them
        return scores / np.float32(math.sqrt(squares) or 1)
