"""The classifier as a component of Rasa's graph. Rasa imports this module by its name in `bot/config.yml`."""

from __future__ import annotations

from hashlib import sha256
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

from bot.understanding.classifier import RouteModel, train
from bot.understanding.text import clean


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class RouteClassifier(GraphComponent, IntentClassifier):  # type: ignore[misc]
    """Ranks the labels of the training data for a text. A label is a route, or `out_of_scope/<kind>`."""

    def __init__(self, model_storage: ModelStorage, resource: Resource, model: RouteModel | None = None) -> None:
        self._model_storage, self._resource, self._model = model_storage, resource, model

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RouteClassifier:
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> RouteClassifier:
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, RouteModel.load(Path(folder)))

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> str:
        """Rasa's fingerprint covers this file only; a change in what it stands on must retrain too."""
        beside = sorted(Path(__file__).parent.glob("*.py"))
        return sha256(b"".join(path.read_bytes() for path in beside)).hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        examples = training_data.intent_examples
        texts = [clean(example.get(TEXT)) for example in examples]
        labels = [_label(example) for example in examples]
        self._model = train(texts, labels)
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(Path(folder))
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            ranking = self._rank(message.get(TEXT) or "")
            # Rasa knows intents only, not the kinds of `out_of_scope`.
            best = {**ranking[0], "name": ranking[0]["name"].partition("/")[0]}
            message.set(INTENT, best, add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _rank(self, text: str) -> list[dict[str, Any]]:
        assert self._model is not None, "process before train or load"  # noqa: S101
        likely = self._model.probabilities(text)
        order = likely.argsort()[::-1]
        return [{"name": self._model.labels[i], "confidence": float(likely[i])} for i in order]


def _label(example: Message) -> str:
    """An example's intent, with its kind where the training data gives one (`metadata: {kind: ...}`)."""
    kind = ((example.get("metadata") or {}).get(INTENT) or {}).get("kind")
    return f"{example.get(INTENT)}/{kind}" if kind else str(example.get(INTENT))
