"""Settings: flags first, then `SIGNPOST_*` variables, then `signpost.toml` beside the wrapper; read once into one object."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from bot.errors import StartError

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "SIGNPOST_"

#: Where "leave quickly" leads. Decision record 0009 says why there.
EXIT_URL = "https://www.bbc.co.uk/weather"
#: Scheme, host and port, and nothing that could end a Content-Security-Policy's directive.
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?")
_Positive = Annotated[int, msgspec.Meta(ge=1)]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that can be set. README.md explains each in a line; a test fails when one is missing there."""

    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8080
    model: Path = ROOT / "models" / "signpost.tar.gz"
    data: Path = ROOT / "data"
    max_conversations: _Positive = 20_000
    idle_minutes: _Positive = 30
    lifetime_minutes: _Positive = 240
    max_waiting: _Positive = 256
    max_connections: _Positive = 600
    max_per_minute: _Positive = 600
    trusted_proxies: str = ""
    frame_ancestors: str = ""
    exit_url: Annotated[str, msgspec.Meta(pattern=r"^https://[^\s\"'<>]+$")] = EXIT_URL
    database: str = f"sqlite:///{quote(str(ROOT / 'var' / 'counts.sqlite'))}"
    months_after_weeks: _Positive = 13
    half_years_after_months: _Positive = 24
    base_url: str = "http://127.0.0.1:8080"

    @property
    def frame_origins(self) -> tuple[str, ...]:
        """The origins of `frame_ancestors`. Raises StartError for anything that is not `https://host` or `http://host[:port]`."""
        origins = tuple(origin.strip() for origin in self.frame_ancestors.split(",") if origin.strip())
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise StartError(f"frame_ancestors: {origin!r} is no origin: write it like https://partner.example")
        return origins


def load_settings(
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] = os.environ,
    file: Path = ROOT / "signpost.toml",
) -> Settings:
    """Put the settings together. A flag that is None was not given.

    Raises:
        StartError: an unknown name, or a value of the wrong kind, with the place it was written in.
    """
    values: dict[str, Any] = {}
    if file.exists():
        try:
            written = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise StartError(f"{file}: {error}") from error
        values.update(_checked(written, str(file)))
    # SIGNPOST_PYTHON belongs to the wrapper.
    variables = {k.removeprefix(PREFIX).lower(): v for k, v in environment.items() if k.startswith(PREFIX)}
    variables.pop("python", None)
    values.update(_checked(variables, "the environment"))
    values.update(_checked({k: v for k, v in (flags or {}).items() if v is not None}, "the command line"))
    return Settings(**values)


def _checked(written: Mapping[str, Any], place: str) -> dict[str, Any]:
    try:
        settings = msgspec.convert(dict(written), Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise StartError(f"{place}: {error}") from error
    return {name: getattr(settings, name) for name in written}


def _path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    if isinstance(value, Path):
        return value
    raise TypeError(f"expected a path, not {type(value).__name__}")
