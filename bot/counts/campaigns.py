"""The campaigns: who ran what, where and when, from `data/campaigns/*.yml`. A link or a poster carries a campaign's code."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

import msgspec

from bot.answers.catalogue import read_mapping
from bot.counts.models import NONE
from bot.errors import StartError

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")

_Code = Annotated[str, msgspec.Meta(pattern=rf"^{_NAME.pattern}$")]
_Words = Annotated[str, msgspec.Meta(min_length=3, max_length=100)]


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry as it is written in the file. A date may be a month, where the source gives no day."""

    name: _Words
    area: _Code
    partner: _Words
    starts: Any
    source: Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s]+$")]
    checked: date
    grade: Literal["A", "B", "C"]
    region: _Code | None = None
    ends: Any = None


class Campaign(msgspec.Struct, frozen=True):
    """One campaign in one area. `starts` and `ends` are its first and its last day; `ends` is None where nobody says."""

    code: str
    name: str
    area: str
    region: str | None
    partner: str
    starts: date
    ends: date | None
    source: str
    checked: date
    grade: str
    file: str


Campaigns = Mapping[str, Campaign]


def load_campaigns(folder: Path) -> Campaigns:
    """Read every entry of every file in `folder`, which may be empty: a service without campaigns is fine.

    Raises:
        StartError: names the file, the entry and the field that is wrong.
    """
    campaigns: dict[str, Campaign] = {}
    for path in sorted(folder.glob("*.yml")):
        for code, written in read_mapping(path).items():
            if code in campaigns:
                raise StartError(f"{path}: {code}: is in {campaigns[code].file} already")
            campaigns[code] = _campaign(path, code, written)
    return MappingProxyType(campaigns)


def known(campaigns: Campaigns, code: object) -> str | None:
    """The code of a campaign, however a person has typed it off a poster; None for anything else."""
    tidy = code.strip().lower() if isinstance(code, str) else None
    return tidy if tidy in campaigns else None


def _campaign(path: Path, code: str, content: Any) -> Campaign:
    if not _NAME.fullmatch(code):
        raise StartError(f"{path}: {code}: a code is up to 40 small letters, digits and _, and begins with a letter")
    try:
        written = msgspec.convert(content, Written)
        starts = _day(written.starts, "starts")
        ends = None if written.ends is None else _day(written.ends, "ends", last=True)
    except ValueError as error:  # msgspec.ValidationError is one; its text ends in "- at `$.field`"
        raise StartError(f"{path}: {code}: {error}") from error
    if ends is not None and ends < starts:
        raise StartError(f"{path}: {code}: ends before it starts")
    if NONE in (code, written.area, written.region):
        raise StartError(f"{path}: {code}: `{NONE}` stands for no campaign and no area")
    return Campaign(
        code=code,
        name=written.name,
        area=written.area,
        region=written.region,
        partner=written.partner,
        starts=starts,
        ends=ends,
        source=written.source,
        checked=written.checked,
        grade=written.grade,
        file=path.name,
    )


def _day(written: object, field: str, *, last: bool = False) -> date:
    """The day itself, or the first or last of a month. Raises ValueError for what is neither."""
    if isinstance(written, date):
        return written
    month = _MONTH.fullmatch(written) if isinstance(written, str) else None
    if month is None:
        raise ValueError(f"{written!r} is neither a day (2018-01-31) nor a month (2018-01) - at `$.{field}`")
    year, number = int(month[1]), int(month[2])
    return date(year, number, calendar.monthrange(year, number)[1] if last else 1)
