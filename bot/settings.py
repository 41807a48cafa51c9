"""Settings: flags first, then `SIGNPOST_*` variables, then `signpost.toml` beside the wrapper; read once into one object."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from bot.errors import StartError

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "SIGNPOST_"

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
