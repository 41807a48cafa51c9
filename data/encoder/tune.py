"""Tune the sentence encoder on the project's own lines, so that it tells our close neighbours apart.

Run by hand, never at install or run time, in a venv of its own with torch, numpy, safetensors, msgspec and PyYAML, from the
project's folder; README.md beside this has the commands. It starts from the same weights as `export.py`, learns for five
epochs (half an hour to three quarters on two cores) and writes weights that `export.py --tuned` exports.

Each step pulls a batch three ways: a linear head must name each line's label, another must tell a crisis from all the rest,
and lines of one label must lie nearer to each other than to the rest (supervised contrastive loss, Khosla and others 2020,
arXiv 2004.11362). A third of the lines is misspelt anew each time, so that a slip costs little. Some are joined with another,
since people ask when it is open and say in the same breath that they want to die: with a crisis in it the two are a crisis,
two ordinary lines bear both labels, lest whatever speaks of two things be taken for a crisis. The word vectors stay as they
are, or rare words would drift. What is written is the mean of the weights over the last steps, which errs less than the last
of them.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
import yaml
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from bot.understanding.text import clean
from bot.understanding.wordpiece import WordPiece

HERE = Path(__file__).parent
LAYERS, HEADS, HIDDEN, EPSILON = 6, 12, 384, 1e-12
BATCH, DROPOUT = 32, 0.1
ENCODER_RATE, HEAD_RATE = 6e-5, 2e-3
#: Vectors have length 1; the head's scores need room.
SCALE = 20.0
CONTRAST, CONTRAST_TEMPERATURE, SMOOTHING = 0.3, 0.1, 0.05
MISSPELT, JOINED = 0.35, 0.15
#: As in `bot.understanding.safety`, whose imports are not in this venv.
CRISES = ("immediate_danger", "suicide_crisis")
#: How much it counts to tell a crisis from the rest, beside naming the label.
NOTICING = 0.5
#: Of the mean of the weights, what a step keeps; it is over some thousand steps.
REMEMBERED = 0.999


class Bert(nn.Module):
    """all-MiniLM-L6-v2 with its mean pooling: ids and mask, both (batch, length), to unit vectors (batch, 384)."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        super().__init__()
        kept = {name: value.float() for name, value in weights.items() if value.is_floating_point() and "pooler" not in name}
        self.held = nn.ParameterDict(
            {name.replace(".", "/"): nn.Parameter(value, "word_embeddings" not in name) for name, value in kept.items()}
        )

    def weight(self, name: str) -> Tensor:
        return self.held[name.replace(".", "/")]

    def dense(self, x: Tensor, name: str) -> Tensor:
        return functional.linear(x, self.weight(f"{name}.weight"), self.weight(f"{name}.bias"))

    def norm(self, x: Tensor, name: str) -> Tensor:
        return functional.layer_norm(x, (HIDDEN,), self.weight(f"{name}.weight"), self.weight(f"{name}.bias"), EPSILON)

    def drop(self, x: Tensor) -> Tensor:
        return functional.dropout(x, DROPOUT, self.training)

    def attention(self, x: Tensor, mask: Tensor, name: str) -> Tensor:
        parts = (self.dense(x, f"{name}.self.{part}") for part in ("query", "key", "value"))
        heads = (part.unflatten(2, (HEADS, -1)).transpose(1, 2) for part in parts)
        dropout = DROPOUT if self.training else 0.0
        seen = functional.scaled_dot_product_attention(*heads, attn_mask=mask[:, None, None, :], dropout_p=dropout)
        return self.dense(seen.transpose(1, 2).flatten(2), f"{name}.output.dense")

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        x = functional.embedding(ids, self.weight("embeddings.word_embeddings.weight"))
        x = x + self.weight("embeddings.position_embeddings.weight")[: ids.shape[1]]
        x = self.drop(self.norm(x + self.weight("embeddings.token_type_embeddings.weight")[0], "embeddings.LayerNorm"))
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}"
            seen = self.attention(x, mask, f"{name}.attention")
            x = self.norm(x + self.drop(seen), f"{name}.attention.output.LayerNorm")
            wide = functional.gelu(self.dense(x, f"{name}.intermediate.dense"))
            x = self.norm(x + self.drop(self.dense(wide, f"{name}.output.dense")), f"{name}.output.LayerNorm")
        shown = mask[..., None].float()
        return functional.normalize((x * shown).sum(1) / shown.sum(1), dim=1)


def read_lines(folder: Path) -> tuple[list[str], list[str]]:
    """The training lines, cleaned, and their labels with the kinds of `out_of_scope`."""
    texts: list[str] = []
    labels: list[str] = []
    for path in sorted(folder.glob("*.yml")):
        for intent in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            kind = (intent.get("metadata") or {}).get("kind")
            lines = [clean(line.removeprefix("- ")) for line in intent["examples"].splitlines()]
            texts += lines
            labels += [f"{intent['intent']}/{kind}" if kind else intent["intent"]] * len(lines)
    return texts, labels


def misspell(text: str, chance: random.Random) -> str:
    """One slip in a fifth of the longer words; now and then no capitals and apostrophes either."""
    words = [_slip(word, chance) if len(word) > 3 and chance.random() < 0.2 else word for word in text.split()]
    joined = " ".join(words)
    return joined.replace("'", "").lower() if chance.random() < 0.5 else joined


def _slip(word: str, chance: random.Random) -> str:
    place = chance.randrange(1, len(word))
    before, letter, after = word[:place], word[place], word[place + 1 :]
    return chance.choice(
        [
            before + after,
            before + after[:1] + letter + after[1:],
            before + chance.choice("aeiounrst") + letter + after,
            before + letter * 2 + after,
        ]
    )


def join(text: str, other: str, chance: random.Random) -> str:
    """Two lines in one message, in either order."""
    both = [text, other]
    chance.shuffle(both)
    return chance.choice([". ", " ", ", "]).join(both)


def partner(name: str, everything: Sequence[int], ordinary: Sequence[int], chance: random.Random) -> int:
    """The place of a line to join one of this label with: a crisis with any line, the rest with no crisis."""
    return chance.choice(everything if name in CRISES else ordinary)


def batches(texts: list[str], chance: random.Random) -> Iterator[list[int]]:
    """Places of the texts in batches of like length, in another order each time."""
    order = list(range(len(texts)))
    chance.shuffle(order)
    found: list[list[int]] = []
    for start in range(0, len(order), BATCH * 20):
        near = sorted(order[start : start + BATCH * 20], key=lambda i: len(texts[i]))
        found += [near[i : i + BATCH] for i in range(0, len(near), BATCH)]
    chance.shuffle(found)
    yield from found


def tensors(texts: list[str], tokenizer: WordPiece) -> tuple[Tensor, Tensor]:
    encoded = [tokenizer.encode(text) for text in texts]
    length = max(map(len, encoded))
    ids = torch.tensor([one + [0] * (length - len(one)) for one in encoded])
    return ids, torch.tensor([[True] * len(one) + [False] * (length - len(one)) for one in encoded])


def rarity(labels: Tensor) -> Tensor:
    """How much a line of each label counts: the more, the fewer lines it has."""
    counts = torch.bincount(labels).float()
    return (counts.mean() / counts).sqrt()


def alone(labels: Tensor, also: Tensor) -> Tensor:
    """The labels, but one of its own for each line that bears two: it is like no other."""
    return torch.where(labels == also, labels, -1 - torch.arange(len(labels)))


def contrast(vectors: Tensor, labels: Tensor) -> Tensor:
    """The supervised contrastive loss of a batch; 0 where no label is there twice."""
    itself = torch.eye(len(labels), dtype=torch.bool)
    same = (labels[:, None] == labels[None]) & ~itself
    near = (vectors @ vectors.T / CONTRAST_TEMPERATURE).masked_fill(itself, -1e9)
    share = near - near.logsumexp(1, keepdim=True)
    paired = same.any(1)
    return -((share * same).sum(1)[paired] / same.sum(1)[paired]).mean() if paired.any() else vectors.new_zeros(())


def main() -> None:
    parser = argparse.ArgumentParser(description="Tune the encoder on data/nlu and write the tuned weights.")
    parser.add_argument("weights", type=Path, help="model.safetensors of all-MiniLM-L6-v2")
    parser.add_argument("out", type=Path, help="where to write the tuned weights")
    parser.add_argument("--epochs", type=int, default=5)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    chance = random.Random(1)  # noqa: S311  # so that it can be made again

    texts, names = read_lines(HERE.parent / "nlu")
    places = {name: place for place, name in enumerate(sorted(set(names)))}
    labels = torch.tensor([places[name] for name in names])
    crises = torch.tensor([CRISES.index(name) + 1 if name in CRISES else 0 for name in names])
    rare, rare_crises = rarity(labels), rarity(crises)
    everything = range(len(texts))
    ordinary = [place for place in everything if names[place] not in CRISES]
    tokenizer = WordPiece.read(HERE / "vocab.txt")
    encoder, head, alarm = (
        Bert(load_file(arguments.weights)),
        nn.Linear(HIDDEN, len(places)),
        nn.Linear(HIDDEN, len(CRISES) + 1),
    )
    for linear in (head, alarm):
        nn.init.normal_(linear.weight, std=0.02)
    learning = [parameter for parameter in encoder.parameters() if parameter.requires_grad]
    heads = [*head.parameters(), *alarm.parameters()]
    optimizer = torch.optim.AdamW(
        [{"params": learning, "lr": ENCODER_RATE}, {"params": heads, "lr": HEAD_RATE}], weight_decay=0.01
    )
    mean = torch.optim.swa_utils.AveragedModel(encoder, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(REMEMBERED))
    steps = arguments.epochs * (math.ceil(len(texts) / BATCH) + 1)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimizer, [ENCODER_RATE, HEAD_RATE], total_steps=steps, pct_start=0.1)
    for epoch in range(arguments.epochs):
        for batch in batches(texts, chance):
            others = [partner(names[i], everything, ordinary, chance) if chance.random() < JOINED else i for i in batch]
            typed = [texts[i] if i == j else join(texts[i], texts[j], chance) for i, j in zip(batch, others, strict=True)]
            typed = [misspell(text, chance) if chance.random() < MISSPELT else text for text in typed]
            with torch.autocast("cpu", dtype=torch.bfloat16):
                vectors = encoder(*tensors(typed, tokenizer)).float()
            wanted = labels[batch]
            also = torch.where(crises[batch] > 0, wanted, labels[others])
            scores = head(vectors) * SCALE
            named = sum(functional.cross_entropy(scores, each, rare, label_smoothing=SMOOTHING) / 2 for each in (wanted, also))
            noticed = functional.cross_entropy(alarm(vectors) * SCALE, crises[batch], rare_crises, label_smoothing=SMOOTHING)
            loss = named + NOTICING * noticed + CONTRAST * contrast(vectors, alone(wanted, also))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
            optimizer.step()
            rates.step()
            mean.update_parameters(encoder)
        sys.stdout.write(f"epoch {epoch + 1} of {arguments.epochs}: loss {loss.item():.3f}\n")
        sys.stdout.flush()
    save_file({name.replace("/", "."): value.detach().contiguous() for name, value in mean.module.held.items()}, arguments.out)


if __name__ == "__main__":
    main()
