"""Plans: read, parsed, taken as a mapping; and all that is wrong with one."""

from __future__ import annotations

import copy
import datetime
import pickle
from pathlib import Path
from typing import Any

import pytest
from conftest import PLAN

import kobling


def test_a_plan_says_what_it_is(plan: kobling.Plan) -> None:
    assert (plan.project, plan.epoch) == ("python-tests", 1)
    assert plan.sources == ["population", "tax"] and plan.tables == ["wages"]
    assert len(plan.digest) == 64 and not plan.is_rehearsal
    assert "never a cell of fewer than 3 persons" in str(plan)
    assert repr(plan) == "<Plan python-tests, epoch 1>"
    assert plan.notes == ()
    assert "json-schema.org" in kobling.Plan.schema()["$schema"]
    with pytest.raises(TypeError):
        kobling.Plan()


def test_a_plan_is_shown_escaped(plan: kobling.Plan) -> None:
    html = plan._repr_html_()
    assert "Wages &lt;b&gt;by county&lt;/b&gt;" in html and "<b>" not in html


def test_a_file_and_a_mapping_give_the_same_plan(
    plan: kobling.Plan, plan_dict: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(PLAN)
    assert kobling.Plan.read(path).digest == kobling.Plan.read(str(path)).digest == plan.digest
    assert kobling.Plan.from_dict(plan_dict).digest == plan.digest


def test_all_findings_are_reported_with_their_place(tmp_path: Path) -> None:
    text = PLAN.replace('rows = "one"', 'row = "one"', 1).replace(
        "min_persons = 3", "min_persons = 2"
    )
    path = tmp_path / "plan.toml"
    path.write_text(text)
    line = text.splitlines().index('row = "one"') + 1
    with pytest.raises(kobling.PlanError) as raised:
        kobling.Plan.read(path)
    error = raised.value
    assert error.file == path and str(path) in str(error)
    finding = error.findings[0]
    assert finding.path == ("source", "population", "row")
    assert (finding.line, finding.column) == (line, 1)
    assert finding.rule == "unknown field `row`" and finding.help == "did you mean `rows`?"
    with pytest.raises(kobling.PlanError) as parsed:
        kobling.Plan.parse(text)
    assert parsed.value.findings == error.findings and parsed.value.file is None
    # An exception goes to other processes as a whole.
    again = pickle.loads(pickle.dumps(error))
    assert again.findings == error.findings and str(again) == str(error)
    assert again.file == path and type(again) is kobling.PlanError
    # With the name right, the next check is reached.
    with pytest.raises(kobling.PlanError, match="min_persons"):
        kobling.Plan.parse(text.replace('row = "one"', 'rows = "one"'))


def test_a_misspelt_key_of_a_mapping_has_a_path_and_no_line(plan_dict: dict[str, Any]) -> None:
    wrong = copy.deepcopy(plan_dict)
    wrong["source"]["tax"]["idnetifier"] = wrong["source"]["tax"].pop("identifier")
    with pytest.raises(kobling.PlanError) as raised:
        kobling.Plan.from_dict(wrong)
    finding = raised.value.findings[0]
    assert finding.path == ("source", "tax", "idnetifier")
    assert (finding.line, finding.column) == (None, None)
    assert finding.help == "did you mean `identifier`?"
    assert "line" not in str(raised.value)


@pytest.mark.parametrize("odd", [None, object(), {1: 2}, b"1", 2**70, datetime.datetime.now()])
def test_a_mapping_holds_what_a_plan_can(plan_dict: dict[str, Any], odd: object) -> None:
    wrong = copy.deepcopy(plan_dict)
    wrong["project"]["title"] = odd
    with pytest.raises(TypeError, match=r"^project\.title: "):
        kobling.Plan.from_dict(wrong)


def test_a_mapping_that_holds_itself_is_refused() -> None:
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(TypeError, match="nested deeper"):
        kobling.Plan.from_dict({"version": circle})


def test_a_plan_runs_within_its_dates(plan: kobling.Plan) -> None:
    plan.may_run()
    late = plan.at(datetime.date(2100, 1, 1))
    with pytest.raises(kobling.NotPermittedError):
        late.may_run()
    assert late.digest == plan.digest
    for wrong in (datetime.datetime(2100, 1, 1), 7):
        with pytest.raises((ValueError, AttributeError)):
            plan.at(wrong)  # type: ignore[arg-type]


def test_a_draft_is_rehearsed_and_nothing_else(linkage_key: kobling.LinkageKey) -> None:
    draft = kobling.Plan.parse(PLAN[: PLAN.index("approved")] + PLAN[PLAN.index("[source.pop") :])
    with pytest.raises(kobling.NotPermittedError):
        linkage_key.domain_key(draft)
    rehearsal = draft.rehearsal()
    assert rehearsal.is_rehearsal and repr(rehearsal).endswith(", rehearsal>")
    assert linkage_key.domain_key(rehearsal).project != "python-tests"


def test_a_file_that_is_not_there_is_a_file_error(tmp_path: Path) -> None:
    with pytest.raises(kobling.FileError) as raised:
        kobling.Plan.read(tmp_path / "none.toml")
    assert raised.value.file == tmp_path / "none.toml"
    assert isinstance(raised.value, kobling.Error)
