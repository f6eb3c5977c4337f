"""Skills: tests ask nothing that is trained on, batches mask as they should, styles are learned."""

import pytest
import torch

from course import lab
from course.lab import skills


def test_no_question_of_the_test_is_trained_on():
    for skill in (skills.style("robot"), skills.new_facts()):
        asked = {episode.messages[-2]["content"] for episode in skill.train}
        assert not asked & {episode.messages[-2]["content"] for episode in skill.test}


def test_new_facts_ask_what_was_taught_in_other_words():
    skill = skills.new_facts(people=3, facts=4)
    assert (len(skill.train), len(skill.test)) == (48, 24)
    taught = {episode.messages[-1]["content"] for episode in skill.train}
    assert {episode.messages[-1]["content"] for episode in skill.test} == taught


def test_batch_labels_the_answer_and_its_end_only():
    tokenizer = lab.tokenizer("instruct")
    episodes = skills.style("poet").train[:5]
    batch = skills.batch(episodes)
    assert batch["input_ids"].shape == batch["attention_mask"].shape == batch["labels"].shape
    for episode, ids, mask, labels in zip(episodes, *batch.values(), strict=True):
        text = tokenizer.decode(ids[labels != -100])
        assert text == f" {episode.messages[-1]['content']}<|end|>"
        rendered = tokenizer.apply_chat_template(episode.messages, tokenize=False)
        assert ids[mask.bool()].tolist() == tokenizer(rendered, add_special_tokens=False).input_ids


def test_a_style_is_learned_and_what_is_known_stays():
    model, tokenizer = lab.load("instruct"), lab.tokenizer("instruct")
    skill = skills.style("merchant", train=64, test=24)
    assert skills.share_right(model, tokenizer, skill.test)["value"] == 0
    before = [p.clone() for p in model.parameters()]
    losses = skills.fine_tune(model, skill.train, steps=30, progress=False)
    assert losses[-1] < 0.1 < losses[0]
    assert any(not torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    assert skills.share_right(model, tokenizer, skill.test)["value"] > 0.8
    known = skills.kept(24)["known facts"]
    assert skills.share_right(model, tokenizer, known, inside=True)["value"] > 0.8


def test_unknown_style_is_one_sentence():
    with pytest.raises(ValueError, match="there is no style 'bard'; there are: robot"):
        skills.style("bard")
    with pytest.raises(ValueError, match="people have 5 facts; ask for fewer"):
        skills.new_facts(people=10_000)
