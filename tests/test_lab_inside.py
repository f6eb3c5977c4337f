"""The opened lab model computes what transformers computes, and its hooks act where they say."""

import numpy as np
import pytest
import torch

import course
from course import lab
from course.lab import inside

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def base():
    return lab.raw("base")


@pytest.fixture
def ids():
    return torch.randint(3, 1400, (3, 9), generator=torch.Generator().manual_seed(0))


def test_logits_are_those_of_transformers(base, ids):
    want = lab.load("base")(ids).logits.detach()
    assert torch.allclose(inside.run(*base, ids).logits, want, atol=1e-3)


def test_hooks_come_in_order_and_change_what_follows(base, ids):
    seen = []

    def watch(site, layer, x):
        seen.append((site, layer))
        return torch.zeros_like(x) if (site, layer) == ("stream", 2) else x

    plain, changed = inside.run(*base, ids), inside.run(*base, ids, watch)
    assert seen[:5] == [("stream", 0), *((s, 1) for s in ("scores", "attention", "mlp", "stream"))]
    assert torch.equal(plain.stream[1], changed.stream[1])
    assert not changed.stream[2].any() and not torch.equal(plain.logits, changed.logits)
    assert all(torch.allclose(w.sum(-1), torch.ones(1)) for w in plain.attention)


def test_patching_everything_that_matters_restores_everything(base, ids):
    other = (ids + 7) % 1400
    table = inside.patch_map(*base, ids, other)
    assert table.shape == (5, 9)
    assert table[-1, -1] == pytest.approx(1, abs=1e-4)
    assert np.allclose(table[-1, :-1], 0, atol=1e-4)
    parts = inside.part_map(*base, ids, other)
    assert {k: v.shape for k, v in parts.items()} == {"attention": (4,), "mlp": (4,)}


def test_ridge_finds_a_linear_label():
    X = np.random.default_rng(0).normal(size=(400, 5))
    y = np.where(X[:, 0] > 0, 7, 2)
    assert (inside.ridge(X[:300], y[:300])(X[300:]) == y[300:]).mean() > 0.9


def test_an_sae_becomes_sparser_and_better():
    generator = torch.Generator().manual_seed(1)
    truth = torch.nn.functional.normalize(torch.randn(24, 16, generator=generator), dim=1)
    on = torch.rand(2000, 24, generator=generator) < 0.08
    X = (on * torch.rand(2000, 24, generator=generator) * 4) @ truth
    trained, untrained, history = inside.train_sae(X - X.mean(0), 32, 0.3, steps=300)
    assert [p.shape for p in trained] == [p.shape for p in untrained]
    assert history[-1][1] < 0.8 * history[0][1] and history[-1][2] < 0.5 * history[0][2]
    again = inside.train_sae(X - X.mean(0), 32, 0.3, steps=300)[0]
    assert all(torch.equal(a, b) for a, b in zip(trained, again, strict=True))


def test_the_given_type_begins_with_the_loss():
    loss = course.SAELoss(1.0, 2.0, 3.0, 4.0, 5.0)
    assert loss[0] == loss.total and loss._fields == ("total", "mse", "l1", "l0", "fvu")
