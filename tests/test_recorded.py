"""Recorded runs: each has the module that makes it, and says what it was made with."""

import importlib.util

import pytest

from course import recorded


@pytest.mark.parametrize("name", recorded.names())
def test_each_run_has_its_module_and_says_where_it_comes_from(name):
    run = recorded.load(name)
    assert importlib.util.find_spec(f"course.recorded.{name}") is not None
    assert run.rows
    assert {"date", "cpu_seconds", "torch", "transformers"} <= run.made.keys()
    assert f"python -m course.recorded.{name}" in str(run)


def test_written_and_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr(recorded, "FOLDER", tmp_path)
    rows = ({"step": step, "loss": 1 / (step + 3), "curve": (1 / 3,)} for step in range(2))
    recorded.record("q00_try", rows, seed=7, folder=tmp_path, beta=0.1)
    run = recorded.load("q00_try")
    assert run.rows[0] == {"step": 0, "loss": 0.333333, "curve": [0.333333]}
    assert run.settings == {"seed": 7, "beta": 0.1}
    assert "seed 7" in str(run)


def test_nothing_is_written_where_the_run_fails(tmp_path):
    def rows():
        yield {"loss": 1.0}
        raise RuntimeError("the run broke")

    with pytest.raises(RuntimeError, match="broke"):
        recorded.record("q00_try", rows(), seed=0, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_unknown_name_is_one_sentence():
    with pytest.raises(ValueError, match="there is no recorded run 'q99'"):
        recorded.load("q99")
