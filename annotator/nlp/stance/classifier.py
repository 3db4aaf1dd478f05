"""What is learnt from the labels that people gave: TF-IDF of words and word pairs, and logistic regression.

Refitted from the labels whenever enough of them are new, in memory only: nothing of a model is stored but a
hash of labels and settings. scikit-learn is imported at the first refit: it takes a second.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

STANCE_LABELS = ("pro-West", "neutral", "pro-Russia")
WORDS = 2  # longest run of words that counts as one feature
LEAST_ARTICLES = 2  # a feature of one article teaches nothing about another
STRICTNESS = 1.0  # scikit-learn's C: small keeps close to even chances while there are few labels
TOLERANCE = 1e-3
LONGEST_TEXT = 20_000  # code points of an article that are learnt from
SHOWN_WORDS = 5
_HASHED = 1_000  # labels in one step of their hash
_LETTERS = r"(?u)\b[^\W\d_]{2,}\b"

SETTINGS = (WORDS, LEAST_ARTICLES, STRICTNESS, TOLERANCE, LONGEST_TEXT, _LETTERS)


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text without its boilerplate, the stance it was given, and how much that counts (0 to 1)."""

    sha256: str
    text: str
    label: str
    weight: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was learnt says of a text: probabilities, and the words that speak most for the likeliest."""

    scores: dict[str, float]
    words: tuple[str, ...]
    labels: int


class LearntStance:
    """A model that was fitted to labels; ``hash`` names labels and settings, ``labels`` counts them."""

    def __init__(self, labelled: Sequence[LabelledText]) -> None:
        """Fit the model; the order of ``labelled`` makes no difference. Two labels must occur."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        ordered = sorted(labelled, key=lambda known: (known.sha256, known.label, known.weight))
        self.hash = labels_hash((known.sha256, known.label, known.weight) for known in ordered)
        self.labels = len(ordered)
        self._vectors: Any = TfidfVectorizer(
            ngram_range=(1, WORDS), min_df=LEAST_ARTICLES, sublinear_tf=True, token_pattern=_LETTERS
        )
        # "saga" takes a tenth of the time of the others; its draws are seeded.
        self._model: Any = LogisticRegression(
            C=STRICTNESS, class_weight="balanced", solver="saga", tol=TOLERANCE, max_iter=1000, random_state=0
        )
        matrix = self._vectors.fit_transform([known.text[:LONGEST_TEXT] for known in ordered])
        self._model.fit(
            matrix, [known.label for known in ordered], sample_weight=[known.weight for known in ordered]
        )
        self._names: Any = self._vectors.get_feature_names_out()

    def __call__(self, text: str) -> Prediction:
        """Return what the model says of ``text``, which has no boilerplate in it."""
        row = self._vectors.transform([text[:LONGEST_TEXT]])
        found = dict(zip(self._model.classes_, self._model.predict_proba(row)[0], strict=True))
        scores = {label: float(found.get(label, 0.0)) for label in STANCE_LABELS}
        return Prediction(
            scores, self._strongest(row, max(scores, key=lambda label: scores[label])), self.labels
        )

    def _strongest(self, row: Any, label: str) -> tuple[str, ...]:
        classes = list(self._model.classes_)
        weights = self._model.coef_
        if len(classes) == 2:  # one row of weights stands for both
            ours = weights[0] if classes[1] == label else -weights[0]
        else:
            ours = weights[classes.index(label)]
        counts = sorted(
            ((float(value * ours[column]), str(self._names[column]))
             for column, value in zip(row.indices, row.data, strict=True)),
            key=lambda entry: (-entry[0], entry[1]),
        )  # fmt: skip
        return tuple(word for weight, word in counts[:SHOWN_WORDS] if weight > 0)


def can_learn(labelled: Sequence[LabelledText]) -> bool:
    """Tell whether there is anything to tell apart, in words that come twice."""
    return len({known.label for known in labelled}) > 1


def labels_hash(labels: Iterable[tuple[str, str, float]]) -> str:
    """Return a short hash of labels (SHA-256 of the text, label, weight), in any order, and settings."""
    steps = labels_hash_in_steps(labels)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return str(end.value)


def labels_hash_in_steps(labels: Iterable[tuple[str, str, float]]) -> Generator[None, None, str]:
    """Return what :func:`labels_hash` does, some milliseconds' worth of labels at a time."""
    rows = sorted([sha256, label, float(weight)] for sha256, label, weight in labels)
    yield
    # The parts are together what json.dumps writes of [SETTINGS, rows].
    digest = hashlib.sha256(f"[{json.dumps(SETTINGS)}, [".encode())
    for first in range(0, len(rows), _HASHED):
        part = json.dumps(rows[first : first + _HASHED])[1:-1]
        digest.update((f", {part}" if first else part).encode())
        yield
    digest.update(b"]]")
    return digest.hexdigest()[:12]
