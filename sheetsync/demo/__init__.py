"""A sample department: people of different habits, weeks of their work, and the flaws that real logs have.

Everything is drawn from one fixed seed, so the same day gives the same department. Rows are typed into a local
workbook week by week, and every week is synced as in life, so History, Snapshots and charts are real. What a sync
finds wrong is mostly mended by the managers in the week after.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from sheetsync import export, prepare
from sheetsync.close import close
from sheetsync.demo.department import Department
from sheetsync.demo.keyboard import type_in
from sheetsync.errors import SheetsyncError, UsageError
from sheetsync.periods import Kind, Period
from sheetsync.reading import open_workbook
from sheetsync.schema import Settings
from sheetsync.settings import Place, load
from sheetsync.sync import Outcome, sync

__all__ = ["Built", "Department", "build"]

Progress = Callable[[str], None]

_TITLE = "Demo: "
"""What the titles of this demo's spreadsheets begin with; by it a workbook is known for one that may be overwritten."""


@dataclass(frozen=True, slots=True)
class Built:
    """What the demo left: the outcome of the last sync, and where to look.

    `config` is the configuration that the workbook can be synced with; it was written by the demo where there was none.
    `kept` is where an earlier demo's workbook went that somebody had changed; None where there was none.
    """

    outcome: Outcome
    settings: Settings
    config: Path
    spreadsheet: str
    file: Path
    page: Path
    kept: Path | None = None


def build(
    config: Path | None,
    folder: Path,
    *,
    weeks: int = 16,
    until: date | None = None,
    progress: Progress = lambda _: None,
) -> Built:
    """Makes `folder`/department.sheet anew, types and syncs `weeks` weeks up to `until`, draws `folder`/dashboard.html.

    Without `config` the department is the built-in one, whose configuration is written to `folder`/targets.yaml.
    `until` defaults to the last Thursday that is not in the future. Raises UsageError where the folder holds a
    workbook that this demo did not make or can't be written to, and what `load` and `sync` raise.
    """
    file = folder / "department.sheet"
    config = config or _own_configuration(folder)
    settings = load(config, spreadsheet=f"local:{file}")
    place = Place.parse(settings.workbook.spreadsheet, Path.cwd())
    zone = ZoneInfo(settings.workbook.timezone or "UTC")
    last = _last_day(until, datetime.now(zone).date())
    kept = _make(file, settings, place)
    department = Department(settings, last, weeks)
    prepare.init(settings, place, now=datetime.combine(department.weeks[0].start, time(9, 5), zone))
    outcome: Outcome | None = None
    for at, week in enumerate(department.weeks, 1):
        if week == department.weeks[-1]:
            _close(settings, place, department.weeks, datetime.combine(week.start, time(9, 5), zone), progress)
        progress(f"week {at} of {weeks}: typing and syncing {week}")
        day = min(week.end - timedelta(days=2), last)
        department.live(week, day)
        type_in(settings, place, department)
        now = datetime.combine(day, time(17, 32), zone)
        if week == department.weeks[-1]:
            prepare.init(settings, place, now=now)  # the rows that were put in look as those before them
        outcome = sync(settings, place, period=str(week), as_of=day, now=now)
    assert outcome is not None  # noqa: S101 - there are at least two weeks
    from sheetsync.local import backup  # the local workbook is loaded only where it is used

    backup.forget(file)  # of the weeks before: nobody has typed here yet
    progress("drawing the dashboard")
    page = export.export(settings, place, "dashboard", folder / "dashboard.html")
    return Built(outcome, settings, config, settings.workbook.spreadsheet, file, page, kept)


def _close(settings: Settings, place: Place, weeks: Sequence[Period], now: datetime, progress: Progress) -> None:
    """Closes the last month that has ended, and the two weeks before the last two, on a Monday morning."""
    month = Period.containing(now.date(), Kind.MONTH).previous
    if month.end >= weeks[0].start:
        progress(f"syncing and closing {month}")
        sync(settings, place, period=str(month), now=now)
        close(settings, place, period=str(month), now=now)
    for week in weeks[-4:-2]:
        progress(f"closing {week}")
        close(settings, place, period=str(week), now=now)


def _own_configuration(folder: Path) -> Path:
    """The built-in department's configuration, written where a person can read and change it."""
    target = folder / "targets.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files("sheetsync").joinpath("demo.yaml").read_bytes())
    except OSError as error:
        raise _unwritable(target, error) from error
    return target


def _last_day(until: date | None, today: date) -> date:
    if until is not None and until > today:
        raise UsageError(f"the demo can't stand on {until}, which is in the future", remedy="Name an earlier --until.")
    last = until or today - timedelta(days=(today.weekday() - 3) % 7)
    return last - timedelta(days=max(0, last.weekday() - 4))  # nobody works at the weekend


def _make(file: Path, settings: Settings, place: Place) -> Path | None:
    """An empty workbook in place of an earlier demo's; where that was moved to because somebody had changed it."""
    from sheetsync.local.app import Workbooks  # the local workbook is loaded only where it is used

    changed = _changed(file)  # before it is opened, which touches it
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists() and file.stat().st_size and not _is_ours(settings, place):
            raise UsageError(
                "this workbook is not one that the demo made, so it is left as it is",
                where=str(file),
                remedy="Name another --folder, or move the file away.",
            )
        kept = file.replace(file.with_name(f"{file.stem}-{changed:%Y%m%d-%H%M%S}{file.suffix}")) if changed else None
        for name in (file, *(file.with_name(file.name + ending) for ending in ("-wal", "-shm"))):
            name.unlink(missing_ok=True)
        workbooks = Workbooks.open(file)
    except OSError as error:
        raise _unwritable(file, error) from error
    workbooks.create({"properties": {"title": _TITLE + settings.department.name, **prepare.habits(settings)}})
    workbooks.close()
    return kept


def _changed(file: Path) -> datetime | None:
    """When a workbook was changed after the demo had drawn its page; None where it was not."""
    page, ahead = file.with_name("dashboard.html"), file.with_name(file.name + "-wal")
    if not file.exists() or not page.exists():
        return None
    last = max(each.stat().st_mtime for each in (file, ahead) if each.exists())
    return datetime.fromtimestamp(last).astimezone() if last > page.stat().st_mtime else None


def _is_ours(settings: Settings, place: Place) -> bool:
    try:
        with open_workbook(settings, place) as book:
            return str(book.metadata()["properties"]["title"]).startswith(_TITLE)
    except SheetsyncError:
        return False


def _unwritable(file: Path, error: OSError) -> UsageError:
    return UsageError(
        f"the demo can't be written here ({error.strerror or error})",
        where=str(file),
        remedy="Name another folder with --folder.",
    )
