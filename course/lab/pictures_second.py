"""Pictures of adding, retrieving, reranking and hardening, from the figures on the cards."""

from __future__ import annotations

from course import figures, lab
from course.lab.evaluate import shipped, shipped_table
from course.lab.relevant import RERANKED, TASKS


def draw_adder(name: str = "adder"):
    """Draw sums of four digits along the run, answered at once and in steps, for every seed."""
    home = lab.path(name)
    runs = [home, *sorted((home / "seeds").glob("*"))]
    fig, axes = figures.subplots(1, len(runs), size=(9, 2.8), sharey=True)
    for ax, run in zip(axes, runs, strict=True):
        rows = [row for row in shipped_table(run, "learning") if row["digits"] == "4"]
        for mode, look in (("direct", "o--"), ("steps", "s-")):
            own = [row for row in rows if row["mode"] == mode]
            ax.errorbar(
                [int(row["tokens"]) / 1e6 for row in own],
                [float(row["value"]) for row in own],
                yerr=[float(row["spread"]) for row in own],
                fmt=look,
                color=figures.GREY if mode == "direct" else figures.INK,
                markersize=4,
                linewidth=1.5,
                label="at once" if mode == "direct" else "in steps",
            )
        ax.set(xscale="log", xlabel="million tokens", ylim=(-0.02, 1.03))
        ax.set_xticks([0.3, 1, 4], ["0.3", "1", "4"], minor=False)
        ax.minorticks_off()
        ax.set_title("the run that ships" if run is home else f"seed {run.name}")
    axes[0].set_ylabel("sums of 4 digits right")
    axes[0].legend(frameon=False)
    return fig


def _dots(ax, rows: list[tuple[str, dict]], look: str, shade: str, label: str) -> None:
    """Draw figures as dots with their spread, one a line."""
    for place, (_, figure) in enumerate(rows):
        value, spread = figure["value"], figure["spread"]
        ax.plot([max(0, value - spread), min(1, value + spread)], [place] * 2, "-", color=shade)
        ax.plot(
            value,
            place,
            look,
            color=shade,
            markersize=7,
            markerfacecolor="white" if shade == figures.GREY else shade,
            label=label if place == 0 else None,
        )
    ax.set_yticks(range(len(rows)), [name for name, _ in rows])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlim(-0.02, 1.03)


def draw_retrieval(name: str = "embedder"):
    """Draw how often the first passage is right: the embedder beside BM25, on every task."""
    found = shipped(lab.path(name))
    fig, ax = figures.subplots(size=(8.5, 3.4))
    for system, look, shade in (("BM25", "s", figures.GREY), ("embedder", "o", figures.INK)):
        rows = [(task, found[f"{task}: recall@1, {system}"]) for task in TASKS]
        _dots(ax, rows, look, shade, system)
    ax.set(xlabel="recall@1 (line: 95 %)", title="What is found first")
    fig.legend(loc="outside right upper", frameon=False)
    return fig


def draw_reranking(name: str = "reranker"):
    """Draw nDCG@10 of both searches as they rank and as the cross-encoder sorts what they found."""
    found = shipped(lab.path(name))
    fig, axes = figures.subplots(1, 2, size=(10, 2.9), sharey=True)
    for ax, system in zip(axes, ("BM25", "embedder"), strict=True):
        for stage, look, shade in (
            (system, "s", figures.GREY),
            (f"{system}, reranked", "o", figures.INK),
        ):
            rows = [(task, found[f"{task}: nDCG@10, {stage}"]) for task in RERANKED]
            label = "reranked" if stage.endswith("reranked") else "as found"
            _dots(ax, rows, look, shade, label)
        ax.set(xlabel="nDCG@10 (line: 95 %)", title=f"The first 20 of {system}")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside right upper", frameon=False)
    return fig


HARDENING = {
    "attacks as trained": "attacks, trained kinds and wordings: obeyed",
    "in other words": "attacks, held-out wordings: obeyed",
    "with other openings": "attacks, held-out openings: obeyed",
    "of other kinds": "attacks, held-out kinds: obeyed",
    "one of these: knight": "attack: knight, held-out kind: obeyed",
    "all three new": "attacks, held-out kinds, wordings and openings: obeyed",
    "user's, before documents": "user's instruction before the documents: followed",
    "user's, after documents": "user's instruction after the documents: followed",
    "user's, after question": "user's instruction after the question: followed",
}


def draw_hardened(name: str = "instruct-hardened"):
    """Draw instructions obeyed: those planted in documents, and the user's own."""
    found = shipped(lab.path(name))
    fig, ax = figures.subplots(size=(8.5, 3.4))
    for model, look, shade in (("instruct", "s", figures.GREY), (name, "o", figures.INK)):
        end = "" if model == name else f", {model}"
        rows = [(label, found[key + end]) for label, key in HARDENING.items()]
        _dots(ax, rows, look, shade, model)
    ax.axhline(5.5, color=figures.GREY, linewidth=1, linestyle=":")
    ax.set(xlabel="instructions followed (line: 95 %)")
    ax.set_title("Planted (above the line), the user's own (below)")
    fig.legend(loc="outside right upper", frameon=False)
    return fig


PICTURES = {
    "lab-adder": draw_adder,
    "lab-retrieval": draw_retrieval,
    "lab-reranking": draw_reranking,
    "lab-hardened": draw_hardened,
}
"""Drawn by `course.lab.pictures.write`."""
