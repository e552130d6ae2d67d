"""How alike texts are: tf-idf cosines over any features, kept as postings of numpy arrays."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
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
        counted = [Counter(features(text)) for text in texts]
        documents = Counter(feature for counts in counted for feature in counts)
        self._unseen = math.log(1 + self.count) + 1
        self._idf = {feature: math.log((1 + self.count) / (1 + n)) + 1 for feature, n in documents.items()}
        gathered: dict[str, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
        for at, counts in enumerate(counted):
            weights = self._weights(counts)
            length = _length(weights.values())
            for feature, weight in weights.items():
                places, values = gathered[feature]
                places.append(at)
                values.append(weight / length)
        self._postings = {f: (np.array(p, dtype=np.int32), np.array(v, dtype=np.float32)) for f, (p, v) in gathered.items()}

    def scores(self, text: str) -> Scores:
        """The cosine with every text, from 0 to 1."""
        weights = self._weights(Counter(self._features(text)))
        scores = np.zeros(self.count, dtype=np.float32)
        for feature, weight in weights.items():
            if (posting := self._postings.get(feature)) is not None:
                places, values = posting
                scores[places] += weight * values  # no place stands twice in a posting
        return scores / np.float32(_length(weights.values()))

    def _weights(self, counts: Counter[str]) -> dict[str, float]:
        return {feature: (1 + math.log(n)) * self._idf.get(feature, self._unseen) for feature, n in counts.items()}


def _length(weights: Iterable[float]) -> float:
    return math.sqrt(sum(weight * weight for weight in weights)) or 1
