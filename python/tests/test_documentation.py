"""Everything that is public says what it is, and its examples are true."""

from __future__ import annotations

import doctest
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import kobling


def public() -> Iterator[tuple[str, Any]]:
    for name in kobling.__all__:
        item = getattr(kobling, name)
        if name == "__version__":
            continue
        yield name, item
        if inspect.isclass(item) and not issubclass(item, Exception):
            for method in vars(item):
                found = getattr(item, method)
                if not method.startswith("_") and callable(found):
                    yield f"{name}.{method}", found


EVERY = dict(public())


def parameters(item: Callable[..., Any]) -> list[str]:
    return [name for name in inspect.signature(item).parameters if name != "self"]


@pytest.mark.parametrize("name", EVERY)
def test_it_is_documented_with_what_it_takes(name: str) -> None:
    item = EVERY[name]
    text = inspect.getdoc(item)
    assert text, name
    if inspect.isclass(item):
        return
    documented = text.partition("Parameters\n----------\n")[2].partition("\n\nR")[0]
    starts = [line for line in documented.splitlines() if line and not line.startswith(" ")]
    names = [name for line in starts for name in line.partition(" :")[0].split(", ")]
    assert names == parameters(item)


@pytest.mark.parametrize("name", ["Plan", "LinkageKey", "DomainKey", "ReleaseKey", "Extract"])
def test_attributes_are_those_that_are_there(name: str) -> None:
    item = EVERY[name]
    there = [
        attribute
        for attribute, found in vars(item).items()
        if inspect.isgetsetdescriptor(found) and not attribute.startswith("_")
    ]
    text = inspect.getdoc(item)
    assert text is not None
    listed = text.partition("Attributes\n----------\n")[2].partition("\n\n")[0]
    starts = [line for line in listed.splitlines() if line and not line.startswith(" ")]
    assert sorted(line.partition(" :")[0] for line in starts) == sorted(there)


def test_examples_are_true() -> None:
    runner = doctest.DocTestRunner(verbose=False)
    ran = 0
    for name, item in EVERY.items():
        test = doctest.DocTestParser().get_doctest(
            inspect.getdoc(item) or "", {"kobling": kobling}, name, None, None
        )
        ran += runner.run(test).attempted
    assert runner.failures == 0 and ran >= 4
