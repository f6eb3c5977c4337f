"""The lab's harness: configs, batches, training that can be killed, figures, using models."""

import csv
import json
import os
import random
import subprocess
import sys
from io import StringIO

import numpy as np
import pytest
import torch
import yaml
from rich.console import Console
from safetensors.torch import load_file
from transformers import AutoModel, AutoModelForCausalLM, AutoModelForSequenceClassification

from course import lab
from course.grading.errors import CourseError, UsageError
from course.lab import ship as ships
from course.lab import train as training
from course.lab.batches import Batch, bucketed, pad
from course.lab.config import Keep, Optimizer, config_names, read_config
from course.lab.evaluate import measure, store
from course.lab.llama import llama
from course.lab.measure import differing, mean, share
from course.lab.optimize import make_optimizers, rate_factor, weighted_loss

TINY = {
    "about": "A test.",
    "architecture": {
        "function": "course.lab.llama.llama",
        "arguments": {
            "vocab_size": 16,
            "hidden_size": 16,
            "layers": 1,
            "heads": 2,
            "intermediate_size": 32,
            "context": 32,
        },
    },
    "data": {"function": "test_lab.numbers", "arguments": {"vocab": 16}},
    "tokens": 2_000,
    "batch_tokens": 64,
    "log_every": 4,
    "keep": {"count": 3, "first": 200},
    "watch": {"function": "test_lab.glance", "every": 500},
    "evaluate": {"function": "test_lab.even"},
}

killed_at: int | None = None


def numbers(*, seed, batch_tokens, start=None, vocab):
    """Counting upwards, in sequences of several lengths; a kill can be planned."""

    def draw(rng: random.Random, chunk: int):
        found = []
        for _ in range(20):
            n, first = rng.randint(3, 20), rng.randrange(vocab)
            found.append(([(first + i) % vocab for i in range(n)], [0.0] + [1.0] * (n - 1)))
        return found

    batches = bucketed(draw, seed=seed, batch_tokens=batch_tokens, pad_id=0, start=start)
    for number, batch in enumerate(batches):
        if number == killed_at:
            raise KeyboardInterrupt
        yield batch


def even(model, tokenizer, *, folder, limit):
    """An evaluation: how often the model counts on from a random number."""
    ids = torch.arange(16)[:, None]
    right = model(ids).logits[:, -1].argmax(-1) == (ids[:, 0] + 1) % 16
    return {"counts on": share(int(right.sum()), 16), "curve": [{"x": 1, "y": 2}]}


def glance(model, tokenizer):
    """A look on the way; it uses up random numbers, which must not matter."""
    torch.rand(3)
    assert not model.training
    return {"counts on": even(model, tokenizer, folder=None, limit=None)["counts on"]["value"]}


@pytest.fixture
def tiny(tmp_path):
    path = tmp_path / "tiny.yml"
    path.write_text(yaml.safe_dump(TINY))
    return read_config(path)


def quiet() -> Console:
    return Console(file=StringIO())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"lern_rate": 1}, "no setting is called 'lern_rate'; known are name, about"),
        ({"optimizer": {"lr": "fast"}}, "optimizer: lr must be a number, not 'fast'"),
        ({"optimizer": {"schedule": "step"}}, "schedule must be one of cosine, linear, constant"),
        ({"optimizer": {"betas": [0.9]}}, "betas must be a list of 2 numbers"),
        ({"tokens": 1.5}, "tokens must be a whole number, not 1.5"),
        ({"tokens": 0}, "tokens must be at least 1"),
        ({"bf16": "no"}, "bf16 must be true or false, not 'no'"),
        ({"data": "course.lab"}, "data must be a mapping of settings"),
        ({"data": {}}, "data: the setting 'function' is missing"),
        ({"keep": {"count": 3, "first": 9_999}}, "keep.first must lie between 1 and tokens"),
    ],
)
def test_what_is_wrong_in_a_config_is_said_in_a_sentence(tmp_path, change, sentence):
    path = tmp_path / "wrong.yml"
    path.write_text(yaml.safe_dump({**TINY, **change}))
    with pytest.raises(UsageError, match=r"^wrong\.yml") as caught:
        read_config(path)
    assert sentence in str(caught.value)


def test_an_unknown_model_is_answered_with_those_that_exist(tmp_path):
    with pytest.raises(UsageError, match=r"no config file nothing\.yml: the lab has .*induction"):
        read_config("nothing")
    with pytest.raises(ValueError, match=r"the lab has no model 'nothing'; it has .*"):
        lab.path("nothing")
    for name in lab.names():
        assert name in config_names()


def test_a_function_that_does_not_exist_is_named(tmp_path):
    path = tmp_path / "wrong.yml"
    path.write_text(yaml.safe_dump({**TINY, "data": {"function": "course.lab.no.such"}}))
    with pytest.raises(UsageError, match=r"no function 'course\.lab\.no\.such'"):
        training.train(read_config(path), tmp_path / "run", quiet())


def test_numbers_may_be_written_as_people_write_them(tmp_path):
    path = tmp_path / "fine.yml"
    path.write_text(yaml.safe_dump({**TINY, "optimizer": {"lr": "3e-3", "clip": 1}}))
    assert read_config(path).optimizer == Optimizer(lr=0.003, clip=1.0)


def test_kept_checkpoints_are_spread_over_the_run():
    assert Keep(3, 100).marks(10_000) == [100, 1_000, 10_000]
    assert Keep(3, 100, "linear").marks(300) == [100, 200, 300]
    assert Keep(1, 100).marks(300) == [300]
    draft = Keep(12, 50_000).marks(5_000_000)
    assert len(draft) == 12 and draft[-1] == 5_000_000


def test_padding_weighs_nothing():
    ids, weights = pad([([1, 2, 3], [0, 1, 0.5]), ([4], [1])], pad_id=9, multiple=4)
    assert ids.tolist() == [[1, 2, 3, 9], [4, 9, 9, 9]]
    assert weights.tolist() == [[0, 1, 0.5, 0], [1, 0, 0, 0]]
    with pytest.raises(ValueError, match="3 tokens but 2 weights"):
        pad([([1, 2, 3], [1, 1])], 0)


def test_buckets_hold_every_example_once_and_keep_to_their_size():
    def draw(rng, chunk):
        return [([i + 1] * rng.randint(1, 30), [1.0] * 30) for i in range(50)]

    def fair(rng, chunk):
        return [(ids, weights[: len(ids)]) for ids, weights in draw(rng, chunk)]

    seen, width_change = [], 0
    for batch in bucketed(fair, seed=3, batch_tokens=120, pad_id=0):
        assert batch.ids.size <= 120
        assert (batch.weights == (batch.ids > 0)).all()
        seen += [row[0] for row in batch.ids.tolist()]
        width_change += batch.ids.shape[1] % 8
        if batch.following == [1, 0]:
            break
    assert sorted(seen) == list(range(1, 51)) and width_change == 0


def test_batches_go_on_from_any_position():
    def stream(start=None):
        return numbers(seed=5, batch_tokens=64, start=start, vocab=16)

    whole = [next(s) for s in [stream()] for _ in range(25)]
    for number in (0, 3, 11, 23):
        again = next(stream(whole[number].following))
        assert (again.ids == whole[number + 1].ids).all()
    assert whole[24].following[0] >= 1  # into a second chunk
    assert any((next(stream([1, 0])).ids.shape, 1) != (b.ids.shape, 1) for b in whole)


def weights_of(folder):
    return load_file(folder / "model.safetensors")


@pytest.mark.parametrize("kill", [0, 7, 19])
def test_a_killed_run_ends_with_the_same_weights(tiny, tmp_path, monkeypatch, kill):
    undisturbed = training.train(tiny, tmp_path / "whole", quiet())
    ticks = iter(range(10_000))  # a state is saved every third tick or so, not at every step
    monkeypatch.setattr(training.time, "monotonic", lambda: next(ticks))
    monkeypatch.setattr(sys.modules[__name__], "killed_at", kill)
    with pytest.raises(KeyboardInterrupt):
        training.train(tiny, tmp_path / "killed", quiet(), save_seconds=5)
    monkeypatch.setattr(sys.modules[__name__], "killed_at", None)
    resumed = training.train(tiny, tmp_path / "killed", quiet(), save_seconds=5)
    one, other = weights_of(undisturbed), weights_of(resumed)
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    curves = []
    for run in ("whole", "killed"):
        rows = csv.DictReader((tmp_path / run / "log.csv").read_text().splitlines())
        curves.append([{k: v for k, v in row.items() if k != "seconds"} for row in rows])
    assert curves[0] == curves[1] and len(curves[0]) >= 5
    looks = [(tmp_path / run / "watch.jsonl").read_text() for run in ("whole", "killed")]
    assert looks[0] == looks[1] and len(looks[0].splitlines()) == 4
    kept = [sorted(p.name for p in m.glob("checkpoints/*")) for m in (undisturbed, resumed)]
    assert kept[0] == kept[1] and len(kept[0]) == 3


def test_a_state_of_other_settings_is_refused(tiny, tmp_path):
    training.train(tiny, tmp_path / "run", quiet())
    with pytest.raises(CourseError, match="saved under other settings: delete the folder"):
        training.train(tiny.replace(seed=1), tmp_path / "run", quiet())


def test_training_learns_measures_and_starts_from_another_model(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "MODELS", tmp_path / "models")
    monkeypatch.setattr(ships, "NOTES", tmp_path)
    long = tiny.replace(tokens=20_000)
    folder = training.train(long, tmp_path / "run", quiet())
    figures, tables = measure(long, folder)
    assert figures["counts on"]["value"] == 1.0
    store(folder, figures, tables)
    assert (folder / "curve.csv").read_text() == "x,y\n1,2\n"
    home = ships.ship(long, tmp_path / "run")
    assert lab.names() == ["tiny"] and lab.path("tiny") == home
    assert len(lab.checkpoints("tiny")) == 3
    early, late = lab.load("tiny", lab.checkpoints("tiny")[0]), lab.load("tiny")
    assert measure(long, home)[0] == figures
    assert not torch.equal(early.lm_head.weight, late.lm_head.weight)
    text = ships.card(long)
    assert "| counts on | 1 |" in text and "20,0" in text and "random weights" in text

    child = tiny.replace(from_="tiny", name="child", tokens=100, keep=None)
    first = training._fresh(child)
    assert torch.equal(first.lm_head.weight, late.lm_head.weight)
    with pytest.raises(ValueError, match="tiny has no checkpoint 5; it has"):
        lab.load("tiny", 5)
    with pytest.raises(ValueError, match="tiny has no tokenizer"):
        lab.tokenizer("tiny")

    other = training.train(long.replace(seed=4), tmp_path / "other", quiet())
    store(other, *measure(long, other))
    ships.ship(long, tmp_path / "other")
    assert "| seed 4 |" in ships.card(long)
    assert torch.equal(lab.load("tiny").lm_head.weight, late.lm_head.weight)


def test_data_that_end_too_early_and_a_loss_without_end_are_named(tiny, tmp_path, monkeypatch):
    ids = np.ones((2, 8), np.int64)

    def two(**_):
        yield from [Batch(ids, np.ones((2, 8), np.float32), 1)] * 2

    monkeypatch.setattr(sys.modules[__name__], "numbers", lambda vocab, **k: two())
    with pytest.raises(CourseError, match="data of 'tiny' end after 32 tokens; 2,000 are wanted"):
        training.train(tiny, tmp_path / "short", quiet())
    bad = [Batch(ids, np.full((2, 8), np.inf, np.float32), 1)]
    monkeypatch.setattr(sys.modules[__name__], "numbers", lambda vocab, **k: iter(bad))
    with pytest.raises(CourseError, match="loss of 'tiny' is nan at step 0"):
        training.train(tiny, tmp_path / "bad", quiet())


def test_weighted_loss_is_the_weighted_mean_of_transformers_losses(tiny):
    torch.manual_seed(0)
    model = tiny.architecture().eval()
    ids, weights = torch.randint(16, (3, 9)), torch.rand(3, 9)
    weights[0, 4:] = 0
    logits = model(ids).logits[:, :-1]
    nll = torch.nn.functional.cross_entropy(logits.transpose(1, 2), ids[:, 1:], reduction="none")
    expected = (nll * weights[:, 1:]).sum() / weights[:, 1:].sum()
    torch.testing.assert_close(weighted_loss(model, ids, weights), expected)
    same = model(ids, labels=ids).loss
    torch.testing.assert_close(weighted_loss(model, ids, torch.ones(3, 9)), same)


def test_muon_takes_the_matrices_inside_only(tiny):
    model = tiny.architecture()
    adamw, muon = make_optimizers(model, Optimizer())
    inside = {id(p) for p in muon.param_groups[0]["params"]}
    names = {name for name, p in model.named_parameters() if id(p) in inside}
    assert names == {
        f"model.layers.0.{part}.weight"
        for part in (
            *(f"self_attn.{x}_proj" for x in "qkvo"),
            *(f"mlp.{x}_proj" for x in ("gate", "up", "down")),
        )
    }
    vectors = adamw.param_groups[1]
    assert vectors["weight_decay"] == 0 and all(p.ndim == 1 for p in vectors["params"])
    covered = sum(p.numel() for o in (adamw, muon) for g in o.param_groups for p in g["params"])
    assert covered == sum(p.numel() for p in model.parameters())


def test_rates_rise_and_fall():
    settings = Optimizer(warmup=0.1, final=0.05)
    assert rate_factor(settings, 0.05) == pytest.approx(0.5)
    assert rate_factor(settings, 0.1) == pytest.approx(1.0)
    assert rate_factor(settings, 0.55) == pytest.approx(0.525)
    assert rate_factor(settings, 1.0) == pytest.approx(0.05)
    linear = Optimizer(schedule="linear", warmup=0, final=0)
    assert rate_factor(linear, 0.25) == pytest.approx(0.75)
    assert rate_factor(Optimizer(schedule="constant"), 0.9) == 1.0


def test_figures_carry_their_spread():
    assert share(50, 100)["spread"] == pytest.approx(0.0962, abs=1e-4)  # Wilson 0.404 to 0.596
    assert share(300, 300)["value"] == 1 and 0.005 < share(300, 300)["spread"] < 0.007
    assert mean([1.0, 2.0, 3.0]) == {"value": 2.0, "spread": 1.13, "n": 3}
    with pytest.raises(ValueError, match="5 of 4 is no share"):
        share(5, 4)


def test_figures_agree_within_the_larger_spread():
    old = {"a": {"value": 0.9, "spread": 0.02, "n": 300}}
    assert differing(old, {"a": {"value": 0.919, "spread": 0.01, "n": 300}}) == []
    assert differing(old, {"a": {"value": 0.8, "spread": 0.11, "n": 30}}) == []
    [sentence] = differing(old, {"a": {"value": 0.95, "spread": 0.02, "n": 300}})
    assert "0.95 measured, 0.9 shipped" in sentence
    both = " ".join(differing(old, {"b": old["a"]}))
    assert "a is on the card, but was not measured" in both and "b was measured" in both


def test_importing_the_lab_is_light():
    code = "import sys; import course; from course import lab; lab.names(); "
    code += "print([m for m in ('torch', 'transformers', 'yaml') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_models_load_without_reaching_for_a_network():
    code = (
        "import socket\n"
        "def refuse(*a, **k): raise SystemExit('reached for a network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from course import lab\n"
        "for name in lab.names():\n"
        "    lab.load(name)\n"
        "    if (lab.path(name) / 'tokenizer.json').exists(): lab.tokenizer(name)\n"
        "print('loaded', *lab.names())\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HF_")}
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert out.stdout.split() == ["loaded", *lab.names()], out.stderr
    assert out.stderr == ""  # no bars, no warnings


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")
def test_learner_code_can_use_the_models():
    from course.grading.sandbox import Sandbox

    code = (
        "from course import lab\nfrom course.lab import icl, induction, scaling\n"
        "from course.testing import make\nimport torch\n"
        "model = make(lab.load, 'induction')\n"
        "with torch.no_grad(): print(tuple(model(torch.arange(5)[None]).logits.shape))"
    )
    with Sandbox() as sandbox:
        outputs = sandbox.start().run_cell(code, "cell-1")
    assert outputs == [{"output_type": "stream", "name": "stdout", "text": "(1, 5, 64)\n"}]


@pytest.mark.parametrize("name", lab.names())
def test_a_shipped_model_loads_and_its_card_says_what_its_files_say(name):
    model = lab.load(name)
    assert model.dtype == torch.float32 and not model.training
    auto = {"embedder": AutoModel, "reranker": AutoModelForSequenceClassification}
    plain = auto.get(name, AutoModelForCausalLM).from_pretrained(lab.path(name))
    assert plain.dtype == torch.float32
    for one, other in zip(model.parameters(), plain.parameters(), strict=True):
        assert torch.equal(one, other)
    facts = json.loads((lab.path(name) / "run.json").read_text())
    assert facts["parameters"] == sum(p.numel() for p in model.parameters())
    assert (lab.path(name) / "README.md").read_text() == ships.card(read_config(name))


def test_a_model_as_plain_tensors_is_the_model_that_loads():
    params, cfg = lab.raw("base")
    model = lab.load("base")
    state = model.state_dict()
    assert set(state) - set(params) == {"lm_head.weight"}  # tied, so on disk once
    assert all(torch.equal(tensor, state[name]) for name, tensor in params.items())
    assert all(tensor.dtype == torch.float32 for tensor in params.values())
    assert cfg["rope_theta"] == model.config.rope_parameters["rope_theta"]
    assert cfg["num_hidden_layers"] == len(model.model.layers)
    with pytest.raises(ValueError, match="no rotary positions"):
        lab.raw("induction")


def test_a_model_as_plain_tensors_needs_no_transformers():
    code = (
        "import sys; from course import lab; lab.raw('base'); print('transformers' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")
def test_learner_code_can_read_a_model_as_plain_tensors():
    from course.grading.sandbox import Sandbox

    code = "from course import lab\nprint(len(lab.raw('base')[0]) > 10)"
    with Sandbox() as sandbox:
        outputs = sandbox.start().run_cell(code, "cell-1")
    assert outputs == [{"output_type": "stream", "name": "stdout", "text": "True\n"}]


def test_the_lab_is_small():
    files = [path for path in lab.MODELS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 45e6


def test_writing_needs_no_training(tmp_path, monkeypatch):
    """`lab.generate` and `lab.chat` on a fresh model with a tokenizer of bytes."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    from course.lab import use
    from course.lab.weights import save_folder

    monkeypatch.setattr(lab, "MODELS", tmp_path)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    core = Tokenizer(models.BPE({c: i for i, c in enumerate(alphabet)}, []))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core)
    tokenizer.chat_template = "{% for m in messages %}{{ m.content }}\n{% endfor %}"
    torch.manual_seed(0)
    sizes = {"vocab_size": 256, "hidden_size": 16, "intermediate_size": 16, "context": 64}
    model = llama(layers=1, heads=2, **sizes)
    save_folder(model, tokenizer, {}, tmp_path / "tiny")
    use.shared.cache_clear()
    before = torch.get_rng_state()
    greedy = lab.generate("ab", name="tiny", max_new_tokens=8)
    assert greedy == lab.generate("ab", name="tiny", max_new_tokens=8)
    one, two = lab.chat("ab", name="tiny", n=2, temperature=5.0, max_new_tokens=8)
    assert one != two
    assert lab.chat("ab", name="tiny", n=2, temperature=5.0, max_new_tokens=8) == [one, two]
    assert lab.chat([{"role": "user", "content": "ab"}], name="tiny", max_new_tokens=4) == lab.chat(
        "ab", name="tiny", max_new_tokens=4
    )
    assert torch.equal(torch.get_rng_state(), before)
    with pytest.raises(ValueError, match="more than the 64 that tiny was trained on"):
        lab.generate("a" * 60, name="tiny", max_new_tokens=8)
    with pytest.raises(ValueError, match="temperature must be at least 0"):
        lab.generate("a", name="tiny", temperature=-1.0)
    use.shared.cache_clear()
