"""Import Rasa without the libraries that Signpost neither needs nor installs.

Rasa 3.6 imports TensorFlow, every chat platform's client and several cloud clients the moment its agent is imported,
although RulePolicy and our own components use none of them. Leaving them out saves 2 GB of disk, 0.8 GB of memory and a
minute of start-up, and it is a privacy measure too: what could send a message to Slack, Telegram, Sentry or Kafka is not
on the machine at all. `0002-rasa-as-a-library.md` has the measurements.

The stand-ins exist only while Rasa is being imported. They are taken out of `sys.modules` afterwards, since other
libraries (matplotlib among them) ask whether TensorFlow is loaded and would try to use them.
"""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from abc import ABCMeta
from collections.abc import Iterator, MutableSequence, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from bot.errors import StartError

RASA_VERSION = "3.6.21"

#: Top-level packages that Rasa imports and Signpost does without.
NOT_INSTALLED = frozenset(
    {
        # numerical back ends of classifiers and policies that we don't use
        *("tensorflow", "tensorflow_hub", "tensorflow_text", "keras", "sklearn_crfsuite", "mitie", "spacy", "skops"),
        # chat platforms
        *(
            "aiogram",
            "fbmessenger",
            "google",
            "cachecontrol",
            "rocketchat_API",
            "slack_sdk",
            "socketio",
            "twilio",
            "webexteamssdk",
        ),
        # storage and message brokers elsewhere, error reporting to elsewhere
        *("aio_pika", "aiormq", "boto3", "botocore", "confluent_kafka", "pymongo", "redis"),
        *("sentry_sdk", "structlog_sentry"),
        # the HTTP server that we don't run
        *("jwt", "sanic_cors", "sanic_jwt", "websockets"),
        # makes up names for models; ours has one
        "randomname",
    }
)

#: Importing these pulls in everything that Rasa reads lazily later on, such as each component a stored model may name.
RASA_MODULES = (
    "rasa.core.agent",
    "rasa.core.channels.channel",
    "rasa.engine.recipes.default_components",
    "rasa.model_training",
)


class _StandInType(ABCMeta):
    """Any attribute of a stand-in class is another stand-in class; it can be a base class, a decorator or an annotation."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return _stand_in(name)


def _stand_in(name: str) -> Any:
    return _StandInType(name, (), {"__init__": lambda self, *args, **kwargs: None})


class _StandInModule(ModuleType):
    __path__: MutableSequence[str] = []  # noqa: RUF012  # nothing is ever looked up in it

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _stand_in(name)


class _Finder(MetaPathFinder, Loader):
    """Answers for `NOT_INSTALLED` and everything below it; leaves all else to the ordinary finders."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname.partition(".")[0] not in NOT_INSTALLED:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandInModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """A stand-in has nothing to run."""


@contextmanager
def _stand_ins() -> Iterator[None]:
    finder = _Finder()
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in NOT_INSTALLED}
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name, module in sys.modules.items() if isinstance(module, _StandInModule)]:
            del sys.modules[name]
        sys.modules.update(hidden)


def import_rasa(*more: str) -> None:
    """Import the parts of Rasa that Signpost uses, and `more` modules of it. Call it after logging is configured.

    Raises:
        StartError: Rasa is missing, or is not the one version whose inside the engine package was written against.
    """
    wanted = [name for name in (*RASA_MODULES, *more) if name not in sys.modules]
    if not wanted:
        return
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ["LOG_LEVEL"] = "ERROR"  # at this level it draws none of its progress bars
    with warnings.catch_warnings():
        # Old code under new Pythons: deprecations that nobody here can act on.
        warnings.simplefilter("ignore")
        with _stand_ins():
            try:
                version = importlib.import_module("rasa.version").__version__
            except ModuleNotFoundError as error:
                raise StartError("Rasa is not installed: start Signpost through ./signpost, which installs it") from error
            if version != RASA_VERSION:
                raise StartError(f"this needs Rasa {RASA_VERSION}, but {version} is installed: run ./signpost once")
            for name in wanted:
                importlib.import_module(name)
