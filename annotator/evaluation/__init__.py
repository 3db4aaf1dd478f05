"""How good the suggestions are: figures from what people decided. Counts only; reads no file, knows no Qt.

What is counted comes from :mod:`annotator.project.verdicts` and from a replay of the learning
(:mod:`annotator.evaluation.replay`). What the figures mean is told in docs/suggestions.md.
"""

from annotator.evaluation.answers import (
    ANSWERED,
    AnswerFigures,
    LayerFigures,
    Outcome,
    Verdict,
    answer_figures,
)
from annotator.evaluation.replay import Judged, Opinion, Round, judged, rounds
from annotator.evaluation.report import Evaluation, Table
from annotator.evaluation.shares import LEAST, BlindFigures, Share
from annotator.evaluation.stances import StanceFigures, stance_figures

__all__ = [
    "ANSWERED",
    "LEAST",
    "AnswerFigures",
    "BlindFigures",
    "Evaluation",
    "Judged",
    "LayerFigures",
    "Opinion",
    "Outcome",
    "Round",
    "Share",
    "StanceFigures",
    "Table",
    "Verdict",
    "answer_figures",
    "judged",
    "rounds",
    "stance_figures",
]
