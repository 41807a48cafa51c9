"""The box that a text travels in."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable

import pytest

from bot.typed import Typed


def test_a_text_can_be_taken_once() -> None:
    typed = Typed("some words")
    assert [typed.take(), typed.take()] == ["some words", None]


@pytest.mark.parametrize("text", [None, ""])
def test_nothing_typed_is_not_the_same_as_an_empty_text(text: str | None) -> None:
    assert Typed(text).take() == text


def test_who_takes_a_text_holds_the_only_reference() -> None:
    typed = Typed("".join(["some", " ", "words"]))
    text = typed.take()
    assert text == "some words"
    assert sys.getrefcount(text) == 2  # `text` and the argument
    assert text not in gc.get_referents(typed)


@pytest.mark.parametrize("show", [repr, str, ascii, format])
def test_the_box_never_shows_what_is_in_it(show: Callable[[object], str]) -> None:
    assert "words" not in show(Typed("some words"))


def test_a_box_has_no_room_for_anything_else() -> None:
    with pytest.raises(AttributeError):
        Typed("some words").note = "more"  # type: ignore[attr-defined]
