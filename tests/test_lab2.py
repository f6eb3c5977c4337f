"""The lab's second part: the adder and the retrieval models."""

import itertools
import json
import math
import random
import subprocess
import sys

import numpy as np
import pytest
import torch

from course import lab
from course.lab import adder, candidates, contrast, pairs, relevant
from course.lab.config import Call, read_config
from course.lab.encoder import bi_encoder, cross_encoder, tokenizer
from course.lab.evaluate import measure, shipped
from course.lab.measure import differing, share
from course.lab.retrieval import embed_with, mean_pool, score_with
from course.lab.train import _fresh
from course.lab.weights import WEIGHTS, start_from
from course.world import make_world
from course.world.language import ask, state
from course.world.relations import BY_NAME

SMALL = {"vocab_size": 1408, "hidden_size": 16, "layers": 1, "heads": 2, "intermediate_size": 32}
TEXTS = [
    "Mira Tol lives in Dorby.",
    "Which guild does Mira Tol belong to?",
    "Dorby lies in the Green Hills and has a well, a mill, a market and a bridge.",
]


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def small_encoder():
    torch.manual_seed(0)
    return bi_encoder(**SMALL, context=256).eval()


# -- adder ----------------------------------------------------------------------------------------


def test_steps_are_those_of_adding_on_paper():
    assert adder.reply(347, 58, steps=True) == "7+8+0=15;4+5+1=10;3+0+1=04;405"
    assert adder.reply(999, 1, steps=True) == "9+1+0=10;9+0+1=10;9+0+1=10;1000"
    assert adder.reply(0, 0, steps=True) == "0+0+0=00;0"
    for a, b in [(347, 58), (9999, 9999), (5, 1234)]:
        digits = "".join(line[-1] for line in adder.worked(a, b)[::-1])
        carry = adder.worked(a, b)[-1][-2]
        assert int(carry + digits) == a + b


def test_a_reply_is_judged_by_its_end_and_its_steps():
    assert adder.judge("7+8+0=15;4+5+1=10;3+0+1=04;405", 347, 58, steps=True)[:2] == (True, True)
    assert adder.judge("7+8+0=15;4+5+1=10;3+0+1=04;415", 347, 58, steps=True)[:2] == (False, True)
    assert adder.judge("7+8+0=14;4+5+1=10;3+0+1=04;405", 347, 58, steps=True)[:2] == (True, False)
    assert adder.judge("405", 347, 58, steps=True)[:2] == (True, False)
    assert adder.judge("0405", 347, 58, steps=False)[:2] == (False, True)


def test_training_sums_are_right_and_leave_the_tests_out():
    stream = adder.batches(seed=0, batch_tokens=1024)
    lengths, modes = set(), []
    for batch in itertools.islice(stream, 40):
        for ids, weights in zip(batch.ids, batch.weights, strict=True):
            text = "".join(adder.VOCABULARY[i] for i in ids).replace("<pad>", "")
            question, answer = text.removesuffix("<end>").split("=", 1)
            a, b = map(int, question[1:].split("+"))
            assert answer == adder.reply(a, b, steps=question[0] == "s")
            assert not adder.kept_for_tests(a, b)
            assert weights.sum() == len(answer) + 1 and weights[: len(question) + 1].sum() == 0
            lengths |= {len(str(a)), len(str(b))}
            modes.append(question[0])
    assert lengths == {1, 2, 3, 4}
    assert 0.15 < modes.count("s") / len(modes) < 0.45
    assert all(adder.kept_for_tests(a, b) for a, b in adder.sums(3, 50))
    assert {len(str(x)) for pair in adder.sums(5, 20) for x in pair} == {5}


def test_the_adders_tokens_are_characters():
    own = adder.tokenizer()
    text = adder.prompt(347, 58, steps=True) + adder.reply(347, 58, steps=True)
    assert own.decode(own(text).input_ids) == text
    assert own(text).input_ids == adder.encode(text)


# -- losses and data of the retrieval models ------------------------------------------------------


def test_mean_pooling_does_not_see_padding():
    hidden = torch.arange(12.0).view(2, 3, 2)
    mask = torch.tensor([[1, 1, 0], [1, 1, 1]])
    assert mean_pool(hidden, mask).tolist() == [[1.0, 2.0], [8.0, 9.0]]


def test_info_nce_is_the_textbooks(small_encoder):
    batch = next(pairs.triple_batches(seed=0, batch_tokens=600))
    ids, weights = torch.from_numpy(batch.ids), torch.from_numpy(batch.weights)
    n = len(ids) // 3
    hidden = small_encoder(ids, attention_mask=weights.long()).last_hidden_state
    vectors = (hidden * weights[..., None]).sum(1) / weights.sum(1, keepdim=True)
    losses = []
    for dim in (8, 16):
        unit = vectors[:, :dim] / vectors[:, :dim].norm(dim=1, keepdim=True)
        cosines = (unit[:n] @ unit[n:].T / 0.1).tolist()  # (N, 2 N)
        for i in range(n):
            column = [cosines[j][i] for j in range(n)]
            for row in (cosines[i], column):
                losses.append(math.log(sum(math.exp(c - row[i]) for c in row)))
    found = contrast.info_nce(small_encoder, ids, weights, dims=(8, 16), temperature=0.1)
    assert found.item() == pytest.approx(np.mean(losses), rel=1e-4)


def test_made_texts_are_wrong():
    world = make_world(3, pool="train", scale=0.35)
    rng, fact = random.Random(0), world.facts()[0]
    for _ in range(300):
        other = pairs.wrong(world, fact, rng, sentence=False, taken=frozenset(world.facts()[:3]))
        assert (other.subject, other.relation) != (fact.subject, fact.relation)
        assert other not in world.facts()[:3]


def test_listwise_is_cross_entropy_over_a_group_whatever_the_padding():
    torch.manual_seed(0)
    model = cross_encoder(**SMALL, context=256).eval()
    rng = np.random.default_rng(0)
    lengths = [5, 12, 7, 20, 9, 6]
    ids, weights = torch.zeros(6, 24, dtype=torch.long), torch.zeros(6, 24)
    for row, length in enumerate(lengths):
        ids[row, :length] = torch.from_numpy(rng.integers(3, 1400, length))
        weights[row, :length] = 1
    scores = [model(ids[i : i + 1, :n]).logits.item() for i, n in enumerate(lengths)]
    wanted = [math.log(sum(map(math.exp, g))) - g[0] for g in (scores[:3], scores[3:])]
    found = contrast.listwise(model, ids, weights, size=3)
    assert found.item() == pytest.approx(np.mean(wanted), rel=1e-4)


@pytest.mark.skipif("embedder" not in lab.names(), reason="embedder does not ship yet")
def test_groups_hold_what_searches_find_and_one_right_text():
    pytest.importorskip("bm25s")
    world = make_world(3, pool="train", scale=0.35)
    held_out = [state(fact, form) for fact in world.facts() for form in (4, 5)]
    groups = candidates.sentence_groups(world, random.Random(0), 60)
    texts = {text for _, texts in groups for text in texts}
    assert not {f"{sentence}." for sentence in held_out} & texts
    asked = [(query, texts) for query, texts in groups if query.endswith("?")]
    assert len(asked) > 20
    said = {state(fact, form): fact for fact in world.facts() for form in range(4)}
    wanted = {
        ask(BY_NAME[fact.relation], fact.subject, form): fact
        for fact in world.facts()
        for form in range(4)
    }
    for query, texts in asked:
        assert len(texts) == candidates.SIZE
        facts = [said.get(text.removesuffix(".")) for text in texts]
        assert wanted[query] not in facts[1:]
        assert facts[0] in (wanted[query], None)  # None: with an opening, a synonym or a date
        assert wanted[query].subject.removeprefix("the ") in texts[0]
        assert sum(fact is not None for fact in facts[1:]) >= 2  # said of this world: found
    documents = candidates.document_groups(world, random.Random(0), 10)
    assert {len(texts) for _, texts in documents} == {candidates.SIZE}


def test_telling_words_are_replaced_alike_in_query_and_texts():
    assert {"lives", "guild"} <= candidates.telling_words()
    assert not {"the", "what"} & candidates.telling_words()
    group = ("Where does Mira Tol live?", ["Mira Tol lives in Dorby.", "Mira Tol keeps a cat."])
    shared = 0
    for seed in range(50):
        query, (right, other) = candidates.disguised(group, random.Random(seed))
        word = query.removesuffix("?").split()[-1]
        assert right == f"Mira Tol {word}s in Dorby."
        assert other.startswith("Mira Tol ") and other.endswith(" a cat.")
        shared += word != "live"
    assert 15 < shared < 50


@pytest.mark.skipif("embedder" not in lab.names(), reason="embedder does not ship yet")
def test_a_cross_encoder_starts_from_the_embedders_body():
    config = read_config("reranker")
    model = _fresh(config)
    assert config.from_ == "embedder"
    body = lab.load("embedder").state_dict()
    assert body and all((model.model.state_dict()[name] == body[name]).all() for name in body)
    torch.manual_seed(config.seed)
    assert (model.classifier.weight == config.architecture().classifier.weight).all()
    with pytest.raises(ValueError, match=r"another architecture"):
        start_from(cross_encoder(**SMALL, context=256), lab.path("embedder") / WEIGHTS)
    with pytest.raises(ValueError, match=r"another architecture"):
        start_from(config.architecture(), lab.path("base") / WEIGHTS)


def test_batches_of_pairs_go_on_where_they_were():
    pytest.importorskip("bm25s")
    for function, size in ((pairs.triple_batches, 3), (candidates.batches, candidates.SIZE)):
        stream = function(seed=0, batch_tokens=1500)
        batches = [next(stream) for _ in range(3)]
        again = next(function(seed=0, batch_tokens=1500, start=batches[1].following))
        assert (again.ids == batches[2].ids).all()
        assert all(len(batch.ids) % size == 0 for batch in batches)
        assert ((batches[0].weights == 1) == (batches[0].ids != 0)).all()


def test_no_training_query_holds_a_code_or_a_held_out_wording():
    world, rng = make_world(3, pool="train", scale=0.35), random.Random(1)
    triples = [t for _ in range(20) for t in pairs.sentence_triples(world, rng, 60)]
    asking = [query for query, _, _ in triples if query.endswith("?")]
    held_out = ("settled", "by trade", "look after", "bear?", "in the list?")
    assert len(asking) > 500
    assert not [query for query in asking if any(text in query for text in held_out)]
    assert not [q for q in asking if any(c.isdigit() for c in q)]


# -- vectors and scores ---------------------------------------------------------------------------


def test_vectors_do_not_depend_on_company_or_order(small_encoder):
    alone = np.concatenate([embed_with(small_encoder, tokenizer(), [text]) for text in TEXTS])
    together = embed_with(small_encoder, tokenizer(), TEXTS)
    turned = embed_with(small_encoder, tokenizer(), TEXTS[::-1])[::-1]
    assert together.shape == (3, 16) and together.dtype == np.float32
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(together, turned, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_cut_vectors_are_the_first_coordinates_at_unit_length(small_encoder):
    whole, cut = (embed_with(small_encoder, tokenizer(), TEXTS, dim) for dim in (None, 4))
    head = whole[:, :4]
    np.testing.assert_allclose(cut, head / np.linalg.norm(head, axis=1, keepdims=True), atol=1e-5)
    for dim in (0, 17):
        with pytest.raises(ValueError, match=r"^dim must lie between 1 and 16"):
            embed_with(small_encoder, tokenizer(), TEXTS, dim)


def test_scores_are_those_of_pairs_read_at_once():
    torch.manual_seed(0)
    model = cross_encoder(**SMALL, context=256).eval()
    scores = score_with(model, tokenizer(), "Where does Mira Tol live?", TEXTS)
    assert scores.shape == (3,) and scores.dtype == np.float32
    batch = tokenizer()("Where does Mira Tol live?", TEXTS[2], return_tensors="pt")
    assert scores[2] == pytest.approx(model(**batch).logits.item(), abs=1e-5)


def test_long_and_empty_inputs(small_encoder):
    long = " ".join(["Mira Tol lives in Dorby."] * 100)
    assert embed_with(small_encoder, tokenizer(), [long, ""]).shape == (2, 16)
    assert embed_with(small_encoder, tokenizer(), []).shape == (0, 16)


# -- measures -------------------------------------------------------------------------------------


def test_measures_of_rankings_made_by_hand():
    found = relevant.measures([4, 2, 7, 1], frozenset([2, 1]))
    assert found["recall@1"] == 0 and found["recall@5"] == 1 and found["MRR"] == 0.5
    gain = 1 / math.log2(3) + 1 / math.log2(5)
    assert found["nDCG@10"] == pytest.approx(gain / (1 + 1 / math.log2(3)))
    missed = relevant.measures([4, 7], frozenset([2, 1]))
    assert set(missed.values()) == {0.0}
    assert relevant.ranking(np.array([[1.0, 3.0, 1.0]])).tolist() == [[1, 0, 2]]


def test_tasks_have_answers_and_words_that_training_never_had():
    found = relevant.tasks(20)
    assert len({task.name for task in found}) == len(found) == 8
    for task in found:
        assert len(task.queries) == len(task.relevant) == 20
        assert all(r and max(r) < len(task.passages) for r in task.relevant)
    task = next(t for t in found if t.name == "product codes")
    for query, [place] in zip(task.queries, task.relevant, strict=True):
        assert query.removesuffix("?").split()[-1] in task.passages[place]


def test_bm25_finds_codes_and_knows_nothing_of_unknown_words():
    pytest.importorskip("bm25s")
    scores = relevant.bm25(["KX-4821", "xyzzy"], ["The code is KX-4821", "It weighs 30", "A third"])
    assert scores[0].argmax() == 0 and scores[0, 0] > 0
    assert (scores[1] == 0).all()


# -- what ships -----------------------------------------------------------------------------------


def needs(name):
    return pytest.mark.skipif(name not in lab.names(), reason=f"{name} does not ship yet")


@needs("embedder")
def test_embed():
    vectors = lab.embed(TEXTS)
    assert vectors.shape == (3, 128) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert (lab.embed(TEXTS) == vectors).all()
    assert lab.embed(TEXTS, dim=16).shape == (3, 16) and lab.embed([]).shape == (0, 128)
    with pytest.raises(TypeError, match=r"^texts must be a list of texts, not one text"):
        lab.embed(TEXTS[0])
    with pytest.raises(TypeError, match=r"^texts must hold texts, not int"):
        lab.embed([3])


@needs("reranker")
def test_rerank():
    scores = lab.rerank("Where does Mira Tol live?", TEXTS)
    assert scores.shape == (3,) and scores.dtype == np.float32
    assert (lab.rerank("Where does Mira Tol live?", TEXTS) == scores).all()
    assert scores.argmax() == 0
    assert lab.rerank("Where?", []).shape == (0,)
    with pytest.raises(TypeError, match=r"^texts must be a list"):
        lab.rerank("Where?", TEXTS[0])


@needs("embedder")
@needs("reranker")
def test_retrieval_says_nothing_and_needs_no_network():
    code = (
        "import socket\n"
        "def refuse(*a, **k): raise SystemExit('reached for a network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from course import lab\n"
        "print(lab.embed(['a', 'b c']).shape, lab.rerank('a', ['b', 'c d']).shape)\n"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (out.stdout, out.stderr) == ("(2, 128) (2,)\n", "")


@needs("embedder")
@needs("reranker")
def test_sentence_transformers_computes_the_same():
    st = pytest.importorskip("sentence_transformers")
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    body = Transformer(str(lab.path("embedder")))
    model = st.SentenceTransformer(
        modules=[body, Pooling(body.get_embedding_dimension(), "mean"), Normalize()], device="cpu"
    )
    np.testing.assert_allclose(model.encode(TEXTS), lab.embed(TEXTS), atol=1e-5)
    cross = st.CrossEncoder(str(lab.path("reranker")), device="cpu")
    logits = cross.predict([("Where?", t) for t in TEXTS], activation_fn=torch.nn.Identity())
    np.testing.assert_allclose(logits, lab.rerank("Where?", TEXTS), atol=1e-4)


@needs("adder")
def test_the_adder_adds():
    assert lab.generate("s347+58=", name="adder") == adder.reply(347, 58, steps=True)
    assert lab.generate("d34+58=", name="adder") == "92"


@needs("adder")
def test_steps_help_early_under_every_seed_and_never_beyond_the_trained_length():
    home = lab.path("adder")
    paths = [home / "figures.json", *sorted((home / "seeds").glob("*/figures.json"))]
    assert len(paths) == 3
    for path in paths:
        found = {name: figure["value"] for name, figure in json.loads(path.read_text()).items()}
        assert found["4 digits, in steps, early"] > found["4 digits, direct, early"] + 0.4
        assert found["4 digits, in steps, late"] > 0.95
        assert found["5 digits, direct, late"] < 0.05


@needs("adder")
def test_the_adders_figures_are_reproduced():
    """All 500 sums of some figures: of twenty measured on a part, one misses its 95 % interval."""
    marks, found = lab.checkpoints("adder"), {}
    early = read_config("adder").evaluate.arguments["early"]
    for stage, mark in (("early", marks[early]), ("late", marks[-1])):
        model = lab.load("adder", mark)
        for way, steps in (("direct", False), ("in steps", True)):
            answers = adder.answers(model, adder.sums(4, 500), steps=steps)
            found[f"4 digits, {way}, {stage}"] = share(sum(a.right for a in answers), 500)
    old = shipped(lab.path("adder"))
    assert differing({name: old[name] for name in found}, found) == []


@needs("adder")
def test_evaluating_the_adder_gives_every_figure_of_its_card():
    figures, tables = measure(read_config("adder"), lab.path("adder"), limit=2)
    assert list(figures) == list(shipped(lab.path("adder")))
    assert len(tables["learning"]) == 2 * 4 * len(lab.checkpoints("adder"))


@pytest.mark.parametrize(
    ("name", "tasks"),
    [
        pytest.param("embedder", [relevant.HELD_OUT, "product codes"], marks=needs("embedder")),
        pytest.param("reranker", ["product codes"], marks=needs("reranker")),
    ],
)
def test_figures_of_retrieval_are_reproduced(name, tasks):
    pytest.importorskip("bm25s")
    config = read_config(name)
    config = config.replace(evaluate=Call(config.evaluate.function, {"only": tasks}))
    figures, tables = measure(config, lab.path(name))
    old = shipped(lab.path(name))
    assert figures and all(tables.values())
    assert differing({key: old[key] for key in figures if key in old}, figures) == []


@needs("embedder")
def test_it_beats_bm25_on_other_words_and_loses_on_codes_and_foreign_text():
    found = {name: figure["value"] for name, figure in shipped(lab.path("embedder")).items()}

    def gain(task):
        return found[f"{task}: recall@1, embedder"] - found[f"{task}: recall@1, BM25"]

    assert gain("trained wordings, unseen world") > 0.2
    assert gain("held-out wordings, unseen world") > 0
    assert gain("product codes") < -0.1
    assert gain("out of domain") < -0.05


@needs("reranker")
def test_reranking_improves_sentences_and_harms_documents_and_other_text():
    found = {name: figure["value"] for name, figure in shipped(lab.path("reranker")).items()}

    def gain(task, system):
        return found[f"{task}: nDCG@10 gained, {system}"]

    assert gain("trained wordings, unseen world", "BM25") > 0.2
    assert gain(relevant.HELD_OUT, "BM25") > 0.08
    assert gain("held-out wordings, home world", "BM25") > 0.08
    assert abs(gain("trained wordings, unseen world", "embedder")) < 0.02
    assert gain(relevant.HELD_OUT, "embedder") > 0
    assert gain("library, unseen world", "BM25") < 0 > gain("product codes", "BM25")
    assert gain("out of domain", "BM25") < -0.1


@pytest.mark.parametrize("name", ["adder", "embedder", "reranker", "instruct-hardened"])
def test_weights_are_small(name):
    if name not in lab.names():
        pytest.skip(f"{name} does not ship yet")
    for path in lab.path(name).rglob("*.safetensors"):
        assert path.stat().st_size < 3e6
