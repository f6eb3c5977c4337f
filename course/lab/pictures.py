"""Pictures of what the lab's models show, for ``course/lab/README.md``."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from course import figures, lab
from course.lab import icl, induction, pictures_second, pictures_world, scaling
from course.lab.evaluate import shipped_table


def draw_induction():
    """Draw the phase change (loss, prefix matching) and one head's attention pattern."""
    rows = shipped_table(lab.path("induction"), "heads")
    tokens = sorted({int(row["tokens"]) for row in rows})
    millions = np.array(tokens) / 1e6
    fig, (left, middle, right) = figures.subplots(1, 3, size=(11, 3.2))
    for column, name in (("loss_first", "first time"), ("loss_second", "second time")):
        values = {int(row["tokens"]): float(row[column]) for row in rows}
        left.plot(millions, [values[t] for t in tokens], label=name)
    left.axhline(
        np.log(64), color=figures.GREY, linewidth=1, linestyle=":", label="guessing, ln 64"
    )
    left.set(title="Loss on a random block", xlabel="million tokens", ylabel="nats per token")
    left.set_ylim(bottom=0)
    left.legend(frameon=False)
    for layer, style in ((0, ":"), (1, "-")):
        for head in range(4):
            values = {
                int(row["tokens"]): float(row["prefix_matching"])
                for row in rows
                if (int(row["layer"]), int(row["head"])) == (layer, head)
            }
            label = f"layer {layer + 1}" if head == 0 else None
            middle.plot(
                millions, [values[t] for t in tokens], style, color=figures.INK, label=label
            )
    middle.set(title="Prefix matching of every head", xlabel="million tokens", ylim=(0, 1))
    middle.legend(frameon=False)
    model, period = lab.load("induction"), 16
    ids = induction.repeated(np.random.default_rng(3), 1, 3 * period, 64, period)
    pattern = induction.patterns(model, ids)[1, 0]
    head = induction.prefix_matching(pattern, period).argmax()
    right.imshow(pattern[head], cmap="Greys", vmin=0, vmax=1, interpolation="nearest")
    right.set(title=f"Attention, layer 2, head {head + 1}", xlabel="looks at", ylabel="position")
    right.set_xticks(range(0, 3 * period, period))
    right.set_yticks(range(0, 3 * period, period))
    return fig


def draw_icl():
    """Draw accuracy by number of examples for each kind of labels, and the best possible reader."""
    rows = shipped_table(lab.path("icl"), "curves")
    fig, (left, right) = figures.subplots(1, 2, size=(9, 3.4), sharey=True)
    looks = {"true": "o-", "random": "s-", "flipped": "v-", "absent": "x-", "unrelated": "d-"}
    for labels, look in looks.items():
        own = [row for row in rows if row["labels"] == labels]
        shots = [int(row["shots"]) for row in own]
        shade = figures.GREY if labels in ("absent", "unrelated") else figures.INK
        left.plot(
            shots,
            [float(row["value"]) for row in own],
            look,
            color=shade,
            markersize=5,
            linewidth=1.5,
            label=labels,
        )
        known = [row for row in own if row["bayes"]]
        if known:
            right.plot(
                [int(row["shots"]) for row in known],
                [float(row["bayes"]) for row in known],
                look,
                color=shade,
                markersize=5,
                linewidth=1.5,
            )
    left.set(title="The model", xlabel="labelled examples", ylabel="accuracy", ylim=(-0.03, 1.03))
    right.set(title="The best possible reader", xlabel="labelled examples")
    for ax in (left, right):
        ax.set_xticks(range(0, icl.SHOTS + 1, 4))
    fig.legend(*left.get_legend_handles_labels(), loc="outside right center", frameon=False)
    return fig


def draw_scaling():
    """Draw loss against compute for every size, and measured against fitted losses."""
    rows = [row for row in scaling.runs() if row["seed"] == 0]
    fitted = scaling.fit(scaling.runs())
    fig, (left, right) = figures.subplots(1, 2, size=(9, 3.4))
    marks = "osv^Dx+"
    for size, mark in zip(scaling.SIZES, marks, strict=True):
        own = sorted((row for row in rows if row["size"] == size), key=lambda row: row["tokens"])
        n = own[0]["parameters"]
        flops = [row["flops"] for row in own]
        losses = [row["nats_per_token"] for row in own]
        left.plot(
            flops,
            losses,
            mark,
            color=figures.INK,
            linestyle="-",
            linewidth=1,
            markersize=5,
            label=f"{n:,}",
        )
        said = [
            fitted["E"]
            + fitted["A"] / n ** fitted["alpha"]
            + fitted["B"] / row["tokens"] ** fitted["beta"]
            for row in own
        ]
        right.plot(said, losses, mark, color=figures.INK, linestyle="", markersize=5)
    left.set(xscale="log", title="Loss against compute", xlabel="6 N D", ylabel="nats per token")
    left.legend(title="N", frameon=False, fontsize=8, title_fontsize=8)
    span = [min(row["nats_per_token"] for row in rows), max(row["nats_per_token"] for row in rows)]
    right.plot(span, span, color=figures.GREY, linewidth=1, linestyle="-")
    right.set(title="Measured against fitted", xlabel="fitted", ylabel="measured")
    return fig


PICTURES = {
    "lab-induction": draw_induction,
    "lab-icl": draw_icl,
    "lab-scaling": draw_scaling,
    **pictures_world.PICTURES,
    **pictures_second.PICTURES,
}


def write(folder: Path) -> list[Path]:
    """Draw all pictures as PNG files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, draw in PICTURES.items():
        written.append(folder / f"{name}.png")
        draw().savefig(written[-1], dpi=100)
    return written
