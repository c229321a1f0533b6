"""What holds for the repository as a whole."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.staticfiles import finders

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PYTHON = sorted(path for folder in ("gallery", "generator") for path in (ROOT / folder).rglob("*.py"))


def names(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> set[str]:
    """The dotted names that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_the_write_side_does_not_know_the_read_side():
    files = [*(ROOT / "generator").rglob("*.py"), *(ROOT / "templates" / "generator").rglob("*")]
    assert [names(path) for path in files if path.is_file() and "gallery" in path.read_text()] == []


# The rooms of the write side that know only themselves.
ROOMS = ["imaging", "models", "onlysq", "replies", "sandbox"]


@pytest.mark.parametrize("room", ROOMS)
def test_the_ground_floor_of_the_write_side_is_rooms_that_know_nothing_of_each_other(room: str):
    files = sorted((ROOT / "generator" / room).rglob("*.py"))
    assert files
    known = {name.split(".")[1] for path in files for name in imports(path) if name.startswith("generator.")}
    assert known <= {room}


FILES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in PYTHON}


def modules(path: Path) -> set[Path]:
    """The files of ours that a file imports, also where that is for types only."""
    found: set[Path | None] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {FILES.get(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            package = FILES.get(node.module)
            found |= {FILES.get(f"{node.module}.{alias.name}", package) for alias in node.names}
    return {file for file in found if file and file != path}


def test_no_file_imports_itself_by_way_of_others():
    """Not even for its types: what stands in a circle can only be understood, tested and moved as one."""
    waiting = {path: modules(path) for path in PYTHON}
    while free := {path for path, wanted in waiting.items() if not wanted & waiting.keys()}:
        waiting = {path: wanted for path, wanted in waiting.items() if path not in free}
    assert [names(path) for path in waiting] == []


def test_one_room_talks_http_and_one_file_to_who_signs_people_in():
    talkers = {path for path in PYTHON if {"requests", "httpx", "urllib.request"} & imports(path)}
    assert {path.parent for path in talkers - {ROOT / "gallery" / "people" / "provider_session.py"}} == {
        ROOT / "generator" / "onlysq"
    }


def test_only_one_door_leads_to_the_bytes_of_pictures():
    around = re.compile(r"MEDIA_ROOT|default_storage|\bstorages\b|FileSystemStorage|\bimage\.file\.(?!name\b)")
    door = {ROOT / "gallery" / "settings.py", ROOT / "generator" / "store.py"}
    assert {path for path in PYTHON if around.search(path.read_text())} <= door


def test_what_waits_for_a_commit_has_a_name_to_be_logged_by():
    """Django logs the name of what fails after a robust commit, and a partial has none: an error in the logging."""
    assert [names(path) for path in PYTHON if "on_commit(partial" in path.read_text()] == []


def test_no_template_holds_a_script_a_style_or_a_handler():
    inline = re.compile(
        r"<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|<script(?![^>]*\b(?:src=|type=\"application/json))|javascript:",
        re.I,
    )
    assert [names(path) for path in TEMPLATES if inline.search(path.read_text())] == []


def test_every_template_fits_on_a_screen():
    lines = {names(path): path.read_text().splitlines() for path in TEMPLATES}
    assert [name for name, text in lines.items() if len(text) > 100] == []
    assert [f"{name}:{n}" for name, text in lines.items() for n, line in enumerate(text, 1) if len(line) > 120] == []


def test_every_static_file_that_a_template_names_exists():
    tag = re.compile(r"""{%\s*static\s+["']([^"']+)["']""")
    wanted = {name for path in TEMPLATES for name in tag.findall(path.read_text())}
    assert wanted
    assert [name for name in sorted(wanted) if not finders.find(name)] == []


def test_no_page_asks_another_host():
    files = [*TEMPLATES, *(ROOT / "static").rglob("*.css"), *(ROOT / "static").rglob("*.js")]
    outside = re.compile(r"""(?:src|href|action|url\(|import\s*\()\s*=?\s*["']?https?://""")
    assert [names(path) for path in files if outside.search(path.read_text())] == []


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_the_lock_pins_and_hashes_everything_and_names_no_host(lock: str):
    text = (ROOT / lock).read_text()
    assert "://" not in text
    blocks = re.split(r"\n(?=[a-zA-Z0-9])", text.strip())
    assert len(blocks) > 20
    assert [block.split()[0] for block in blocks if "==" not in block or "--hash=sha256:" not in block] == []


def test_the_locks_agree_and_hold_every_dependency():
    def pins(lock: str) -> dict[str, str]:
        found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", (ROOT / lock).read_text(), re.M)
        return {name.lower().replace("_", "-"): version for name, version in found}

    run, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert run.items() <= dev.items()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for lock, wanted in ((run, project["project"]["dependencies"]), (dev, project["dependency-groups"]["dev"])):
        bare = {re.split(r"[\[<>=~ ;]", name)[0].lower().replace("_", "-") for name in wanted}
        assert bare <= set(lock)


def test_the_changelog_begins_with_the_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    heading = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert heading
    assert heading[1] == version


def test_every_make_target_says_what_it_does_in_a_line():
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.M)
    assert phony
    described = re.findall(r"^([a-z0-9-]+):.*## \S", makefile, re.M)
    assert sorted(described) == sorted(phony[1].split())


def test_every_make_target_that_a_document_names_exists():
    makefile = (ROOT / "Makefile").read_text()
    documents = [ROOT / "README.md", ROOT / ".ci" / "run", *(ROOT / "docs").glob("*.md")]
    named = {
        name for path in documents for name in re.findall(r"(?:`|^|\s{4})make ([a-z0-9-]+)", path.read_text(), re.M)
    }
    assert {"run", "test"} <= named
    assert [name for name in sorted(named) if f"\n{name}:" not in makefile] == []


def test_every_link_between_documents_leads_somewhere():
    for path in (ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text()):
            assert (path.parent / target).exists(), f"{names(path)}: {target}"


def test_people_read_of_pictures():
    """Images and photos are for code, and for the image API."""
    code = re.compile(r"\{%\s*comment.*?endcomment\s*%\}|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.S)
    words = re.compile(r"\b(images?|photos?)\b(?! API)", re.I)
    named = re.compile(r'\b(?:title|aria-label|placeholder|alt)="([^"]*)"')
    for path in TEMPLATES:
        text = code.sub("", path.read_text())
        shown = re.sub(r"<[^>]*>", " ", re.sub(r"{[^}]*}", "", text))
        found = words.findall(" ".join([shown.replace("page-image", ""), *named.findall(text)]))
        assert not found, f"{names(path)}: {found}"
    for model in (*apps.get_app_config("gallery").get_models(), *apps.get_app_config("generator").get_models()):
        labels = [model._meta.verbose_name, *(str(getattr(field, "verbose_name", "")) for field in model._meta.fields)]
        assert not [label for label in labels if words.search(str(label))], model


def test_no_script_imports_another():
    """Pages name scripts by fingerprint; an import would bring the same file a second time, and run it twice."""
    scripts = sorted((ROOT / "static" / "js").glob("*.js"))
    assert scripts
    assert [names(path) for path in scripts if re.search(r"^(import|export)\b", path.read_text(), re.MULTILINE)] == []
