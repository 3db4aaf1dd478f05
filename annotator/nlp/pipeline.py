"""What makes suggestions: each article goes through the spaCy pipeline of its language."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from spacy.language import Language
from spacy.tokens import Doc

from annotator import __version__
from annotator.model import Actor, Answer, PipelineError, PipelineInfo, Suggestion, ZoneDecisions
from annotator.nlp.components import STANCE, ZONES
from annotator.nlp.detection import DETECTOR, detect_language
from annotator.nlp.entities import ENTITY_LABELS
from annotator.nlp.gazetteer import GAZETTEER, load_gazetteer, prepare
from annotator.nlp.languages import guess_language, language_code
from annotator.nlp.library import Library, Shelved, blank_info, blank_language
from annotator.nlp.linking import Linker
from annotator.nlp.loading import load
from annotator.nlp.merging import merged_names
from annotator.nlp.models import InstalledModel, find_model, installed_models, model_for, parse_choices
from annotator.nlp.stance.classifier import LabelledText, LearntStance, can_learn
from annotator.nlp.stance.cues import lists_hash as stance_lists
from annotator.nlp.stance.evidence import settings as stance_settings
from annotator.nlp.stance.passages import SETTINGS as PASSAGES
from annotator.nlp.zone_rules import load_rules
from annotator.nlp.zones import Zone, find_zones, settle, zone_suggestions

PIECE = 25_000
"""Longest text, in code points, that goes through the NER at once (its memory grows with the length)."""

NAME_FINDERS = ("tok2vec", "transformer", "ner")
"""Components that find names alone: the stance does without them."""

BATCH = 8
"""Articles that go through the NER together: more gain little, and cost memory and the first result."""

Text = tuple[int, str, str | None] | tuple[int, str, str | None, ZoneDecisions]
"""An article's id, its text, its language where that is known, and what a person decided about its zones."""

UNDECIDED = ZoneDecisions()

# No-break and thin spaces, which no model has seen and the gazetteer would stumble on. One code point
# stands for one: offsets stay what they are.
_SPACES = str.maketrans(dict.fromkeys("\u00a0\u2007\u2009\u202f", " "))

OnError = Callable[[int, PipelineError], None]


class Pipeline:
    """Makes suggestions for articles, each by the spaCy pipeline of its language. Not for several threads.

    ``info`` names the pipeline that texts are expected to fit: its name, its version, and a hash of
    everything beside the model that decides, the same for all languages; behind a plus a hash of the labels
    that the stance has learnt from.
    """

    def __init__(
        self, nlp: Language, info: PipelineInfo, labels: Sequence[str], library: Library | None = None
    ) -> None:
        self.info = info
        self._labels = tuple(labels)
        self._library = library or Library({}, (), info.config)
        self._language = self._library.keep(nlp, info).language
        self._config = info.config
        self._labelled: tuple[LabelledText, ...] = ()
        self._actors: tuple[Actor, ...] = ()
        self._linker = Linker((), load_gazetteer())

    def learn(self, labelled: Sequence[LabelledText]) -> None:
        """Let the stance learn from these labels instead of any before; none: go by the rules alone.

        Whether they are enough is for the caller to say. ``info`` is another one afterwards.
        """
        self._labelled = tuple(labelled)
        try:
            learnt = LearntStance(labelled) if can_learn(labelled) else None
        except ValueError:  # no word comes twice
            learnt = None
        config = self._config if learnt is None else f"{self._config}+{learnt.hash}"
        self._library.learn(learnt, config)
        self.info = replace(self.info, config=config)

    def set_actors(self, actors: Iterable[Actor]) -> None:
        """Take the actors that the project decided on: they go before all else that names are linked by."""
        self._actors = tuple(actors)
        self._linker = Linker(self._actors, load_gazetteer())

    def suggest(
        self, texts: Iterable[Text], *, processes: int = 1, on_error: OnError | None = None
    ) -> Iterator[Answer]:
        """Yield an answer for each article, in the order of ``texts``, which is read lazily.

        Up to :data:`BATCH` articles of one language are worked on together. With ``processes`` above 1
        as many processes share the work, each with pipelines of its own. An article that cannot be
        analysed goes to ``on_error`` and is left out; without ``on_error`` its :class:`PipelineError` is
        raised.
        """
        if processes > 1:
            from annotator.nlp.processes import suggest_in_processes

            chosen = self._library.chosen
            yield from suggest_in_processes(
                self.info, chosen, self._labels, self._actors, texts, processes, on_error, self._labelled
            )
            return
        for batch in _batches(texts):
            for article, answer in zip(batch, self.answer_all(batch), strict=True):
                if isinstance(answer, Answer):
                    yield answer
                elif on_error is None:
                    raise answer
                else:
                    on_error(article[0], answer)

    def suggest_one(
        self, text: str, language: str | None = None, decided: ZoneDecisions = UNDECIDED
    ) -> list[Suggestion]:
        """Return the suggestions for one text: zones, names, sentences with a stance, then the stance.

        ``text`` may have any length. Offsets are code points of ``text``. A text in a language without
        an installed model gets the gazetteer's names only (see :meth:`notice`). What a person ``decided``
        about zones counts before what is found: entities are suggested outside boilerplate only. Raises
        :class:`PipelineError` where a component fails on the text.
        """
        return self._suggest(self._library.get(self._language_of(text, language)[0]), text, decided)

    def answer(
        self, article: int, text: str, language: str | None = None, decided: ZoneDecisions = UNDECIDED
    ) -> Answer:
        """Return :meth:`suggest_one` with everything that is to be known about it; raises the same."""
        code, detected = self._language_of(text, language)
        shelved = self._library.get(code)
        found = self._suggest(shelved, text, decided)
        return Answer(article, tuple(found), shelved.info, shelved.notice, detected)

    def stance_answer(
        self, article: int, text: str, language: str | None = None, decided: ZoneDecisions = UNDECIDED
    ) -> Answer:
        """Return the stances of :meth:`answer` alone, without looking for names; raises the same."""
        code, detected = self._language_of(text, language)
        shelved = self._library.get(code)
        text = text.translate(_SPACES)
        names = [name for name in shelved.nlp.pipe_names if name in NAME_FINDERS]
        try:
            prepare(shelved.nlp, text)
            with shelved.nlp.memory_zone():
                doc = _analyse(shelved.nlp, text, settle(find_zones(text), decided), names)
                found = _stances(doc)
        except Exception as error:  # as in _suggest
            raise _failure(shelved, error) from error
        return Answer(article, tuple(found), shelved.info, shelved.notice, detected)

    def notice(self, text: str, language: str | None = None) -> str | None:
        """Return why no model finds names in ``text``, in one sentence; None where one does."""
        return self._library.get(self._language_of(text, language)[0]).notice

    def spacy(self, language: str) -> Language:
        """Return the spaCy pipeline that reads a language, for measurements."""
        return self._library.get(language).nlp

    def _language_of(self, text: str, language: str | None) -> tuple[str, str | None]:
        """Return a text's language, and once more if it was detected: what a person says is believed."""
        given = language_code(language)
        if given is not None:
            return given, None
        detected = detect_language(text)
        return detected or guess_language(text, self._language), detected

    def _suggest(self, shelved: Shelved, text: str, decided: ZoneDecisions) -> list[Suggestion]:
        text = text.translate(_SPACES)
        try:
            prepare(shelved.nlp, text)
            with shelved.nlp.memory_zone():  # what the text adds to the vocabulary goes when it is done
                found = find_zones(text)
                doc = _analyse(shelved.nlp, text, settle(found, decided))
                return self._collect(shelved, text, found, decided, doc)
        except Exception as error:
            # Components are other people's code and may raise anything; one article must not end a run.
            raise _failure(shelved, error) from error

    def _collect(
        self, shelved: Shelved, text: str, found: tuple[Zone, ...], decided: ZoneDecisions, doc: Doc
    ) -> list[Suggestion]:
        """Turn what the components found into suggestions; an analysed text is not kept."""
        model = shelved.info.name if shelved.notice is None else None
        names = merged_names(doc, text, model, self._labels)
        names = self._linker.link(text, [sentence.start_char for sentence in doc.sents], names)
        return [*zone_suggestions(found, decided), *names, *_stances(doc)]

    def answer_all(self, batch: Sequence[Text]) -> list[Answer | PipelineError]:
        """Return an answer or an error for each of a few articles, in their order."""
        answers: dict[int, Answer | PipelineError] = {}
        languages = [self._language_of(text[1], text[2]) for text in batch]
        for code in dict.fromkeys(code for code, _ in languages):
            shelved = self._library.get(code)
            mine = [n for n, (language, _) in enumerate(languages) if language == code]
            for n, found in zip(mine, self._suggest_all(shelved, [batch[n] for n in mine]), strict=True):
                if isinstance(found, PipelineError):
                    answers[n] = found
                else:
                    detected = languages[n][1]
                    answers[n] = Answer(batch[n][0], tuple(found), shelved.info, shelved.notice, detected)
        return [answers[n] for n in range(len(batch))]

    def _suggest_all(
        self, shelved: Shelved, articles: Sequence[Text]
    ) -> list[list[Suggestion] | PipelineError]:
        texts = [
            (text.translate(_SPACES), decided[0] if decided else UNDECIDED)
            for _, text, _, *decided in articles
        ]
        if len(texts) > 1 and max(len(text) for text, _ in texts) <= PIECE:
            try:
                for text, _ in texts:
                    prepare(shelved.nlp, text)
                with shelved.nlp.memory_zone():
                    zones = [find_zones(text) for text, _ in texts]
                    settled = [settle(z, decided) for z, (_, decided) in zip(zones, texts, strict=True)]
                    docs = [
                        _with_zones(shelved.nlp, text, z) for (text, _), z in zip(texts, settled, strict=True)
                    ]
                    done = shelved.nlp.pipe(docs, batch_size=len(docs))
                    return [
                        self._collect(shelved, text, z, decided, doc)
                        for (text, decided), z, doc in zip(texts, zones, done, strict=True)
                    ]
            except Exception:  # as above; one of them is odd, and they go one by one to find out which
                pass
        found: list[list[Suggestion] | PipelineError] = []
        for text, decided in texts:
            try:
                found.append(self._suggest(shelved, text, decided))
            except PipelineError as error:
                found.append(error)
        return found


def build_pipeline(
    models: Iterable[str] | str | None = None, *, labels: Sequence[str] = ENTITY_LABELS
) -> Pipeline:
    """Return a :class:`Pipeline` of the installed spaCy pipelines.

    ``models`` chooses some of them, as ``NAME`` or ``LANGUAGE=NAME``; other languages get the best one
    that is installed. The one for English (or else the first) is loaded now, others when a text needs
    them. ``labels`` are the entity labels to suggest. Raises :class:`PipelineError` with what to do
    where a pipeline is not installed or the main one does not load.
    """
    words = [models] if isinstance(models, str) else list(models or ())
    chosen = parse_choices(words)
    installed = installed_models()
    # English first: most articles are, and so are those that nobody can place.
    main = model_for("en", installed, chosen) or find_model(next(iter(chosen.values()), None))
    config = _config(labels, chosen, installed)
    info = PipelineInfo(main.name, main.version, config)
    return Pipeline(load(main.name), info, labels, Library(chosen, installed, config))


def blank_pipeline(*, labels: Sequence[str] = ENTITY_LABELS) -> Pipeline:
    """Return a pipeline without a model: it suggests a stance and the gazetteer's names."""
    config = _config(labels, {}, ())
    return Pipeline(blank_language("en"), blank_info("en", config), labels, Library({}, (), config))


def _batches(texts: Iterable[Text]) -> Iterator[list[Text]]:
    """Cut ``texts`` into batches; the first ones are small, so that the first result comes soon."""
    batch: list[Text] = []
    size = 1
    for text in texts:
        batch.append(text)
        if len(batch) >= size:
            yield batch
            batch, size = [], min(2 * size, BATCH)
    if batch:
        yield batch


def _failure(shelved: Shelved, error: Exception) -> PipelineError:
    detail = " ".join(str(error).split())[:200]
    return PipelineError(
        f"{shelved.info.name} cannot analyse this article ({type(error).__name__}: {detail}); "
        "label it by hand, or try another pipeline."
    )


def pieces(text: str, longest: int = PIECE) -> Iterator[str]:
    """Cut ``text`` into pieces of at most ``longest`` code points that join to ``text`` again.

    The cut is after the last empty line that fits, or else after the last line break, else the last
    white space; only a text without any is cut in a word.
    """
    start = 0
    while len(text) - start > longest:
        for gap in ("\n\n", "\n", " "):
            end = text.rfind(gap, start + 1, start + longest) + len(gap)
            if end > start + len(gap):
                break
        else:
            end = start + longest
        end = min(end, start + longest)
        yield text[start:end]
        start = end
    yield text[start:]


def _stances(doc: Doc) -> list[Suggestion]:
    return [*doc._.stance_passages, doc._.stance]


def _with_zones(nlp: Language, text: str, zones: tuple[Zone, ...]) -> Doc:
    doc = nlp.make_doc(text)
    doc._.zones = zones
    return doc


def _analyse(nlp: Language, text: str, zones: tuple[Zone, ...], without: Sequence[str] = ()) -> Doc:
    if len(text) <= PIECE:
        return nlp(_with_zones(nlp, text, zones), disable=list(without))
    # The stance needs the whole article; the NER and the sentences are content with pieces of it.
    last = [GAZETTEER, STANCE]
    docs = [nlp(piece, disable=[ZONES, *last, *without]) for piece in pieces(text)]
    doc = Doc.from_docs(docs, ensure_whitespace=False)
    if doc is None:  # only of an empty list
        return nlp(text, disable=list(without))
    doc._.zones = zones
    for name in last:
        doc = nlp.get_pipe(name)(doc)
    return doc


def _config(labels: Sequence[str], chosen: Mapping[str, str], installed: Iterable[InstalledModel]) -> str:
    """Return a short hash of everything beside the model that decides which suggestions are made."""
    models = sorted((model.name, model.version) for model in installed)
    files = [load_gazetteer().sha256, stance_lists(), load_rules().sha256]
    parts = [__version__, list(labels), PIECE, *files, stance_settings(), PASSAGES]
    parts += [DETECTOR, sorted(chosen.items()), models]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]
