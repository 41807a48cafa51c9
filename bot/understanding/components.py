"""The classifier as a component of Rasa's graph. Rasa imports this module by its name in `bot/config.yml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.settings import ROOT
from bot.understanding.classifier import Classifier, RouteModel, train
from bot.understanding.encoder import Encoder
from bot.understanding.made_from import made_from
from bot.understanding.safety import CRISIS
from bot.understanding.spelling import Spelling
from bot.understanding.text import clean

#: Where a parsed message carries the shares of the labels, those of the crisis head among them.
SHARES = "shares"


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class RouteClassifier(GraphComponent, IntentClassifier):  # type: ignore[misc]
    """Says how likely each label of the training data is for a text. A label is a route, or `out_of_scope/<kind>`."""

    def __init__(self, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config, self._model_storage, self._resource = config, model_storage, resource
        self._classifier: Classifier | None = None

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Files that the model needs beside what it learns, from the project's folder."""
        return {"encoder": "data/encoder", "english": "data/spelling/english.txt"}

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RouteClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> RouteClassifier:
        loaded = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            loaded._use(RouteModel.load(Path(folder)), Encoder(ROOT / config["encoder"]))
        return loaded

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> str:
        """Rasa's fingerprint covers this file only; a change in what it stands on must retrain too."""
        return made_from(ROOT / "data")

    def train(self, training_data: TrainingData) -> Resource:
        examples = training_data.intent_examples
        encoder = Encoder(ROOT / self._config["encoder"])
        model = train([clean(example.get(TEXT)) for example in examples], [_label(example) for example in examples], encoder)
        with self._model_storage.write_to(self._resource) as folder:
            model.save(Path(folder))
        self._use(model, encoder)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        assert self._classifier is not None, "process before train or load"  # noqa: S101
        for message in messages:
            shares = self._classifier.shares(message.get(TEXT) or "")
            likeliest = max((label for label in shares if not label.startswith(CRISIS)), key=lambda label: shares[label])
            # Rasa knows intents only, not the kinds of `out_of_scope`.
            intent = {"name": likeliest.partition("/")[0], "confidence": shares[likeliest]}
            message.set(INTENT, intent, add_to_output=True)
            message.set("intent_ranking", [intent], add_to_output=True)
            message.set(SHARES, shares, add_to_output=True)
        return messages

    def _use(self, model: RouteModel, encoder: Encoder) -> None:
        spelling = Spelling.read(ROOT / self._config["english"], model.words)
        self._classifier = Classifier(model, encoder, spelling)


def _label(example: Message) -> str:
    """An example's intent, with its kind where the training data gives one (`metadata: {kind: ...}`)."""
    kind = ((example.get("metadata") or {}).get(INTENT) or {}).get("kind")
    return f"{example.get(INTENT)}/{kind}" if kind else str(example.get(INTENT))
