"""One batch, applied once: whatever becomes of its answer, whoever writes meanwhile, whatever people move meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from sheetsync.batch import Batch
from sheetsync.errors import ConflictError, ServiceError, SheetsyncError
from sheetsync.google import Workbook
from sheetsync.google.failures import AmbiguousWriteError, RefusedError, RenamedError

_LOG = logging.getLogger(__name__)
Progress = Callable[[str], None]
TRIES = 3
_BRING_BACK = "Bring back the version before this run (File > Version history), and run the command again."


class Look(Protocol):
    """The workbook as read: its metadata JSON, and the ids of the runs in its journal."""

    @property
    def spreadsheet(self) -> Mapping[str, Any]:
        """Its metadata."""

    @property
    def runs(self) -> list[str]:
        """The runs that its journal names, the latest last."""


Looked = TypeVar("Looked", bound=Look)
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class _Sent(Generic[Made]):
    """A write that was sent, from a workbook that looked so; `error` is what came of it in place of a clear answer."""

    run_id: str
    made: Made
    planned: Batch
    spreadsheet: Mapping[str, Any]
    runs: list[str]
    error: SheetsyncError | None

    @property
    def unclear(self) -> bool:
        """Whether it may have been applied."""
        return isinstance(self.error, AmbiguousWriteError)

    def looked(self, look: Callable[[], Looked]) -> Looked:
        """The workbook after it. Where it can't be read, what is to be told is that nobody knows what was written."""
        try:
            return look()
        except ServiceError as failure:
            if self.error is None or not self.unclear:
                raise
            raise self.error from failure

    def see_what_became_of_it(self, found: Look, *, last: bool) -> None:
        """Raises where it was not written, and it is of no use to try again: nobody else has changed anything since, or
        it was the `last` time."""
        if self.error is None or (self.unclear and not last):
            return
        if self.unclear or self.spreadsheet == found.spreadsheet:
            raise self.error
        if last:
            raise ConflictError(
                "somebody else wrote into the workbook again and again while this ran",
                remedy="Nothing of this run was written. Run the command again.",
            ) from self.error


def write(
    book: Workbook,
    run_id: str,
    look: Callable[[], Looked],
    plan: Callable[[Looked, Made | None], tuple[Made, Batch]],
    *,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
) -> tuple[Made, Batch, bool]:
    """Plans and applies one batch: what was made, the batch, and whether it was written.

    `look` reads the workbook; `plan` makes what is to be there and the batch that is missing for it, or, of something
    made before, the batch alone. Where a write got no clear answer, or was refused, the workbook is read again: the
    journal tells whether this run was written; if not, and the workbook is another one by now, all is planned anew, or
    (where no other run has written) what was made is planned onto what is there. Where somebody moved rows of our
    tables while they were written, they are put right from what was made. A refusal that nothing explains is raised,
    and so is a third unclear answer; a third lost race is a ConflictError.
    """
    sent: _Sent[Made] | None = None
    for left in reversed(range(TRIES + 1)):
        progress("reading the workbook")
        found = look() if sent is None else sent.looked(look)
        if sent is not None:
            if run_id in found.runs:
                return _put_right(book, sent, look, found, plan, progress=progress)
            sent.see_what_became_of_it(found, last=left == 0)
        progress("computing")
        alone = sent is not None and not sent.unclear and sent.runs == found.runs
        made, planned = plan(found, sent.made if sent is not None and alone else None)
        if not planned and sent is not None and sent.unclear:
            return sent.made, sent.planned, True  # it was written, and its line in the journal is gone again
        if not planned or dry_run:
            break
        progress("writing")
        sent, stands = _send(book, run_id, made, planned, found)
        if sent.error is None:
            if stands:
                return made, planned, True
            return _put_right(book, sent, look, _looked_at_what_moved(look), plan, progress=progress)
    return made, planned, False


def _send(book: Workbook, run_id: str, made: Made, planned: Batch, found: Look) -> tuple[_Sent[Made], bool]:
    """The write as it was sent, and whether the rows of our tables stood where they were thought to stand."""
    sent = partial(_Sent, run_id, made, planned, found.spreadsheet, found.runs)
    try:
        shown = book.apply(planned.requests, [part for each in planned.standings for part in each.ranges])
    except (AmbiguousWriteError, RefusedError, RenamedError) as error:
        return sent(error), False
    stands = all(each.says(shown.get(each.sheet_id, [])) for each in planned.standings)
    return sent(None), stands


def _put_right(
    book: Workbook,
    sent: _Sent[Made],
    look: Callable[[], Looked],
    found: Looked,
    plan: Callable[[Looked, Made | None], tuple[Made, Batch]],
    *,
    progress: Progress,
) -> tuple[Made, Batch, bool]:
    """Writes once more what was made, as far as it does not stand there as it was written.

    Raises ConflictError where somebody else has written since, from what was then there.
    """
    error = sent.error
    for _ in range(TRIES):
        if found.runs[-1:] != [sent.run_id]:
            if error is not None:
                break
            raise ConflictError(
                "somebody moved rows of sheetsync's own tabs while this wrote them, and somebody else has synced since",
                remedy=_BRING_BACK,
            )
        _, missing = plan(found, sent.made)
        if not missing:
            break
        progress("putting right what was moved meanwhile")
        again, stands = _send(book, sent.run_id, sent.made, missing, found)
        if again.error is None and stands:
            _LOG.warning(
                "somebody moved rows or columns while this wrote: what was written stands where it belongs again"
            )
            break
        error, found = again.error, _looked_at_what_moved(look)
    else:
        raise ConflictError(
            "somebody is moving rows or columns while this writes, and what was written stands in wrong places",
            remedy=_BRING_BACK,
        ) from error
    return sent.made, sent.planned, True


def _looked_at_what_moved(look: Callable[[], Looked]) -> Looked:
    """The workbook after a write beside the rows that it was meant for."""
    try:
        return look()
    except SheetsyncError as failure:
        raise ServiceError(
            "somebody moved rows or columns while this wrote, and the workbook can't be read to put them right",
            remedy=_BRING_BACK,
        ) from failure
