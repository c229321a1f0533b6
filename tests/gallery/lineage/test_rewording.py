"""What was changed in a prompt, word by word."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery.lineage.rewording import MOST_LETTERS, Rewording, Run, rewording, shortened

WORDS = ["cat", "roof", "red", "a", ",", "don't", "\u6c34\u5c71", "\u202eevil", "<b>", "\0", "e\u0301"]
prompts = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join) | st.text(max_size=60)


def told(found: Rewording, kind: str) -> str:
    """The text of what is of this kind, and of what is in both."""
    return "".join(run.text for run in found.runs if run.kind in ("same", kind))


@settings(deadline=None)
@given(old=prompts, new=prompts)
def test_with_what_is_new_it_is_the_new_prompt_and_with_what_is_old_the_old_one(old: str, new: str) -> None:
    found = rewording(old, new)
    assert told(found, "new").strip() == " ".join(new.split())
    assert "".join(told(found, "old").split()) == "".join(old.split())
    assert not found.is_cut


@settings(deadline=None)
@given(old=prompts, new=prompts)
def test_runs_of_one_kind_never_stand_beside_each_other(old: str, new: str) -> None:
    kinds = [run.kind for run in rewording(old, new).runs]
    assert all(one != other for one, other in pairwise(kinds))


@settings(deadline=None)
@given(prompt=prompts)
def test_nothing_was_changed_in_the_same_prompt_whatever_its_spaces(prompt: str) -> None:
    assert rewording(prompt, prompt.replace(" ", "\n  ")).is_none


@pytest.mark.parametrize(
    ("old", "new", "runs"),
    [
        ("a cat on a roof", "a red cat on the roof", "a +red =cat on -a +the =roof"),
        ("a cat, oil", "a cat", "a cat -, oil"),
        ("", "a cat", "+a cat"),
        ("\u6c34\u5c71\u706b", "\u6c34\u6728\u706b", "\u6c34 -\u5c71 +\u6728 =\u706b"),
        ("don't", "won't", "-don't +won't"),
    ],
)
def test_only_the_words_that_differ_are_told(old: str, new: str, runs: str) -> None:
    signs = {"same": "=", "old": "-", "new": "+"}
    assert " ".join(signs[run.kind] + run.text.strip() for run in rewording(old, new).runs).lstrip("=") == runs


def test_a_prompt_that_has_little_in_common_stands_in_place_of_the_old_one() -> None:
    old, new = (" ".join(f"{word}{n}" for n in range(60)) for word in ("old", "new"))
    assert [run.kind for run in rewording(f"A {old} end", f"A {new} end").runs] == ["same", "old", "new", "same"]


@pytest.mark.parametrize("piece", ["a b ", "b a ", "a-", "'", "\u6c34", "\u202e<del>\0 ", "a" * 50 + " "])
def test_hostile_prompts_are_compared_within_bounds(piece: str) -> None:
    old, new = (piece * (32_000 // len(piece)), f"x {piece * (31_000 // len(piece))}")
    began = time.process_time()
    found = rewording(old, new)
    assert time.process_time() - began < 1
    assert found.is_cut
    assert not found.is_none
    assert sum(len(run.text) for run in found.runs) <= 2 * MOST_LETTERS


@settings(deadline=None)
@given(old=prompts, new=prompts)
def test_shortening_leaves_what_was_changed(old: str, new: str) -> None:
    runs = rewording(f"{old} {'so it goes ' * 30}{new}", f"{new} {'so it goes ' * 30}{old}").runs
    short = shortened(runs)
    assert [run.kind for run in short] == [run.kind for run in runs]
    changed = [(run, other) for run, other in zip(runs, short, strict=True) if run.kind != "same"]
    assert all(run == other or other.text == f"{run.text[:400]}…" for run, other in changed)


def test_of_what_stayed_only_what_stands_around_a_change_is_shown() -> None:
    runs = shortened([Run("same", "word " * 50), Run("new", "red"), Run("same", " word" * 50), Run("old", "blue"),
                      Run("same", " word" * 50)])  # fmt: skip
    first, _, between, _, last = (run.text for run in runs)
    assert first.startswith("… word")
    assert last.endswith("word …")
    assert between.startswith(" word")
    assert between.endswith("word")
    assert " … " in between
    assert max(map(len, (first, between, last))) < 110


def test_a_very_long_change_is_shown_by_its_beginning() -> None:
    assert shortened([Run("old", "x" * 5_000), Run("new", "y")]) == [Run("old", "x" * 400 + "…"), Run("new", "y")]
