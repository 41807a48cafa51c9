"""The sentence encoder: a text in, a vector of what it is about out, on this machine and on one thread.

`data/encoder/` holds the network, its vocabulary and a manifest of checksums. A damaged file would not crash but answer
nonsense, so every file is checked before it is used. Nothing of a text stays: no cache, no log, no telemetry.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import file_digest
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from bot.errors import StartError
from bot.understanding.wordpiece import WordPiece

#: The length of a vector.
SIZE: Final = 384

_MODEL: Final = "encoder.onnx"
_VOCABULARY: Final = "vocab.txt"
_MANIFEST: Final = "manifest.json"
_ERRORS_ONLY: Final = 3


class _File(msgspec.Struct, frozen=True):
    name: str
    bytes: int
    sha256: str


class _Manifest(msgspec.Struct, frozen=True):
    """What the exporter wrote, but for the parts that are for people to read."""

    files: list[_File]


def _wrong(name: str, expected: str, found: str) -> StartError:
    return StartError(f"{name}: expected {expected}, found: {found}. Get the folder data/encoder again")


def _checksums(folder: Path) -> dict[str, str]:
    """The sha256 of each file of the manifest by its name, all of them found as they should be.

    Raises:
        StartError: the manifest or a file is missing or not as it was made.
    """
    try:
        manifest = msgspec.json.decode((folder / _MANIFEST).read_bytes(), type=_Manifest)
    except OSError as error:
        raise _wrong(_MANIFEST, "the list of files", "missing") from error
    except msgspec.DecodeError as error:
        raise _wrong(_MANIFEST, "the list of files", str(error)) from error
    for file in manifest.files:
        try:
            with (folder / file.name).open("rb") as content:
                found = file_digest(content, "sha256").hexdigest()
                size = content.tell()
        except OSError as error:
            raise _wrong(file.name, f"sha256 {file.sha256}", "missing") from error
        if (size, found) != (file.bytes, file.sha256):
            expected = f"sha256 {file.sha256} ({file.bytes} bytes)"
            raise _wrong(file.name, expected, f"sha256 {found} ({size} bytes)")
    checksums = {file.name: file.sha256 for file in manifest.files}
    for name in (_MODEL, _VOCABULARY):
        if name not in checksums:
            raise _wrong(_MANIFEST, f"an entry for {name}", "none")
    return checksums


def _session(model: Path) -> onnxruntime.InferenceSession:
    onnxruntime.disable_telemetry_events()
    onnxruntime.set_default_logger_severity(_ERRORS_ONLY)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    # A second thread makes a short text slower, and the web server needs the other core.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    # Both are for inputs of one shape. Texts have all lengths, and without these it is as fast and memory stays flat.
    options.enable_mem_pattern = False
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(
        model,
        options,
        providers=["CPUExecutionProvider"],
        # This fusion costs a tenth of the time: the fused operator is slower than the two that it replaces.
        disabled_optimizers=["SkipLayerNormFusion"],
    )


class Encoder:
    """Makes vectors of length 1, so that the product of two is their likeness: 1 the same, about 0 unrelated.

    May be used from several threads at once.
    """

    def __init__(self, folder: Path) -> None:
        """Check and load what is in `folder`: about 0.1 s and 40 MB.

        Raises:
            StartError: a file is missing or not as it was made. The line names it and both checksums.
        """
        self._checksum = _checksums(folder)[_MODEL]
        self._tokenizer = WordPiece.read(folder / _VOCABULARY)
        self._session = _session(folder / _MODEL)

    @property
    def checksum(self) -> str:
        """The sha256 of the network, in hexadecimal: vectors of another network must not be mixed with its own."""
        return self._checksum

    def encode(self, text: str) -> NDArray[np.float32]:
        """The vector of one text, of shape (384,). Any string has one, the empty one too; never an error."""
        ids = np.array([self._tokenizer.encode(text)], dtype=np.int64)
        outputs = self._session.run(["embedding"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        vector: NDArray[np.float32] = outputs[0][0]
        return vector

    def encode_many(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of many texts in their order, of shape (n, 384), each the very one that `encode` gives.

        One by one on purpose. The network rounds to int8 by the largest number in the whole batch, so a text's vector
        would depend on its neighbours (cosine down to 0.98 to its own), to save a quarter of the time.
        """
        vectors = np.empty((len(texts), SIZE), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self.encode(text)
        return vectors
