"""Figures of the lessons: one quiet style, and a text for whoever does not see the picture."""

from __future__ import annotations

import base64
import html
import io
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, GREY, PALE = "#222222", "#777777", "#ffffff"
STYLE = {
    "figure.dpi": 96,  # a browser's inch
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "white",
    "lines.linewidth": 2,
    "lines.color": INK,
    # lines and hatches tell things apart, so that every figure reads in black and white
    "axes.prop_cycle": "cycler('color', ['#222222', '#777777', '#222222', '#777777'])"
    " + cycler('linestyle', ['-', '--', ':', '-.'])",
    "hatch.linewidth": 0.6,
}


def subplots(nrows: int = 1, ncols: int = 1, *, size: tuple[float, float] | None = None, **options):
    """Open a figure in the course's style.

    Parameters
    ----------
    nrows, ncols : int
        Panels.
    size : tuple of float, optional
        Width and height in inches; by default 3.4 by 2.6 for each panel.
    **options
        Passed to ``matplotlib.pyplot.subplots``, such as ``sharey=True``.

    Returns
    -------
    fig : matplotlib.figure.Figure
    axes : matplotlib.axes.Axes or ndarray of them
    """
    import matplotlib.pyplot as plt

    with plt.rc_context(STYLE):
        return plt.subplots(nrows, ncols, figsize=size or (3.4 * ncols, 2.6 * nrows), **options)


def bars(
    ax: Axes, values: np.ndarray, *, kept: np.ndarray | None = None, labels: list[str] | None = None
) -> None:
    """Draw probabilities as bars: solid where kept, hatched outlines where cut off.

    Parameters
    ----------
    ax : Axes
    values : ndarray of shape (V,)
    kept : ndarray of bool, shape (V,), optional
        All are kept by default.
    labels : list of str, optional
        Names of the tokens, below the bars.

    Raises
    ------
    ValueError
        If ``kept`` or ``labels`` has another length than ``values``.
    """
    values = np.asarray(values, dtype=float)
    kept = np.ones(len(values), bool) if kept is None else np.asarray(kept, bool)
    if len(kept) != len(values) or (labels is not None and len(labels) != len(values)):
        raise ValueError("values, kept and labels have the same length: one entry for each bar.")
    place = np.arange(len(values))
    ax.bar(place[kept], values[kept], color=GREY, edgecolor=INK, linewidth=0.8)
    ax.bar(place[~kept], values[~kept], color=PALE, edgecolor=INK, linewidth=0.8, hatch="////")
    if labels is not None:
        ax.set_xticks(place, labels, rotation=35, ha="right")
    if ax.get_subplotspec() is None or ax.get_subplotspec().is_first_col():
        ax.set_ylabel("probability")


def show(fig: Figure, alt: str) -> None:
    """Display a figure with its alternative text in the notebook, and close it.

    It is written as an HTML image, because JupyterLab and nbconvert drop the alternative text of a
    PNG output; twice as fine as it is shown, for sharp screens; the same bytes for the same figure.

    Parameters
    ----------
    fig : Figure
        It is shown once.
    alt : str
        What the picture shows, for somebody who cannot see it.

    Raises
    ------
    ValueError
        If ``alt`` is empty.
    """
    import matplotlib.pyplot as plt
    from IPython.display import display

    alt = " ".join(alt.split())
    if not alt:
        raise ValueError("a figure needs an alt text: say in a sentence what it shows.")
    if not fig.axes:
        raise ValueError("this figure is empty: a figure is shown only once, so draw it anew.")
    with plt.rc_context(STYLE), io.BytesIO() as buffer:
        fig.savefig(buffer, format="png", dpi=2 * STYLE["figure.dpi"], metadata={"Software": None})
        picture = base64.b64encode(buffer.getvalue()).decode()
    width = round(fig.get_figwidth() * STYLE["figure.dpi"])
    fig.clear()
    plt.close(fig)
    page = f'<img alt="{html.escape(alt)}" width="{width}" src="data:image/png;base64,{picture}">'
    display({"text/html": page, "text/plain": f"[figure: {alt}]"}, raw=True)
