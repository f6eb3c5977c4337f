"""Figures: alternative text that arrives, one style, nothing said by colour alone."""

from __future__ import annotations

import base64
import re

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from course import figures


@pytest.fixture(autouse=True)
def _nothing_left_open():
    yield
    pyplot.close("all")


def shown(fig: Figure, alt: str) -> dict:
    """What `show` gives to the notebook."""
    given: list[dict] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("IPython.display.display", lambda data, raw: given.append(data))
        figures.show(fig, alt)
    (data,) = given
    return data


def line() -> Figure:
    fig, ax = figures.subplots(size=(4, 2))
    ax.plot([0, 1])
    return fig


def test_alternative_text_stands_in_the_image_and_in_the_plain_output():
    data = shown(line(), 'a line "rises"\n   from 0 & ends < 2')
    assert 'alt="a line &quot;rises&quot; from 0 &amp; ends &lt; 2"' in data["text/html"]
    assert data["text/plain"] == '[figure: a line "rises" from 0 & ends < 2]'
    png = base64.b64decode(re.search(r"base64,([^\"]+)", data["text/html"])[1])
    assert png.startswith(b"\x89PNG")


def test_it_is_drawn_twice_as_fine_as_it_is_shown():
    page = shown(line(), "a line")["text/html"]
    png = base64.b64decode(re.search(r"base64,([^\"]+)", page)[1])
    assert 'width="384"' in page
    assert int.from_bytes(png[16:20], "big") == 768


def test_the_same_figure_gives_the_same_bytes():
    assert shown(line(), "a line") == shown(line(), "a line")


@pytest.mark.parametrize("alt", ["", "  \n "])
def test_a_figure_without_alternative_text_is_refused(alt):
    with pytest.raises(ValueError, match="alt text"):
        figures.show(line(), alt)


def test_a_figure_is_shown_once_and_then_closed():
    fig = line()
    shown(fig, "a line")
    assert not pyplot.fignum_exists(fig.number)
    with pytest.raises(ValueError, match="shown only once"):
        figures.show(fig, "a line")


def test_bars_that_are_cut_off_differ_in_more_than_colour():
    _, ax = figures.subplots()
    figures.bars(ax, np.array([0.6, 0.4]), kept=np.array([True, False]))
    solid, cut = ax.patches
    assert not solid.get_hatch()
    assert cut.get_hatch()


def test_bars_carry_their_names():
    _, ax = figures.subplots()
    figures.bars(ax, np.array([0.6, 1.0]), labels=["a", "b"])
    assert [t.get_text() for t in ax.get_xticklabels()] == ["a", "b"]


@pytest.mark.parametrize("wrong", [{"kept": np.array([True])}, {"labels": ["a"]}])
def test_bars_refuse_lists_of_other_lengths(wrong):
    _, ax = figures.subplots()
    with pytest.raises(ValueError, match="same length"):
        figures.bars(ax, np.array([1.0, 2.0]), **wrong)


def test_only_the_first_column_names_the_axis():
    _, axes = figures.subplots(1, 2)
    for ax in axes:
        figures.bars(ax, np.array([1.0]))
    assert [ax.get_ylabel() for ax in axes] == ["probability", ""]


def test_lines_differ_in_more_than_colour():
    _, ax = figures.subplots()
    lines = [ax.plot([0, i])[0] for i in range(4)]
    assert len({drawn.get_linestyle() for drawn in lines}) == 4


def test_the_style_stays_in_the_course_figures():
    before = dict(mpl.rcParams)
    shown(line(), "a line")
    assert dict(mpl.rcParams) == before
