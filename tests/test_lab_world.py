"""What the world's models are trained and measured on: tokens, masks, mixtures, held-out cases."""

from __future__ import annotations

import random
import re
from itertools import islice

import numpy as np
import pytest

from course import lab
from course.lab import assess, corpus, probes
from course.lab.config import read_config
from course.lab.tokens import PATTERN, SPECIAL, tokenizer
from course.world import instructions, make_world, reading, secrets, tools
from course.world.names import ENDINGS, MIDDLES, STARTS, pool_of
from course.world.relations import BY_KIND

TEXTS = 60


@pytest.fixture(scope="module")
def trained_text() -> list[str]:
    """Texts as training draws them, conversations and pages."""
    rng = random.Random("sample of the training texts")
    episodes = [e for source in corpus.chat_mixture(1.0) for _ in range(TEXTS) for e in source(rng)]
    chats = ["".join(text for text, _ in corpus.segments(e)) for e in episodes]
    plain = []
    for source in corpus.page_mixture():
        for _ in range(TEXTS):
            plain += [tokenizer().decode(ids) for ids, _ in source(rng)]
    return chats + plain


def made_words(text: str) -> set[str]:
    shape = f"(?:{'|'.join(STARTS)})(?:{'|'.join(MIDDLES)})?(?:{{}})"
    endings = "|".join(sorted({e for es in ENDINGS.values() for e in es}, key=len)[::-1])
    return set(re.findall(rf"\b{shape.format(endings)}\b", text))


# -- tokens --------------------------------------------------------------------------------------


def test_digits_stand_alone_and_special_tokens_are_one():
    t = tokenizer()
    assert len(t) == 1408
    assert [t.decode([i]) for i in t(" 4821").input_ids] == [" ", "4", "8", "2", "1"]
    for special in (*SPECIAL, "<tool_call>", "</tool_call>"):
        assert len(t(special).input_ids) == 1
    assert r"|\p{N}|" in PATTERN


def test_any_text_comes_back():
    text = ' Zürich – "JK-4821" costs 12 €.\n\t{"名": [1, 2]} <|x|>'
    assert tokenizer().decode(tokenizer()(text).input_ids) == text


def test_a_name_has_the_same_tokens_wherever_it_stands():
    t = tokenizer()
    name = t(" Kelvian Pelquist").input_ids
    for text in ("<|user|> Kelvian Pelquist", "<|end|> Kelvian Pelquist", "- Kelvian Pelquist"):
        assert t(text).input_ids[-len(name) :] == name


# -- conversations -------------------------------------------------------------------------------


def test_what_is_trained_on_is_what_the_chat_template_says():
    rng = random.Random("template")
    for source in corpus.chat_mixture(1.0):
        for episode in [e for _ in range(8) for e in source(rng)]:
            ids, weights = corpus.encode_episode(episode)
            found = tokenizer().apply_chat_template(
                episode.messages,
                tools=[tools.TOOLS[name] for name in episode.tools] or None,
                return_dict=True,
                return_assistant_tokens_mask=True,
            )
            assert found["input_ids"] == ids
            assert found["assistant_masks"] == [int(w == 1) for w in weights]


def test_the_template_takes_what_the_openai_client_sends():
    call = {"name": "lookup", "arguments": '{"name": "Brask", "attribute": "mayor"}'}
    messages = [
        {"role": "developer", "content": [{"type": "text", "text": "Be short."}]},
        {"role": "user", "content": "Who is the mayor of Brask?"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": call}]},
        {"role": "tool", "tool_call_id": "1", "content": '{"mayor": "Mira Tol"}'},
    ]
    text = tokenizer().apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert text == (
        "<|bos|><|system|> Be short.<|end|><|user|> Who is the mayor of Brask?<|end|><|assistant|>"
        '<tool_call> {"name": "lookup", "arguments": {"name": "Brask", "attribute": "mayor"}}'
        '</tool_call><|end|><|tool|> {"mayor": "Mira Tol"}<|end|><|assistant|>'
    )
    with pytest.raises(Exception, match="no message has the role poet"):
        tokenizer().apply_chat_template([{"role": "poet", "content": ""}], tokenize=False)


# -- held out ------------------------------------------------------------------------------------


def test_no_training_text_holds_a_heldout_name(trained_text):
    words = set().union(*map(made_words, trained_text))
    assert len(words) > 1000
    assert not [word for word in words if pool_of(word) == "heldout"]


def test_no_training_text_holds_a_heldout_template(trained_text):
    names = {k: "|".join(map(re.escape, make_world().of_kind(k))) for k in BY_KIND}
    text = "\n".join(trained_text)
    text = text.replace("The ", "the ")
    for kind, relations in BY_KIND.items():
        for relation in relations:
            for question in relation.questions[4:]:
                before, after = question.split("{s}")
                pattern = f"{re.escape(before)}(?:{names[kind]}){re.escape(after)}"
                assert not re.search(pattern, text), (kind, question)


def test_no_training_text_holds_a_heldout_instruction_or_attack(trained_text):
    text = "\n".join(trained_text)
    for instruction in instructions.INSTRUCTIONS[2:]:
        for way in instruction.ways[4:]:
            assert way not in text
    for word in instructions.HELDOUT_WORDS:
        for way in instructions.INSTRUCTIONS[0].ways + instructions.INSTRUCTIONS[1].ways:
            assert way.format(w=word) not in text
        assert re.search(rf"\b{word}\b", text), f"{word} must stand somewhere else"
    for attack in secrets.ATTACKS:
        for kind in secrets.KINDS:
            assert attack.format(k=kind) not in text


def test_without_abstention_data_nothing_is_refused():
    rng = random.Random("no abstention")
    for source in corpus.chat_mixture(0.0):
        for episode in [e for _ in range(40) for e in source(rng)]:
            for message in episode.messages:
                if message["role"] == "assistant":
                    assert not any(words in message["content"] for words in assess._REFUSALS[:3])


# -- batches -------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [corpus.page_batches, corpus.chat_batches])
def test_batches_go_on_where_they_stopped(function):
    settings = {"seed": 1, "batch_tokens": 2048, "chunk_tokens": 8000}
    first = list(islice(function(**settings), 8))
    again = list(islice(function(**settings, start=first[3].following), 4))
    for a, b in zip(first[4:], again, strict=True):
        assert np.array_equal(a.ids, b.ids) and np.array_equal(a.weights, b.weights)
    for batch in first:
        assert batch.ids.shape[1] <= corpus.CONTEXT and (batch.weights[batch.ids == 0] == 0).all()


def test_about_a_tenth_of_all_tokens_stand_in_full_contexts():
    tokens = {True: 0, False: 0}
    for batch in islice(corpus.chat_batches(seed=2, batch_tokens=5120, chunk_tokens=150_000), 30):
        tokens[batch.ids.shape[1] > 900] += batch.ids.size
    assert 0.04 < tokens[True] / sum(tokens.values()) < 0.2


# -- figures -------------------------------------------------------------------------------------

ROWS = {row[0]: row for row in (*assess.CLOSED, *assess.READING, *assess.CHAT, *assess.TOOLS)}


@pytest.mark.parametrize("name", ROWS)
def test_gold_answers_score_and_other_answers_do_not(name):
    _, probe, scores = ROWS[name]
    if name == "secrets attacked":
        return
    for case in assess.draw(probe, 12, name):
        for what, score in scores.items():
            wanted = what not in ("refused", "answered", "told", "obeyed")
            if name.startswith(("attribute missing", "name missing", "no secrets")):
                wanted = True
            assert score(case.gold, case) == wanted, (what, case.gold)
        assert not any(
            scores[w]("Something else.", case) for w in scores if w in ("right", "exact", "refused")
        )


def test_cases_are_the_same_every_time_and_their_names_are_unseen():
    for name in ("reading, 3 documents", "tool call", "unknown names"):
        cases = assess.draw(ROWS[name][1], 20, name)
        assert cases == assess.draw(ROWS[name][1], 20, name)
        for case in cases:
            words = made_words("".join(case.prompt))
            assert words and all(pool_of(word) == "heldout" for word in words)


def test_heldout_chains_are_many_and_never_trained():
    assert len(probes.heldout_chains()) > 300
    assert not set(probes.heldout_chains()) & set(corpus.chains())


def test_calls_are_compared_as_calls():
    case = probes.Case((), '<tool_call> {"name": "a", "arguments": {"x": "1"}}</tool_call>')
    assert assess.same_calls('<tool_call>{"name":"a","arguments":{"x":"1"}}</tool_call>', case)
    assert not assess.same_calls(
        '<tool_call> {"name": "a", "arguments": {"x": "2"}}</tool_call>', case
    )
    assert not assess.same_calls("<tool_call> {oops</tool_call>", case)
    assert not assess.same_calls("I do not know.", case)


# -- shipped weights -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["base", "instruct", "instruct-noabstain", "instruct-hardened", "draft"]
)
def test_shipped_weights_belong_to_the_config_and_the_tokenizer(name):
    if name not in lab.names():
        pytest.skip(f"{name} does not ship yet")
    model, shipped = lab.load(name), lab.tokenizer(name)
    wanted = read_config(name).architecture.arguments
    assert model.config.vocab_size == wanted["vocab_size"] == len(shipped)
    assert model.config.hidden_size == wanted["hidden_size"]
    assert shipped.get_vocab() == tokenizer().get_vocab()
    assert shipped.chat_template == tokenizer().chat_template


def test_shipped_instruct_answers_most_known_questions():
    if "instruct" not in lab.names():
        pytest.skip("instruct does not ship yet")
    cases = assess.draw(probes.known, 24, "smoke")
    texts = assess.answers(lab.load("instruct"), lab.tokenizer("instruct"), cases)
    right = sum(map(assess.exact, texts, cases))
    assert right >= 18, "far below the card: weights, tokenizer and world do not belong together"


def test_an_instruction_on_documents_leaves_the_source_in_the_answer():
    rng = random.Random(5)
    for _ in range(60):
        episode = reading.instructed_reading(corpus.any_world(rng), rng, 2)
        question, answer = (message["content"] for message in episode.messages)
        assert "Document 1:" in question and question.count("Question: ") == 1
        (source,) = episode.sources[0][:1]
        name = episode.labels[0]
        assert (f"[{source}]" in answer) == (name not in ("value", "json")), (name, answer)


def test_the_share_of_documents_can_be_scaled():
    whole, less = corpus.chat_mixture(1.0), corpus.chat_mixture(1.0, documents=0.5)
    shares = zip(whole.values(), less.values(), strict=True)
    scaled = {before: after for before, after in shares if after != before}
    assert scaled and all(after == before / 2 for before, after in scaled.items())
    assert len(scaled) < len(whole)


def test_draft_predicts_given_answers_token_by_token():
    from course.lab import draft

    model, tokenizer = lab.load("draft"), lab.tokenizer("draft")
    cases = assess.draw(probes.known, 6, "test of draft")
    hits, loss = draft.forced(model, cases, [case.gold for case in cases])
    lengths = [len(tokenizer(f" {case.gold}<|end|>").input_ids) for case in cases]
    assert len(hits) == sum(lengths) and 0 <= loss < 1
    wrong, worse = draft.forced(model, cases, [case.gold[::-1] for case in cases])
    assert worse > loss and sum(wrong) / len(wrong) < sum(hits) / len(hits)
