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
        idf = np.log((1 + self.count) / (1 + found_in)) + 1
        weights = (1 + np.log(counts)) * idf[numbers]
        lengths = np.sqrt(np.bincount(places, weights * weights, minlength=self.count))
        order = np.argsort(numbers, kind="stable")
        self._places = places[order]
        self._values = (weights / lengths[places])[order].astype(np.float32)
        # Lists: numbers are taken out of them one by one.
        self._weights: list[float] = idf.tolist()
        self._starts: list[int] = np.concatenate(([0], np.cumsum(found_in))).tolist()

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
        squares: float = 0
        weights, held = [], []
        for feature, count in Counter(self._features(text)).items():
            number = self._number.get(feature)
            weight = (1 + math.log(count)) * (self._unseen if number is None else self._weights[number])
            squares += weight * weight
            if number is not None:
                weights.append(weight)
                held.append(slice(self._starts[number], self._starts[number + 1]))
        if not held:
            return np.zeros(self.count, dtype=np.float32)
        each = np.repeat(weights, [part.stop - part.start for part in held])
        places, values = (np.concatenate([array[part] for part in held]) for array in (self._places, self._values))
        return (np.bincount(places, values * each, minlength=self.count) / math.sqrt(squares)).astype(np.float32)
