"""Pictures of what the models of the world can and cannot do, from the figures on their cards."""

from __future__ import annotations

import json

from course import figures, lab
from course.lab.evaluate import shipped, shipped_table

TARGETS = {
    "closed-book, asked: right": 0.98,
    "unknown names: answered": 0.03,
    "near-miss names: answered": 0.20,
    "two hops, in steps: right": 0.90,
    "reading, 1 document: right": 0.98,
    "reading, 3 documents: right": 0.93,
    "reading, 5 documents: right": 0.90,
    "reading, 3 documents: cited": 0.90,
    "reading, 5 documents: cited": 0.90,
    "attribute missing, 1 document: refused": 0.70,
    "attribute missing, 3 documents: refused": 0.70,
    "attribute missing, 5 documents: refused": 0.70,
    "tool call: exact": 0.98,
    "two calls at once: exact": 0.98,
    "instructions, held-out words: right": 0.85,
}
"""What the lab asks of `instruct`; for what is answered about names that do not exist, at most."""


def draw_instruct(name: str = "instruct"):
    """Draw every figure of a chat model with its spread, and the targets beside them."""
    found = shipped(lab.path(name))
    labels = list(found)
    fig, ax = figures.subplots(size=(8.5, 0.2 * len(labels) + 0.8))
    for row, label in enumerate(labels):
        value, spread = found[label]["value"], found[label]["spread"]
        ax.barh(row, value, height=0.6, color="#cccccc", edgecolor=figures.INK, linewidth=0.6)
        span = [max(0, value - spread), min(1, value + spread)]
        ax.plot(span, [row, row], "-", color=figures.INK, linewidth=1.5)
        if label in TARGETS:
            ax.plot(TARGETS[label], row, "d", color=figures.INK, markersize=5)
    ax.set_yticks(range(len(labels)), labels, fontsize=8)
    ax.set(xlim=(0, 1.04), ylim=(len(labels) - 0.4, -0.6))
    fig.suptitle(f"{name}: shares of held-out cases (line: 95 %, diamond: target)", fontsize=11)
    return fig


def draw_temperature(name: str = "instruct"):
    """Draw right answers against temperature, and reading by the gold document's position."""
    fig, (left, right) = figures.subplots(1, 2, size=(8.5, 3.0), sharey=True)
    for ax, table, column in (
        (left, "temperatures", "temperature"),
        (right, "positions", "position"),
    ):
        rows = shipped_table(lab.path(name), table)
        x = [float(row[column]) for row in rows]
        y = [float(row["right"]) for row in rows]
        error = [float(row["± 95 %"]) for row in rows]
        ax.errorbar(x, y, yerr=error, fmt="o-", color=figures.INK, capsize=3)
        ax.set(xlabel=column, ylim=(0, 1.03))
    left.set(title="Known facts, by temperature", ylabel="right")
    right.set(title="Reading, by place of the answer", xlabel="document that holds the answer")
    right.set_xticks(range(1, 6))
    return fig


def draw_learning(name: str = "instruct"):
    """Draw a few abilities along a run: when each of them appears."""
    lines = (lab.path(name) / "watch.jsonl").read_text().splitlines()
    looks = [json.loads(line) for line in lines]
    millions = [look["tokens"] / 1e6 for look in looks]
    shown = {
        "closed-book, asked: right": "o-",
        "two hops, in steps: right": "s-",
        "reading, 1 document: right": "^-",
        "reading, 3 documents: right": "v-",
        "attribute missing, 3 documents: refused": "x-",
        "two calls at once: exact": "d-",
        "near-miss names: answered": "+:",
    }
    fig, ax = figures.subplots(size=(8.5, 3.6))
    for number, (label, look) in enumerate(shown.items()):
        shade = figures.GREY if number % 2 else figures.INK
        ax.plot(
            millions, [row[label] for row in looks], look, color=shade, markersize=5, label=label
        )
    ax.set(
        title=f"{name} along its run (50 cases each)", xlabel="million tokens", ylim=(-0.02, 1.03)
    )
    fig.legend(loc="outside right center", frameon=False, fontsize=8)
    return fig


def draw_prose(name: str = "base"):
    """Draw what the sentences of a base model's prose are, by temperature."""
    rows = shipped_table(lab.path(name), "prose")
    fig, ax = figures.subplots(size=(5.5, 3.0))
    kinds = [key for key in rows[0] if key not in ("temperature", "sentences")]
    for kind, look in zip(kinds, ("o-", "v--", "x:"), strict=True):
        ax.plot(
            [float(row["temperature"]) for row in rows],
            [float(row[kind]) for row in rows],
            look,
            color=figures.INK,
            label=kind,
        )
    ax.set(title=f"Sentences that {name} writes", xlabel="temperature", ylabel="share", ylim=(0, 1))
    ax.legend(frameon=False)
    return fig


def draw_abstention(names: tuple[str, str] = ("instruct", "instruct-noabstain")):
    """Draw what a model with and one without refusals in its data answers, refuses and invents."""
    groups = {
        "asked\nfacts": "closed-book, asked: right",
        "facts in\nprose only": "closed-book, seen in prose only: right",
        "near-miss\nnames": "near-miss names: answered",
        "unknown\nnames": "unknown names: answered",
        "attribute\nmissing": "attribute missing, 3 documents: refused",
    }
    fig, ax = figures.subplots(size=(8.5, 3.0))
    for side, (name, shade) in enumerate(zip(names, ("#cccccc", "#555555"), strict=True)):
        found = shipped(lab.path(name))
        for place, label in enumerate(groups.values()):
            value, spread = found[label]["value"], found[label]["spread"]
            if label.endswith("refused"):
                value = 1 - value
            x = place + 0.38 * side - 0.19
            ax.bar(x, value, 0.36, color=shade, label=name if place == 0 else None)
            ax.plot([x, x], [max(0, value - spread), min(1, value + spread)], "-", color="black")
    ax.axvline(1.5, color=figures.GREY, linewidth=1, linestyle=":")
    ax.set_xticks(range(len(groups)), groups)
    ax.set(ylim=(0, 1.03), ylabel="share")
    ax.set_title("Right (left of the line), and answered although there is no answer (right)")
    fig.legend(loc="outside right center", frameon=False, fontsize=8)
    return fig


def draw_draft(name: str = "draft"):
    """Draw the learning curves of the draft: single tokens against whole answers."""
    rows = shipped_table(lab.path(name), "curves")
    tokens = [int(row["tokens"]) for row in rows]
    fig, ax = figures.subplots(size=(5.5, 3.0))
    for column, look, label in (
        ("token", "o-", "tokens of the answer"),
        ("exact", "s--", "whole answers"),
    ):
        ax.plot(tokens, [float(row[column]) for row in rows], look, color=figures.INK, label=label)
    ax.set(xscale="log", xlabel="tokens seen", ylabel="share right", ylim=(-0.02, 1.02))
    ax.set_title(f"What {name} knows along its run")
    ax.legend(frameon=False)
    return fig


PICTURES = {
    "lab-instruct": draw_instruct,
    "lab-instruct-curves": draw_temperature,
    "lab-instruct-learning": draw_learning,
    "lab-base-prose": draw_prose,
    "lab-abstention": draw_abstention,
    "lab-draft": draw_draft,
}
"""Drawn by `course.lab.pictures.write`."""
