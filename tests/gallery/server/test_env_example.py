"""`.env.example` and the README against what is really read."""

import re
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
READERS = [ROOT / "gallery" / name for name in ("settings.py", "server/environment.py")]


def read_variables() -> set[str]:
    """Every name that a settings file asks the environment for."""
    calls = re.compile(r"""(?:env\.\w+|os\.environ\.get)\(\s*"([A-Z_]+)\"""")
    return {name for reader in READERS for name in calls.findall(reader.read_text())}


def documented_variables() -> list[str]:
    return re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M)


def test_every_variable_is_described_once():
    names = documented_variables()
    assert sorted(names) == sorted(read_variables())


def test_every_variable_has_a_comment_above_its_group():
    lines = (ROOT / ".env.example").read_text().splitlines()
    for before, line in pairwise(lines):
        if re.match(r"#[A-Z_]+=", line):
            assert before.startswith("#"), line


def test_an_unchanged_copy_changes_nothing():
    assert not re.findall(r"^[^#\n]", (ROOT / ".env.example").read_text(), re.M)


def test_the_readme_names_only_variables_that_exist():
    table = re.findall(r"^\| (`[^|]+)\|", (ROOT / "README.md").read_text(), re.M)
    names = {name for cell in table for name in re.findall(r"`([A-Z_]+)`", cell)}
    assert names
    assert names <= read_variables()
