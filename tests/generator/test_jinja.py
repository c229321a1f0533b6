"""The quick templates: nothing goes out unescaped, nothing is left out in silence, everything can be translated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.utils.translation import override
from django.utils.translation.template import templatize
from jinja2 import DictLoader, Environment, UndefinedError

TEMPLATES = sorted(Path(settings.BASE_DIR, "templates", "jinja2").rglob("*.*"))


@pytest.fixture
def jinja() -> Environment:
    env: Environment = engines["jinja2"].env  # type: ignore[attr-defined]
    return env


@pytest.mark.parametrize("name", ["page.html", "page.txt", "page.jinja", "page"])
def test_whatever_its_ending_a_template_escapes(jinja: Environment, name: str) -> None:
    made = jinja.overlay(loader=DictLoader({name: "{{ text }}{% set said = text %}{{ said|cut(20) }}"}))
    assert "<" not in made.get_template(name).render(text="<script>\"'</script>")


def test_a_name_that_nobody_gave_is_an_error(jinja: Environment) -> None:
    with pytest.raises(UndefinedError):
        jinja.from_string("{{ nothing }}").render()


def test_it_speaks_the_language_of_the_moment(jinja: Environment) -> None:
    template = jinja.from_string('{{ _("Yes") }}')
    assert template.render() == "Yes"
    with override("de"):
        assert template.render() == "Ja"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_django_finds_every_text_that_is_marked(path: Path) -> None:
    source = path.read_text()
    marked = re.findall(r'_\("((?:[^"\\]|\\.)*)"\)', source)
    assert source.count("_(") == len(marked)
    assert re.findall(r'_\("((?:[^"\\]|\\.)*)"\)', templatize(source)) == marked


def test_one_of_djangos_templates_shows_it_as_it_is() -> None:
    template = engines["django"].from_string('{% quick "_csrf.html" csrf_token=said %}')
    assert 'value="&lt;&gt;"' in template.render({"said": "<>"})
