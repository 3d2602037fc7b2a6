"""The one function that R calls: it says what happened, whatever happened."""

from __future__ import annotations

import threading
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import gwasmeta
from gwasmeta.interop import r_functions
from gwasmeta.interop.plain_values import column_from_plain, from_plain
from gwasmeta.interop.reticulate import call

NOTHING: dict[str, Any] = {"kind": "list", "names": [], "values": []}


def arguments(**values: Any) -> dict[str, Any]:
    """Pass Python values as they are, as R passes results that it holds."""
    objects = [{"kind": "object", "object": value} for value in values.values()]
    return {"kind": "list", "names": [*values], "values": objects}


def understood(plain: Any) -> Any:
    """What R makes of an answer."""
    if plain is None or plain["kind"] == "scalar":
        return plain and plain["value"]
    if plain["kind"] == "vector":
        return column_from_plain(plain["column"]).tolist()
    if plain["kind"] == "list":
        values = [understood(value) for value in plain["values"]]
        return values if plain["names"] is None else dict(zip(plain["names"], values, strict=True))
    return from_plain(plain)


@pytest.fixture
def define(monkeypatch: pytest.MonkeyPatch):
    def add(function: Any) -> str:
        monkeypatch.setitem(r_functions.R_FUNCTIONS, "tested", function)
        return "tested"

    return add


def test_a_value_comes_back(define) -> None:
    answer = call(define(lambda say, a: {"a": a}), arguments(a=1))
    assert answer == {
        "ok": True,
        "value": {"kind": "list", "names": ["a"], "values": [{"kind": "scalar", "value": 1}]},
        "warnings": [],
    }


def raising(error: BaseException) -> Any:
    def function(say: Any) -> None:
        raise error

    return function


def test_users_mistakes_are_told_in_our_words(define) -> None:
    error = gwasmeta.GwasmetaError("x" * 5000)
    error.add_note("in a.txt, line 3")
    answer = call(define(raising(error)), NOTHING)
    assert (answer["ok"], answer["is_fault"]) == (False, False)
    assert answer["message"] == "x" * 5000 + "\nin a.txt, line 3"


@pytest.mark.parametrize("error", [KeyError("name"), SystemExit(3), MemoryError("none left")])
def test_our_faults_ask_for_a_report(define, error: BaseException) -> None:
    answer = call(define(raising(error)), NOTHING)
    assert answer["is_fault"]
    assert type(error).__name__ in answer["message"]
    assert "gwasmeta_sitrep()" in answer["message"]
    assert "in function" in answer["traceback"]


def test_an_unknown_function_and_an_unknown_argument_do_not_raise() -> None:
    assert not call("nothing of the kind", NOTHING)["ok"]
    assert "unexpected keyword" in call("installation", arguments(a=1))["message"]


def handler_of_reticulate() -> None:
    """Fail as reticulate's handler of the signal does where R is interrupted first."""
    exec(
        compile(
            "raise RuntimeError('(Unknown exception occurred)')", "/r/reticulate/python/rpytools/signals.py", "exec"
        )
    )


def test_ctrl_c_is_told_whoever_notices_it(define) -> None:
    def noticed_by_r(say: Any) -> None:
        handler_of_reticulate()

    def in_the_midst_of_reading(say: Any) -> None:
        try:
            handler_of_reticulate()
        except RuntimeError as error:
            raise gwasmeta.GwasmetaError("cannot be read") from error

    for function in (raising(KeyboardInterrupt()), noticed_by_r, in_the_midst_of_reading):
        assert call(define(function), NOTHING) == {"ok": False, "interrupted": True, "warnings": []}
    assert not call(define(raising(RuntimeError("other"))), NOTHING)["interrupted"]


def test_warnings_are_told_once_and_those_for_programmers_not(define) -> None:
    def function(say: Any) -> None:
        warnings.warn("look", stacklevel=1)
        warnings.warn("look", stacklevel=1)
        warnings.warn("old", DeprecationWarning, stacklevel=1)

    assert call(define(function), NOTHING)["warnings"] == ["look"]
    assert call(define(raising(ValueError("no"))), NOTHING)["warnings"] == []


def test_messages_come_from_the_calling_thread_alone() -> None:
    heard: list[tuple[int, str]] = []
    studies = [{"source": path, "name": name} for name, path in gwasmeta.example_studies().items()]
    answer = call("meta_analyze", arguments(studies=studies), lambda text: heard.append((threading.get_ident(), text)))
    assert answer["ok"]
    assert {thread for thread, _ in heard} == {threading.get_ident()}
    assert [text for _, text in heard if "rows read" in text][-1] == "rowan: 5,107 rows read (5/5 studies)"


def test_an_analysis_is_that_of_the_public_function() -> None:
    studies = [{"source": path, "name": name, "n": None} for name, path in gwasmeta.example_studies().items()]
    answer = call("meta_analyze", arguments(studies=studies, methods=["random"], genomic_control=True))
    told = understood(answer["value"])
    expected = gwasmeta.meta_analyze(gwasmeta.example_studies(), methods="random", genomic_control=True)
    pd.testing.assert_frame_equal(told["result"].table, expected.table)
    assert told["inflation_factors"] == expected.inflation_factors
    assert told["parameters"]["genomic_control"] is True
    rules = expected.studies["excluded_by"][0]
    assert len(rules) > 1
    assert told["studies"]["excluded_by"][0] == "; ".join(f"{rule} {count}" for rule, count in rules.items())


def test_corrected_statistics_have_no_inflation() -> None:
    answer = call("genomic_control", arguments(z=[-3.0, 1.0, 2.0, 0.5, -2.0], standard_error=[1.0] * 5))
    corrected = understood(answer["value"])
    assert corrected["inflation_factor"] == gwasmeta.inflation_factor([-3.0, 1.0, 2.0, 0.5, -2.0]) > 1
    assert gwasmeta.inflation_factor(corrected["z"]) == pytest.approx(1, rel=1e-14)
    assert corrected["standard_error"][0] == pytest.approx(corrected["inflation_factor"] ** 0.5, rel=1e-15)


def test_lead_variants_of_a_table_without_a_column_name_it() -> None:
    table = pd.DataFrame({"chromosome": ["1"], "neg_log_10_p_value": [9.0]})
    answer = call("lead_variants", arguments(table=table, p=1e-5, window=5e5))
    assert "base_pair_location" in answer["message"]
    assert not answer["is_fault"]


def test_the_variable_of_the_store_is_the_one_that_r_has_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GWASMETA_STORE", "/there/when/python/started")
    place = str(tmp_path / "set later")
    assert understood(call("store_folder", arguments(path=None), None, place)["value"]) == place
    monkeypatch.chdir(tmp_path)
    assert understood(call("store_folder", arguments(path=None), None, "")["value"]) == str(tmp_path / "gwasmeta-store")


def test_no_study_is_removed_where_one_of_them_is_not_there(tmp_path: Path) -> None:
    store = gwasmeta.StudyStore(tmp_path / "store")
    for name, path in list(gwasmeta.example_studies().items())[:2]:
        store.add(path, name=name)
    answer = call("store_remove", arguments(store=str(store.path), names=["alder", "elm", "birch"]))
    assert "has no study elm" in answer["message"]
    assert store.names == ("alder", "birch")
    assert call("store_remove", arguments(store=str(store.path), names=["alder", "birch"]))["ok"]
    assert store.names == ()
