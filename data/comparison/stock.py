"""Stock Rasa's side of the comparison: train its default pipeline (DIET) on one file, read others, say what it took.

Run by `run.py` with the Python of a venv that holds rasa 3.6.21 and nothing of ours:
`stock.py nlu.yml messages.json answers.json`. Messages are a JSON list of texts.
"""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

from rasa.core.agent import Agent
from rasa.model_training import train_nlu

#: `rasa init`'s pipeline, as its template leaves it to Rasa to choose.
CONFIG = """
recipe: default.v1
language: en
pipeline:
- name: WhitespaceTokenizer
- name: RegexFeaturizer
- name: LexicalSyntacticFeaturizer
- name: CountVectorsFeaturizer
- name: CountVectorsFeaturizer
  analyzer: char_wb
  min_ngram: 1
  max_ngram: 4
- name: DIETClassifier
  epochs: 100
  constrain_similarities: true
- name: FallbackClassifier
  threshold: 0.3
  ambiguity_threshold: 0.1
"""


def main() -> None:
    nlu, messages, answers = map(Path, sys.argv[1:])
    config = nlu.with_name("config.yml")
    config.write_text(CONFIG)
    began = time.perf_counter()
    model = train_nlu(str(config), str(nlu), str(nlu.parent))
    trained = time.perf_counter() - began
    agent = Agent.load(model)
    asyncio.run(agent.parse_message("hello"))
    found = []
    for text in json.loads(messages.read_text()):
        cpu, clock = time.process_time(), time.perf_counter()
        parsed = asyncio.run(agent.parse_message(text))
        took = time.perf_counter() - clock, time.process_time() - cpu
        found.append([parsed["intent"]["name"] or "nlu_fallback", *took])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answers.write_text(json.dumps({"found": found, "seconds": trained, "megabytes": memory}))


if __name__ == "__main__":
    main()
