"""Create, open, lock and close a project file."""

from __future__ import annotations

import os
import sqlite3
import stat
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from sqlite_utils import Database

from annotator.model import (
    Act,
    AnnotatorError,
    Cancelled,
    Change,
    DamagedProjectError,
    NewerProjectError,
    NotAProjectError,
    ProjectError,
    ReadOnlyProjectError,
    StorageError,
)
from annotator.project.actors import Actors
from annotator.project.acts import ActLog
from annotator.project.annotations import Annotations
from annotator.project.articles import Articles
from annotator.project.backup import FOLDER as BACKUPS
from annotator.project.backup import is_backup, make_backup, newest_backup
from annotator.project.claims import Claims
from annotator.project.codebook import CodebookStore, default_codebook
from annotator.project.codebook_editing import CodebookEditing
from annotator.project.copying import Stopped
from annotator.project.drawing import Drawing
from annotator.project.faults import damaged, explain, gone, unwritable
from annotator.project.history import History
from annotator.project.layout import require_known, require_our_layout, require_sound, require_willing
from annotator.project.leftovers import refuse_old_journal, remove_leftovers, unfinished
from annotator.project.lines import Lines
from annotator.project.lock import ProjectLock, user_name
from annotator.project.long_act import LongAct, OpenAct
from annotator.project.memory import Memory
from annotator.project.model_choices import ModelChoices
from annotator.project.near_duplicates import NearDuplicates
from annotator.project.records import Records
from annotator.project.revert import revert, revert_in_steps
from annotator.project.saved_filters import SavedFilters
from annotator.project.schema import APPLICATION_ID, migrations
from annotator.project.suggestions import Suggestions
from annotator.project.swapping import SwapProgress
from annotator.text import storable

SUFFIX = ".annot"
INSTRUCTIONS = 100_000  # of SQLite's between two looks at whether opening was called off: some milliseconds

Tell = Callable[[str, float | None], None]  # what is going on; how much of it is done, None: nobody knows


def create_project(path: Path | str, *, annotator: str | None = None) -> Project:
    """Create a project file with the default codebook and open it.

    The suffix ``.annot`` is added where there is none. Raises ``ProjectError`` when the file exists
    already or the folder cannot be written to. The file appears under its name only when it is whole.
    """
    path = Path(path)
    if path.name in ("", ".."):
        raise ProjectError("A project needs a name: give a file, such as thesis.annot.")
    if path.suffix != SUFFIX:
        path = path.with_name(path.name + SUFFIX)
    if is_backup(path):
        raise ProjectError(f"{path.name} is the name of a backup. Choose another name, or another folder.")
    if os.path.lexists(path):
        raise ProjectError(f"{path.name} exists already. Open it, or choose another name.")
    refuse_old_journal(path)
    new = unfinished(path, "new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(path.parent)
        db = Database(sqlite3.connect(new), execute_plugins=False)
        try:
            _set_up_connection(db)
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            _migrate(db)
            with db.atomic():
                for key, value in (
                    ("uuid", str(uuid.uuid4())),
                    ("name", storable(path.stem)),
                    ("codebook_version", "1"),
                ):
                    db.execute("INSERT INTO settings(key, value) VALUES (?, ?)", [key, value])
                CodebookStore.write_default(db, default_codebook())
        finally:
            db.close()
        # link() refuses to replace a file that appeared meanwhile; not every file system has it.
        if hasattr(os, "link"):
            try:
                os.link(new, path)
            except FileExistsError:
                raise ProjectError(f"{path.name} exists already. Open it, or choose another name.") from None
            except OSError:
                new.rename(path)
        else:
            new.rename(path)
    except (OSError, sqlite3.OperationalError) as error:
        raise StorageError(
            f"{path.name} cannot be created in {path.parent}: {_cause(error)}. Choose another folder."
        ) from error
    finally:
        with suppress(OSError):  # the folder may be what could not be made
            new.unlink(missing_ok=True)
    return open_project(path, annotator=annotator)


def open_project(
    path: Path | str,
    *,
    annotator: str | None = None,
    read_only: bool = False,
    tell: Tell = lambda words, done: None,
    stop: Callable[[], bool] = lambda: False,
) -> Project:
    """Open a project file.

    ``annotator`` names the person at work (default: the login name). ``tell`` hears what takes long before
    it begins: bringing a project of an older program up to date, or clearing up after a crash. Once ``stop``
    says so the opening ends with ``Cancelled``: what it was at is rolled back, and done at the next one.

    Raises ``NotAProjectError``, ``NewerProjectError``, ``LockedProjectError`` (somebody else has it),
    ``ReadOnlyProjectError`` (the file or its folder is write-protected) or ``DamagedProjectError``; the file
    is untouched then. The locked and the write-protected one can be opened with ``read_only=True``.
    """
    path = Path(path)
    _check_header(path)
    lock = None
    if not read_only:
        if is_backup(path):
            raise ReadOnlyProjectError(
                f"{path.name} is a backup, so it can only be read. Restore it into a new file to go on "
                f"from it (File > Restore a backup, or: annotator copy {path.name} NEW.annot)."
            )
        if not os.access(path, os.W_OK):
            raise ReadOnlyProjectError(
                f"{path.name} is write-protected, so it can only be read. Copy it, or change its permissions."
            )
        lock = ProjectLock(path)
        lock.acquire()
        for folder in (path.resolve().parent, path.resolve().parent / BACKUPS):
            remove_leftovers(folder)
    try:
        if not read_only:
            _refuse_hard_links(path)
        return Project(path, annotator or user_name(), lock, tell, stop)
    except BaseException:
        if lock is not None:
            lock.release()
        raise


def _check_header(path: Path) -> None:
    """Refuse what is not ours by its first 100 bytes, before SQLite touches it."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise NotAProjectError(f"{path} is a folder. Choose a project file (*{SUFFIX}).")
        if not stat.S_ISREG(mode):  # reading a pipe would wait for ever
            raise NotAProjectError(f"{path.name} is not a regular file. Choose a project file (*{SUFFIX}).")
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        raise NotAProjectError(f"There is no file {path}. Choose another one, or put it back.") from None
    except OSError as error:
        raise NotAProjectError(
            f"{path.name} cannot be read: {_cause(error)}. Make it readable, or choose another file."
        ) from error
    # https://www.sqlite.org/fileformat.html, 1.3: application id is a big-endian integer at byte 68.
    sqlite = header[:16] == b"SQLite format 3\0"
    if sqlite and int.from_bytes(header[68:72], "big") == APPLICATION_ID:
        return
    if words := newest_backup(path):  # so it was ours
        what = "its beginning is not that of an Annotator project" if header else "it is empty"
        raise DamagedProjectError(
            f"{path.name} is damaged: {what}. {words} Restore that backup, or rescue what can be read of the "
            f"file itself: annotator salvage {path.name} NEW.annot"
        )
    if not header:
        raise NotAProjectError(f"{path.name} is empty. Delete it, or choose another file.")
    if path.suffix == SUFFIX and not sqlite:
        raise NotAProjectError(
            f"{path.name} is not an Annotator project, or its beginning is damaged. Choose another "
            f"file, or rescue what can be read of it: annotator salvage {path.name} NEW.annot"
        )
    raise NotAProjectError(f"{path.name} is not an Annotator project. Import articles from it instead.")


def _refuse_hard_links(path: Path) -> None:
    """Refuse to write to a file that has a second name: its lock and journal lie beside the first alone.

    https://www.sqlite.org/howtocorrupt.html, 2.5: after a crash under one name the other is damaged.
    """
    if path.stat().st_nlink > 1:
        raise ReadOnlyProjectError(
            f"{path.name} has another name in the file system as well (a hard link). Written to under both "
            "it would be damaged, so it can only be read. Copy it, and go on with the copy."
        )


def _uri(path: Path) -> str:
    """Return the URI that SQLite takes: https://www.sqlite.org/uri.html. Any character may be in a name.

    The path is not resolved: on Windows that turns a drive letter of the network into a ``//server`` path.
    """
    # The empty host is spelled out, or the server of such a path would be taken for it and refused.
    name = path.absolute().as_posix()
    return f"file://{'' if name.startswith('/') else '/'}{quote(os.fsencode(name), safe='/:')}?mode=rw"


def _set_up_connection(db: Database) -> None:
    for pragma in (
        "trusted_schema = OFF",  # nothing stored in a file that somebody mailed may call functions
        "recursive_triggers = ON",  # so that not even REPLACE can pass the history by
        "journal_mode = DELETE",  # a copy of the one file is whole: docs/adr/0001
        "synchronous = FULL",
        "busy_timeout = 5000",
        "temp_store = MEMORY",
        "cache_size = -32000",
    ):
        db.execute(f"PRAGMA {pragma}")


def _migrate(db: Database) -> None:
    with db.atomic():
        migrations.apply(db)


def _cause(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).rstrip(".").lower()


class Project:
    """An open project file; use :func:`open_project` or :func:`create_project`.

    Every method that changes something is one act: one transaction, durable when it returns, one
    undo step; it returns a :class:`~annotator.model.Change`.
    """

    def __init__(
        self,
        path: Path,
        annotator: str,
        lock: ProjectLock | None,
        tell: Tell,
        stop: Callable[[], bool],
    ) -> None:
        self.path = path
        self.annotator = annotator
        self.read_only = lock is None
        self._lock = lock
        with self.plain_errors():
            # For reading too, so that SQLite can finish what a killed writer left in the journal; it
            # falls back by itself where the file is write-protected.
            # Any thread, but never two at a time: the window steps long work in one (docs/adr/0011).
            connection = sqlite3.connect(_uri(path), uri=True, check_same_thread=False)
            self._inode = path.stat().st_ino
            self.db = Database(connection, execute_plugins=False)
            connection.set_progress_handler(stop, INSTRUCTIONS)
            try:
                self.interrupted = self._prepare(tell, stop)
                connection.set_progress_handler(None, 0)
            except UnicodeDecodeError as error:  # SQLite quotes what it cannot read in its message
                self.db.close()
                raise sqlite3.DatabaseError("Could not decode to UTF-8") from error
            except BaseException as error:
                self.db.close()
                if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
                    raise Cancelled from None
                raise

    def _prepare(self, tell: Tell, stop: Callable[[], bool]) -> Act | None:
        db = self.db
        db.execute("PRAGMA trusted_schema = OFF")
        if self.read_only:
            db.execute("PRAGMA query_only = ON")
        require_willing(db, self.path.name)
        known = {migration.name for migration in migrations._migrations}
        try:
            applied = {migration.name for migration in migrations.applied(db)}
        except (UnicodeDecodeError, sqlite3.OperationalError) as error:
            # The first look at the schema: where it is torn, SQLite lacks columns or quotes what is no text.
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) != sqlite3.SQLITE_ERROR:
                raise
            raise damaged(self.path.name) from error
        if applied - known:
            raise NewerProjectError(
                f"{self.path.name} was made by a newer Annotator. Update the program to open it; "
                "the file was not changed."
            )
        if not self.read_only:
            require_sound(db, self.path)
            _set_up_connection(db)  # not before: the journal mode is stored in the file
        if known - applied:
            require_known(db, self.path.name)
            if self.read_only:
                raise ReadOnlyProjectError(
                    f"{self.path.name} was made by an older Annotator. Open it in the window once, which "
                    "brings it up to date."
                )
            older = f"{self.path.name} was made by an older Annotator"

            def copied(done: int, total: int) -> None:
                if stop():
                    raise Stopped
                tell(f"{older}: it is backed up before it is brought up to date.", done / max(total, 1))

            try:
                copied(0, 1)
                make_backup(self.path, copied)
            except Stopped:
                raise Cancelled from None
            tell(f"{older}: it is brought up to date. A large one may take a minute.", None)
            _migrate(db)
        require_our_layout(db, self.path.name)
        # Only now: table.transform() in a migration refuses to work with foreign keys on.
        db.execute("PRAGMA foreign_keys = ON")
        self._data_version = self._read_data_version()
        self.history = History(self)
        self.acts = ActLog(self)
        self.codebook = CodebookStore(self)
        self.codebook_editing = CodebookEditing(self)
        self.actors = Actors(self)
        self.drawing = Drawing(self)
        self.memory = Memory(self)
        self.near_duplicates = NearDuplicates(self)
        self.articles = Articles(self)
        self.annotations = Annotations(self)
        self.claims = Claims(self)
        self.suggestions = Suggestions(self)
        self.model_choices = ModelChoices(self)
        self.filters = SavedFilters(self)
        self.records = Records(self)
        self.lines = Lines(self)
        if self.read_only:
            return self.history.unfinished()
        self.history.install()
        if (act := self.history.unfinished()) is not None:
            tell(
                f"The program ended while it was at “{act.text}”: that is completed or rolled back now.", None
            )
        return self.history.roll_back_open()

    def __enter__(self) -> Project:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if error is not None and (plain := self.explain(error)) is not None:
            raise plain from error

    def close(self) -> None:
        """Close the file and give the lock back; harmless when done twice."""
        self.db.close()
        if self._lock is not None:
            self._lock.release()

    @property
    def annotator(self) -> str:
        """The name of the person at work; setting it goes on as somebody else."""
        return self._annotator

    @annotator.setter
    def annotator(self, name: str) -> None:
        self._annotator = storable(name).strip() or user_name()

    @property
    def name(self) -> str:
        """The project's name: that of its file."""
        return self.path.stem

    def act(self, text: str, article: int | None = None) -> AbstractContextManager[OpenAct]:
        """Do one act: see :meth:`annotator.project.history.History.act`."""
        return self.history.act(text, article)

    def long_act(self, text: str, article: int | None = None) -> LongAct:
        """Begin an act in many transactions: see :class:`annotator.project.long_act.LongAct`."""
        return self.history.long_act(text, article)

    def undo(self) -> Change | None:
        """Take the last act back; None when there is nothing to undo."""
        return self.history.undo()

    def redo(self) -> Change | None:
        """Do what was undone last again; None when there is nothing to redo."""
        return self.history.redo()

    def revert(self, act: int) -> Change:
        """Take one act back from the middle of the history: see :func:`annotator.project.revert.revert`."""
        return revert(self, act)

    def revert_in_steps(self, act: int) -> Generator[SwapProgress, None, Change]:
        """Do that in steps: see :func:`annotator.project.revert.revert_in_steps`."""
        return revert_in_steps(self, act)

    def require_writable(self) -> None:
        """Raise ``ReadOnlyProjectError`` when the project is open for reading only."""
        if self.read_only:
            raise ReadOnlyProjectError(
                f"{self.path.name} is open for reading only: nothing was changed. "
                "Work on a copy, or open it again once it is free."
            )

    def changed_outside(self) -> bool:
        """Tell, once, whether the file changed otherwise than by acts since this was last asked.

        Another program wrote to it, or the rest of a step that was cut off could be taken back only now.
        """
        with self.plain_errors():
            finished = self.history.finish_cancelling()
            seen, self._data_version = self._data_version, self._read_data_version()
        changed = finished or seen != self._data_version
        if changed:
            self.drawing.forget()
        return changed

    def gone(self) -> StorageError | None:
        """Return what to say when the file is not under its name any more (deleted, replaced), or None.

        SQLite refuses to write then: an act into a file that nobody can find again would be lost.
        """
        return gone(self.path, self._inode)

    def blocked(self) -> StorageError | None:
        """Return why no act can be saved now, as far as the file system tells without trying; or None.

        May be called in any thread, also once the project is closed; it takes what the drive takes.
        """
        return self.gone() or unwritable(self.path)

    def _read_data_version(self) -> int:
        return int(self.db.execute("PRAGMA data_version").fetchone()[0])

    def annotator_id(self) -> int:
        """Return the id of the annotator at work, 0 as long as they have not changed anything."""
        row = self.db.execute("SELECT id FROM annotators WHERE name = ?", [self.annotator]).fetchone()
        return int(row[0]) if row else 0

    def ensure_annotator(self, name: str | None = None) -> int:
        """Return the id of an annotator (default: the one at work), made within the act if needed."""
        name = storable(name or self.annotator)
        row = self.db.execute("SELECT id FROM annotators WHERE name = ?", [name]).fetchone()
        if row:
            return int(row[0])
        cursor = self.db.execute(
            "INSERT INTO annotators(uuid, name) VALUES (?, ?)", [str(uuid.uuid4()), name]
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def annotators(self) -> list[str]:
        """Return the names of all annotators with anything in the project."""
        return [row[0] for row in self.db.execute("SELECT name FROM annotators ORDER BY name")]

    def explain(self, error: BaseException) -> AnnotatorError | None:
        """Return the plain sentence for an error of SQLite's about this file, or None for a bug."""
        return explain(error, self.path)

    @contextmanager
    def plain_errors(self) -> Iterator[None]:
        """Turn SQLite's errors into plain sentences; nothing that was saved is touched by them."""
        try:
            yield
        except AnnotatorError:
            raise
        except sqlite3.DatabaseError as error:
            plain = explain(error, self.path)
            if plain is None:
                raise
            raise plain from error
