"""The commands: make a report, and import figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from bot.answers.catalogue import load_catalogue
from bot.answers.hours import UK
from bot.counts.assemble import make_report
from bot.counts.campaigns import load_campaigns
from bot.counts.database import open_database, writing
from bot.counts.earlier import read_report
from bot.counts.figures import import_figures, shipped
from bot.counts.render import as_csv, as_html, as_json
from bot.counts.report import Report
from bot.counts.show import show
from bot.errors import StartError
from bot.settings import Settings


def report(
    settings: Settings,
    out: Console,
    *,
    area: str | None,
    period: str | None,
    against: str | None,
    earlier: Sequence[Path],
    files: Mapping[str, Path | None],
) -> None:
    """Print the report and write it to the files that are named, by form: html, csv, json.

    Raises:
        StartError: the area or a period makes no sense, the database can't be read, or a file can't be written.
    """
    data = settings.data
    try:
        made = make_report(
            open_database(settings.database) if settings.database else None,
            load_campaigns(data / "campaigns"),
            load_catalogue(data / "catalogue"),
            shipped(data / "figures"),
            datetime.now(UTC),
            area=area,
            period=period,
            against=against,
            earlier=[read_report(path) for path in earlier],
        )
    except SQLAlchemyError as error:
        raise StartError(f"database: can't be read ({type(error).__name__}): see SIGNPOST_DATABASE") from error
    show(made, out)
    forms: dict[str, Callable[[Report], str | bytes]] = {"html": as_html, "csv": as_csv, "json": as_json}
    for form, path in files.items():
        if path is not None:
            _write(path, forms[form](made))
            out.print(f"Wrote {path}.", markup=False, soft_wrap=True)


def import_file(settings: Settings, path: Path, out: Console) -> None:
    """Import the figures of a file and say what they are.

    Raises:
        StartError: counting is turned off, the database can't be written, or a line is wrong.
    """
    if not settings.database:
        raise StartError("counting is turned off, so there is no database to keep figures in: set SIGNPOST_DATABASE")
    already = shipped(settings.data / "figures")
    try:
        with writing(open_database(settings.database)).begin() as connection:
            new, there = import_figures(connection, path, already, datetime.now(UK).date())
    except SQLAlchemyError as error:
        raise StartError(f"database: can't be written ({type(error).__name__}): see SIGNPOST_DATABASE") from error
    for figure in new:
        out.print(f"{figure}: {figure.number:,}", markup=False, soft_wrap=True)
    out.print(f"Imported {len(new)} figures; {there} were there already.", markup=False)
    campaigns = load_campaigns(settings.data / "campaigns").values()
    known = {area for campaign in campaigns for area in (campaign.area, campaign.region)}
    if other := sorted({figure.area for figure in new} - known):
        out.print(f"No campaign is known in {', '.join(other)}: a slip of the pen, or an area to compare with.", markup=False)


def _write(path: Path, content: str | bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise StartError(f"{path}: can't be written ({error.strerror}): choose another place") from error
