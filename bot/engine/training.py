"""Train a model with Rasa. `bot.engine.import_guard.import_rasa` must have run before this module is imported."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

from rasa.model_training import train as rasa_train

from bot.engine.fingerprint import CONFIG, DOMAIN, fingerprint, stamp
from bot.errors import StartError
from bot.understanding.safety import Lexicon


def train(model: Path, data: Path) -> None:
    """Train and write the model. An interrupted training leaves the old model in place.

    Raises:
        StartError: Rasa refuses the data; its reason is in the message. Or the lexicon is wrong.
    """
    Lexicon(data / "lexicon")  # whoever made a mistake in it hears so now, and not after a minute of training
    model.parent.mkdir(parents=True, exist_ok=True)
    made_from = fingerprint(data)
    name = f"{model.name.removesuffix('.tar.gz')}.unfinished"
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            result = rasa_train(
                domain=str(DOMAIN),
                config=str(CONFIG),
                training_files=[str(data / "nlu"), str(data / "rules")],
                output=str(model.parent),
                fixed_model_name=name,
                force_training=True,
            )
    except StartError:
        raise
    except Exception as error:
        raise StartError(f"training failed: {' '.join(str(error).split())[:300]}") from error
    if not result.model:
        raise StartError("training failed: Rasa made no model from bot/domain, data/nlu and data/rules")
    stamp(model).unlink(missing_ok=True)
    Path(result.model).replace(model)
    stamp(model).write_text(made_from)
