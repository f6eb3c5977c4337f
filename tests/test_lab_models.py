"""The lab's small models: their data, their measures, and what they were shipped as."""

import csv
import json
from io import StringIO

import numpy as np
import pytest
import torch
from rich.console import Console

from course import lab
from course.lab import icl, induction, scaling
from course.lab.attention_only import attention_only, rotate
from course.lab.config import read_config
from course.lab.evaluate import measure, shipped
from course.lab.measure import differing


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    torch.set_num_threads(1)


# -- induction ------------------------------------------------------------------------------------


def test_repeated_sequences_repeat():
    ids = induction.repeated(np.random.default_rng(0), 3, 20, 64, 7)
    assert ids.shape == (3, 20)
    assert (ids[:, 7:] == ids[:, :-7]).all() and len(set(map(tuple, ids.tolist()))) == 3


def test_every_period_occurs_in_training():
    sizes = {"vocab": 64, "length": 128, "shortest": 8, "longest": 64}
    stream = induction.batches(seed=0, batch_tokens=128 * 400, **sizes)
    periods = set()
    for row in next(stream).ids:
        periods.add(next(p for p in range(1, 128) if (row[p:] == row[:-p]).all()))
    assert periods == set(range(8, 65))
    again = next(induction.batches(seed=0, batch_tokens=512, start=1, **sizes))
    stream = induction.batches(seed=0, batch_tokens=512, **sizes)
    assert (again.ids != next(stream).ids).any() and (again.ids == next(stream).ids).all()


def test_scores_of_patterns_made_by_hand():
    period, t = 4, 8
    pattern = np.zeros((2, t, t))
    for position in range(t):
        pattern[0, position, max(position - period + 1, 0)] = 1  # an induction head
        pattern[1, position, max(position - 1, 0)] = 1  # looks at the token before
    assert induction.prefix_matching(pattern, period).tolist() == [1.0, 0.0]
    assert induction.previous_token(pattern).tolist() == [pytest.approx(1 / 7), 1.0]


def test_copying_scores_of_weights_made_by_hand():
    torch.manual_seed(0)
    model = attention_only(vocab_size=8, hidden_size=8, num_hidden_layers=1, num_attention_heads=2)
    with torch.no_grad():
        model.embed.weight.copy_(torch.eye(8))
        model.unembed.weight.copy_(torch.eye(8))
        attn = model.blocks[0].attn
        attn.v_proj.weight.copy_(torch.eye(8))
        attn.o_proj.weight.copy_(torch.diag(torch.tensor([1.0] * 4 + [-1.0] * 4)))
    assert induction.copying(model).tolist() == [[pytest.approx(1.0), pytest.approx(-1.0)]]


def test_attention_only_looks_back_only_and_by_distance():
    torch.manual_seed(0)
    model = attention_only(vocab_size=16, hidden_size=32).eval()
    ids = torch.randint(16, (1, 12))
    changed = ids.clone()
    changed[0, 7] = (ids[0, 7] + 1) % 16
    same = torch.isclose(model(ids).logits, model(changed).logits, atol=1e-5).all(-1)[0]
    assert same[:7].all() and not same[7:].any()
    out = model(ids, labels=ids, output_attentions=True)
    assert [a.shape for a in out.attentions] == [(1, 4, 12, 12)] * 2
    torch.testing.assert_close(out.attentions[0].sum(-1), torch.ones(1, 4, 12))
    q, k = torch.randn(2, 1, 1, 1, 8)
    scores = rotate(q.expand(1, 1, 9, 8), 1e4) @ rotate(k.expand(1, 1, 9, 8), 1e4).mT
    torch.testing.assert_close(scores[0, 0, 1:, 1:], scores[0, 0, :-1, :-1])


def test_formation_is_where_the_loss_is_halfway_down():
    losses = {100: 4.0, 200: 4.0, 300: 1.0, 400: 0.0}
    table = [{"tokens": t, "loss_second": x, "loss_first": 4.0} for t, x in losses.items()]
    assert induction.formation(table) == {"value": 267, "spread": 100, "n": 1}
    with pytest.raises(ValueError, match="no induction heads formed"):
        induction.formation(table[:2])


# -- icl ------------------------------------------------------------------------------------------


def test_training_sequences_of_icl_follow_their_rules():
    width = 5 * (icl.SHOTS + 1) - 1
    batch = next(icl.batches(seed=0, batch_tokens=width * 3000))
    usual = {icl.ID[w] for pair in icl.USUAL for w in pair}
    held_out = {frozenset(icl.ID[w] for w in pair) for pair in icl.HELD_OUT}
    flips = wrongs = usuals = absent = 0
    for ids, weights in zip(batch.ids, batch.weights, strict=True):
        labels = ids[weights == 1]
        assert (ids[np.flatnonzero(weights == 1) - 1] == icl.ID[":"]).all()
        assert frozenset(labels.tolist()) not in held_out
        if len(labels) == 1:
            absent += 1
            continue
        words = ids[np.flatnonzero(weights == 1) - 2]
        negative = words >= len(icl.MARKS) + len(icl.POSITIVE)
        if labels[0] in usual:
            usuals += 1
            wrong = (labels % 2 == icl.ID["good"] % 2) == negative  # pairs lie side by side
            flips += wrong.mean() > 0.7
            wrongs += wrong.mean() if wrong.mean() <= 0.7 else 1 - wrong.mean()
    assert 0.1 < absent / 3000 < 0.2
    assert usuals / (3000 - absent) == pytest.approx(icl.USUAL_SHARE, abs=0.05)
    assert flips / usuals == pytest.approx(icl.FLIPPED, abs=0.03)
    assert wrongs / usuals == pytest.approx(np.mean(icl.NOISE), abs=0.02)


def test_prompts_differ_in_their_labels_only():
    made = {c: icl.prompts(c, 6, 50) for c in ("true", "random", "flipped")}
    places = np.arange(6) * 5 + 3
    true = made["true"][0]
    for condition, (ids, answers) in made.items():
        assert (np.delete(ids, places, 1) == np.delete(true, places, 1)).all()
        assert (answers == made["true"][1]).all()
        agree = (ids[:, places] == true[:, places]).mean()
        assert agree == {"true": 1, "flipped": 0}.get(condition, pytest.approx(0.5, abs=0.1))
    ids, answers = icl.prompts("absent", 6, 50)
    assert ids.shape == (50, 21) and (answers == made["true"][1]).all()
    assert not np.isin(ids, made["true"][1]).any()
    with pytest.raises(ValueError, match="condition must be one of true, random, flipped, absent"):
        icl.prompts("wrong", 1, 1)
    text = icl.tokenizer().decode(icl.prompts("true", 1, 1)[0][0])
    assert icl.tokenizer()(text).input_ids == icl.prompts("true", 1, 1)[0][0].tolist()


@pytest.mark.parametrize("condition", ["true", "random", "flipped"])
def test_the_best_reader_agrees_with_counting(condition):
    """Draw many sequences as training does, keep those that show what the condition shows."""
    rng = np.random.default_rng(0)
    n, shots = 400_000, 3
    flip = rng.random(n) < icl.FLIPPED
    wrong = rng.random((n, shots + 1)) < rng.choice(icl.NOISE, size=n)[:, None]
    agree = ~(flip[:, None] ^ wrong)
    counts = agree[:, :shots].sum(1)
    chance = {"true": [0, 0, 0, 1], "random": [1 / 8, 3 / 8, 3 / 8, 1 / 8], "flipped": [1, 0, 0, 0]}
    p = sum(w * agree[counts == c, shots].mean() for c, w in enumerate(chance[condition]) if w)
    assert icl.bayes(condition, shots)[1] == pytest.approx(p, abs=0.01)


# -- scaling --------------------------------------------------------------------------------------


def test_the_fit_recovers_planted_constants():
    planted = {"E": 0.9, "A": 40.0, "B": 300.0, "alpha": 0.4, "beta": 0.5}
    rng = np.random.default_rng(0)
    rows = [
        {
            "parameters": n,
            "tokens": d,
            "nats_per_token": (0.9 + 40 / n**0.4 + 300 / d**0.5) * (1 + 0.002 * rng.normal()),
        }
        for n in (27e3, 46e3, 81e3, 152e3, 295e3, 603e3)
        for d in (5e4, 1e5, 2e5, 4e5, 8e5, 1.6e6)
    ]
    found = scaling.fit(rows)
    assert found["rms"] < 0.003
    for name in ("E", "alpha", "beta"):
        assert found[name] == pytest.approx(planted[name], rel=0.1), name
    with pytest.raises(ValueError, match="five constants need at least five runs, not 4"):
        scaling.fit(rows[:4])


def test_prose_windows_are_addressable_and_the_held_out_ones_apart():
    stream = scaling.batches(seed=0, batch_tokens=1024)
    first = [next(stream) for _ in range(130)]  # into a second chunk
    again = next(scaling.batches(seed=0, batch_tokens=1024, start=first[128].following))
    assert (again.ids == first[129].ids).all()
    ids, size = scaling.held_out()
    assert ids.shape == (400, scaling.CONTEXT) and 2 < size / ids.size < 5
    seen = {row.tobytes() for batch in first for row in batch.ids}
    assert not seen & {row.tobytes() for row in ids}


@pytest.mark.parametrize("size", scaling.SIZES)
def test_parameters_of_the_family_by_formula(size):
    with torch.device("meta"):
        model = scaling.config(size, 1000).architecture()
    assert sum(p.numel() for p in model.parameters()) == scaling.parameters(size)


def test_a_run_of_the_family_is_made_once_and_agrees_with_what_ships(tmp_path):
    console = Console(file=StringIO())
    row = scaling.run("7k", 50_000, 0, tmp_path / "run", console)
    assert scaling.run("7k", 50_000, 0, tmp_path / "run", console) == row
    shipped_row = next(
        r for r in scaling.runs() if (r["size"], r["tokens"]) == ("7k", row["tokens"])
    )
    assert row.keys() == shipped_row.keys() and row["flops"] == shipped_row["flops"]
    assert row["nats_per_token"] == pytest.approx(shipped_row["nats_per_token"], rel=0.03)
    assert row["nats_per_byte"] < row["nats_per_token"]


def test_the_shipped_runs_fit_a_power_law():
    rows = scaling.runs()
    assert len({row["size"] for row in rows}) >= 6
    assert len({(r["size"], r["tokens"], r["seed"]) for r in rows}) == len(rows)
    assert {(r["size"], r["seed"]) for r in rows} <= {(s, n) for s, _, n in scaling.grid()}
    found = scaling.fit(rows)
    assert found["rms"] < 0.1 and 0.05 < found["alpha"] < 2 and 0.05 < found["beta"] < 2


# -- what ships -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "limit"), [("induction", 60), ("icl", None)])
def test_figures_are_reproduced(name, limit):
    figures, _ = measure(read_config(name), lab.path(name), limit=limit)
    assert differing(shipped(lab.path(name)), figures) == []


def test_induction_formed_under_every_seed():
    seeds = sorted((lab.path("induction") / "seeds").glob("*/figures.json"))
    assert len(seeds) == 2
    for path in [lab.path("induction") / "figures.json", *seeds]:
        found = {name: figure["value"] for name, figure in json.loads(path.read_text()).items()}
        assert found["loss on the second block, nats"] < 0.2 * np.log(64)
        assert found["prefix matching, best head"] > 0.6
        assert found["layer of the best head"] == 2
        assert found["copying score, best head"] > 0.9


def test_before_the_phase_change_no_head_looks_back():
    first = lab.checkpoints("induction")[0]
    look = induction.look(lab.load("induction", first), rows=8)
    assert look["prefix"].mean(0).max() < 0.1 and look["second"].mean() > 3.5


def test_the_tables_of_the_checkpoints_tell_of_all_of_them():
    with (lab.path("induction") / "heads.csv").open(newline="") as file:
        tokens = {int(row["tokens"]) for row in csv.DictReader(file)}
    assert sorted(tokens) == lab.checkpoints("induction") and len(tokens) >= 20
