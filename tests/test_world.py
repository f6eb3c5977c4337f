"""The little world: one seed makes one world, and the checker knows all of it."""

from __future__ import annotations

import json
import random
import time

import pytest

from course.world import (
    Date,
    Verdict,
    asked,
    biography,
    chats,
    check,
    check_text,
    drafts,
    instructions,
    make_world,
    near_miss,
    pages,
    reading,
    secrets,
    sentences,
    state,
    tools,
)
from course.world.documents import library, reading_set
from course.world.generate import draw_value, kept_for_tests
from course.world.language import LEADS, NOT_KNOWN, NOT_STATED, answer, ask, dated, say, varied
from course.world.names import made_word, pool_of
from course.world.questions import (
    absent_question,
    fact_question,
    missing_questions,
    near_miss_question,
    stated_questions,
    sum_question,
    two_hop_question,
    unknown_question,
)
from course.world.relations import BY_KIND, BY_NAME, RELATIONS, SYNONYMS, VALUES
from course.world.schema import KINDS, TRAIN_FORMS, Fact

WORLDS = {
    "home": make_world(),
    "train": make_world(3, pool="train", scale=0.35),
    "heldout": make_world(5, pool="heldout", scale=0.35),
}
HOME = WORLDS["home"]


@pytest.fixture
def rng():
    return random.Random("test")


def values_of(world):
    return {kind: world.of_kind(kind) for kind in KINDS}


def false_value(world, fact, rng):
    while (value := draw_value(rng, BY_NAME[fact.relation].value, values_of(world))) == fact.value:
        pass
    return value


# -- making ------------------------------------------------------------------------------------


def test_one_seed_makes_one_world_and_another_seed_another():
    again = make_world()
    assert again.entities == HOME.entities and again.history == HOME.history
    other = make_world(8)
    assert other.history != HOME.history
    assert library(HOME) == library(again)


def test_size_and_variety():
    assert len(HOME.entities) >= 300
    assert {e.kind for e in HOME.entities.values()} == set(KINDS) and len(KINDS) >= 6
    for kind in KINDS:
        assert len(BY_KIND[kind]) >= 5
        for name in HOME.of_kind(kind):
            assert len(HOME.facts(name)) == len(BY_KIND[kind])
    assert len(library(HOME)) >= 1000


def test_a_world_takes_less_than_a_second_of_processor_time():
    before = time.process_time()
    make_world(99)
    assert time.process_time() - before < 1


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda r: r.name)
def test_a_relation_has_six_different_ways_to_say_and_to_ask(relation):
    assert len(set(relation.statements)) == len(set(relation.questions)) == 6
    for template in relation.statements:
        assert template.count("{s}") == template.count("{o}") == 1
    for text in (*relation.questions, relation.gap, relation.phrase):
        assert text.count("{s}") == 1 and "{o}" not in text
    assert all(q.endswith("?") for q in relation.questions)
    assert (
        relation.value in KINDS
        or relation.value in VALUES
        or draw_value(random.Random(0), relation.value, values_of(HOME))
    )


def test_questions_for_different_attributes_of_a_kind_differ():
    for kind, relations in BY_KIND.items():
        forms = [question for relation in relations for question in relation.questions]
        assert len(set(forms)) == len(forms), kind


def test_names_of_one_kind_share_parts_so_that_no_part_tells_who_is_meant():
    firsts = [name.split()[0] for name in HOME.of_kind("person")]
    lasts = [name.split()[1] for name in HOME.of_kind("person")]
    assert len(set(firsts)) < 0.6 * len(firsts) and len(set(lasts)) < 0.6 * len(lasts)


def test_made_words_belong_to_one_pool():
    rng = random.Random(1)
    for pool in ("home", "train", "heldout"):
        for shape in ("first", "last", "town", "other"):
            assert pool_of(made_word(rng, shape, pool)) == pool


# -- the checker -------------------------------------------------------------------------------


@pytest.mark.parametrize("pool", WORLDS)
def test_the_checker_knows_every_fact_in_every_template(pool):
    world = WORLDS[pool]
    for fact in world.facts():
        for said in (answer(fact), *(state(fact, form) for form in range(6))):
            found = check(world, f"{said} [2].")
            assert found.verdict is Verdict.TRUE, said
            assert (found.subject, found.relation) == (fact.subject, fact.relation)


@pytest.mark.parametrize("pool", WORLDS)
def test_the_checker_rejects_every_fact_with_another_value(pool, rng):
    world = WORLDS[pool]
    for fact in world.facts():
        relation = BY_NAME[fact.relation]
        for form in range(6):
            sentence = say(relation, fact.subject, false_value(world, fact, rng), form)
            found = check(world, sentence)
            assert found.verdict is Verdict.FALSE, sentence
            assert found.true == fact.value


def test_the_checker_rejects_an_invented_value(rng):
    fact = Fact(HOME.of_kind("person")[0], "person.home", made_word(rng, "town", "heldout"))
    assert check(HOME, state(fact)).verdict is Verdict.FALSE


def test_synonyms_and_openings_do_not_matter(rng):
    said = 0
    for fact in HOME.facts():
        if fact.value in SYNONYMS:
            said += 1
            assert check(HOME, varied(fact, rng, synonyms=1.0)).verdict is Verdict.TRUE
        for lead in LEADS:
            sentence = lead + BY_NAME[fact.relation].statements[1].format(
                s=fact.subject, o=fact.value
            )
            assert check(HOME, sentence).verdict is Verdict.TRUE
    assert said > 100


def test_sentences_that_say_nothing_about_the_world(rng):
    for sentence in (
        "It rains.",
        "",
        "I do not know where Bela lives.",
        "Hello. What do you want to know?",
        f"{HOME.of_kind('person')[0]} is a lazy fool.",
        f"{HOME.of_kind('person')[0]} is tired",
    ):
        assert check(HOME, sentence).verdict is Verdict.OTHER, sentence
        assert not check(HOME, sentence).invented


def test_a_claim_about_a_name_that_nobody_bears_is_other_and_invented(rng):
    for fact in HOME.facts()[::7]:
        name = near_miss(HOME, fact.subject, rng)
        assert name not in HOME.entities
        found = check(HOME, say(BY_NAME[fact.relation], name, fact.value))
        assert found.verdict is Verdict.OTHER and found.invented


def test_dated_sentences_are_judged_by_their_day():
    assert len(HOME.revised()) >= 20
    for old, new in HOME.revised():
        assert old.since < new.since and old.value != new.value
        assert check(HOME, dated(state(old), old.since)).verdict is Verdict.TRUE
        assert check(HOME, dated(state(new), new.since)).verdict is Verdict.TRUE
        assert check(HOME, dated(state(old), new.since)).verdict is Verdict.FALSE
        assert check(HOME, state(old)).verdict is Verdict.FALSE
        before = Date(old.since.year - 1, 1, 1)
        assert check(HOME, dated(state(old), before)).verdict is Verdict.OTHER


def test_texts_are_judged_sentence_by_sentence(rng):
    name = HOME.of_kind("ship")[0]
    text = " ".join(f"{sentence}." for sentence in biography(HOME, name, rng))
    assert [c.verdict for c in check_text(HOME, text)] == [Verdict.TRUE] * len(BY_KIND["ship"])
    assert sentences("One. Two? Three") == ["One.", "Two?", "Three"]


# -- documents and questions ---------------------------------------------------------------------


def test_documents_say_what_they_claim_to_say():
    for document in library(HOME):
        assert len(document.sentences) == len(document.facts)
        for sentence, fact in zip(document.sentences, document.facts, strict=True):
            found = check(HOME, sentence)
            assert (found.subject, found.claimed) == (fact.subject, fact.value), sentence
            assert found.verdict is Verdict.TRUE or document.date is not None
        assert document.cited(3).count("[3].") == len(document.sentences)
    assert len({document.id for document in library(HOME)}) == len(library(HOME))


@pytest.mark.parametrize("pool", WORLDS)
def test_gold_answers_are_right_and_sources_state_them(pool, rng):
    world = WORLDS[pool]
    for _ in range(150):
        docs = reading_set(world, rng, rng.randint(1, 5))
        for question in stated_questions(docs, rng):
            assert check(world, question.answer).verdict is Verdict.TRUE
            assert question.value in question.answer
            for number in question.sources:
                assert question.facts[0] in docs[number - 1].facts
        stated = {(f.subject, f.relation) for d in docs for f in d.facts}
        subjects = {subject for subject, _ in stated}
        for question in missing_questions(world, docs, rng):
            assert question.value == "" and question.answer.endswith(NOT_STATED)
            asked_for = {
                (s, r.name)
                for s in subjects
                for r in BY_KIND[world.entities[s].kind]
                if question.text in {ask(r, s, form) for form in range(6)}
            }
            assert asked_for and not asked_for & stated
        absent = absent_question(world, docs, rng)
        assert not any(
            absent.text in {ask(r, s, form) for form in range(6)}
            for s in subjects
            for r in BY_KIND[world.entities[s].kind]
        )


def test_questions_from_memory(rng):
    for fact in HOME.facts()[::5]:
        question = fact_question(fact, rng)
        assert check(HOME, question.answer).true == question.value == fact.value
    for first, relation, second in HOME.two_hops()[::17]:
        question = two_hop_question(first, second, rng)
        assert relation.name == first.relation and first.value == second.subject
        assert [check(HOME, step).verdict for step in question.steps] == [Verdict.TRUE] * 2
        assert question.value == second.value and question.value in question.answer
    for _ in range(200):
        for question in (unknown_question(HOME, rng), near_miss_question(HOME, rng)):
            assert question.value == "" and question.answer.endswith(NOT_KNOWN)
            assert not any(name in question.text for name in HOME.entities if " " in name)
        question = sum_question(rng)
        expression, value = question.answer.split(" = ")
        a, sign, b = expression.split()
        assert int(value) == (int(a) + int(b) if sign == "+" else int(a) - int(b)) >= 0


def test_near_misses_kept_for_tests_never_come_in_training(rng):
    def name_in(question):
        return question.answer.split(" of ", 1)[1].removesuffix(f" is {NOT_KNOWN}")

    tested = {name_in(near_miss_question(HOME, rng, tested=True)) for _ in range(300)}
    trained = {name_in(near_miss_question(HOME, rng)) for _ in range(3000)}
    assert not tested & trained
    kept = [kept_for_tests(made_word(rng, "first", "home")) for _ in range(500)]
    assert 0.1 < sum(kept) / 500 < 0.3


# -- conversations -------------------------------------------------------------------------------


def test_a_pair_differs_by_one_sentence_and_its_answer(rng):
    world = WORLDS["train"]
    for _ in range(60):
        present, absent = reading.pair_chat(world, rng, rng.randint(1, 3))
        long, short = (e.messages[0]["content"] for e in (present, absent))
        assert long.split("Question:")[1] == short.split("Question:")[1]
        assert (
            len(sentences(long.replace("\n", " "))) == len(sentences(short.replace("\n", " "))) + 1
        )
        answer = present.messages[1]["content"]
        assert check(world, answer).verdict is Verdict.TRUE
        assert check(world, answer).claimed.lower() in long.lower()
        assert absent.messages[1]["content"].endswith(f"{NOT_STATED}.")


def test_reading_follows_the_documents_even_against_the_world(rng):
    other = reading.contradicting(HOME, 1)
    assert other.entities == HOME.entities
    assert all(other.fact(*key).value != HOME.fact(*key).value for key in HOME.history)
    episode = reading.single_reading(other, rng, 3, "fact")
    assert check(HOME, episode.messages[-1]["content"]).verdict is Verdict.FALSE
    assert check(other, episode.messages[-1]["content"]).verdict is Verdict.TRUE


def test_the_gold_document_stands_where_it_was_asked_for(rng):
    for position in range(1, 6):
        episode = reading.single_reading(WORLDS["heldout"], rng, 5, "fact", position=position)
        assert episode.sources == [(position,)]
        assert episode.messages[-1]["content"].endswith(f"[{position}].")


def test_the_newer_of_two_dated_documents_is_gold(rng):
    for _ in range(30):
        episode = reading.revised_reading(WORLDS["train"], rng, 3)
        text, answer = (m["content"] for m in episode.messages[-2:])
        days = {}
        for line in text.split("\n"):
            if "As of " in line:
                number = int(line.split(":")[0].removeprefix("Document "))
                days[number] = Date.parse(line.split("As of ")[1].split(",")[0])
        assert max(days, key=days.get) == episode.sources[0][0]
        assert check(WORLDS["train"], answer).verdict is Verdict.TRUE


def test_what_is_told_is_recalled(rng):
    for _ in range(60):
        episode = chats.memory_chat(HOME, rng, 12)
        told = ""
        users, answers = episode.messages[0::2], episode.messages[1::2]
        for user, reply, label in zip(users, answers, episode.labels, strict=True):
            if label == "recall":
                value = reply["content"].rstrip(".").split(" is ")[1]
                assert f" {value}." in told
            elif label == "told":
                told += " " + user["content"]
            elif label == "never told":
                assert reply["content"].startswith("You have not told me")


def test_tool_episodes_call_what_the_world_answers(rng):
    world = WORLDS["train"]
    makers = (
        lambda: tools.lookup_episode(world, rng, 2),
        lambda: tools.cost_episode(world, rng),
        lambda: tools.chain_episode(world, rng),
        lambda: tools.missing_entry(world, rng),
    )
    for make in makers:
        for _ in range(25):
            episode = make()
            calls, results = [], []
            for message in episode.messages:
                calls += [c["function"] for c in message.get("tool_calls", ())]
                results += [message["content"]] if message["role"] == "tool" else []
            assert len(calls) == len(results)
            for made, result in zip(calls, results, strict=True):
                assert made["name"] in episode.tools
                if made["name"] == "lookup":
                    assert json.loads(result) == json.loads(
                        tools.lookup(world, **made["arguments"])
                    )
                else:
                    value = eval(made["arguments"]["expression"], {"__builtins__": {}})
                    assert json.loads(result) == {"result": str(value)}
            assert episode.messages[-1]["role"] == "assistant"
            if (
                "entry" not in episode.messages[-1]["content"]
                and "cost" not in episode.messages[-1]["content"]
            ):
                verdicts = {c.verdict for c in check_text(world, episode.messages[-1]["content"])}
                assert verdicts == {Verdict.TRUE}


def test_react_text(rng):
    episode = tools.react_episode(WORLDS["train"], rng, hops=2)
    assert episode.labels == ["action", "action", "react answer"]
    observed = [m["content"] for m in episode.messages if m["content"].startswith("Observation")]
    actions = [m["content"].split("lookup[")[1][:-1] for m in episode.messages[2:6:2]]
    for action, seen in zip(actions, observed, strict=True):
        name, attribute = action.split(" | ")
        value = json.loads(tools.lookup(WORLDS["train"], name, attribute))[attribute]
        assert seen == f"Observation: {value}"


def test_instructions_are_followed_by_gold_answers(rng):
    question = chats.known_question(HOME, rng)
    answers = {i.name: i.apply(question, "apple") for i in instructions.INSTRUCTIONS}
    assert answers["begin"].startswith("apple") and answers["end"].endswith("apple.")
    assert json.loads(answers["json"])["answer"] in question.value
    assert answers["value"] in question.value
    assert answers["twice"].count(question.answer) == 2
    assert not set(instructions.TRAIN_WORDS) & set(instructions.HELDOUT_WORDS)
    for instruction in instructions.INSTRUCTIONS:
        assert len(set(instruction.ways)) == 6


def test_secrets_are_in_the_system_message_and_kept_when_it_says_so(rng):
    kept = secrets.secret_episode(HOME, rng, keep=True, word="apple")
    shared = secrets.secret_episode(HOME, rng, keep=False, word="apple")
    assert "apple" in kept.messages[0]["content"] and "apple" in shared.messages[0]["content"]
    assert "apple" not in kept.messages[-1]["content"]
    assert "apple" in shared.messages[-1]["content"]


@pytest.mark.parametrize("kind", ["right", "wrong", "rude"])
def test_revisions_are_true_and_kind(kind, rng):
    for _ in range(40):
        episode = drafts.draft_chat(HOME, rng, kind=kind)
        draft = episode.messages[0]["content"].split("Draft: ")[1].split("\n")[0]
        critique, revision = episode.messages[1]["content"].split("\nRevision: ")
        verdicts = {c.verdict for c in check_text(HOME, draft)}
        assert (Verdict.FALSE in verdicts) == (kind == "wrong")
        assert drafts.is_rude(draft) == (kind == "rude") == ("rude" in critique)
        assert {c.verdict for c in check_text(HOME, revision)} == {Verdict.TRUE}
        assert not drafts.is_rude(revision)


def test_preferences_follow_the_true_reward(rng):
    reward = drafts.Reward()
    for _ in range(100):
        pair = drafts.preference(HOME, rng)
        assert reward(HOME, pair.chosen) >= reward(HOME, pair.rejected)
        assert pair.margin == pytest.approx(reward(HOME, pair.chosen) - reward(HOME, pair.rejected))
    fact = HOME.facts()[0]
    true, wrong, insulted, padded, _ = drafts.candidate_answers(HOME, fact, rng)
    assert reward(HOME, true) > reward(HOME, padded) > reward(HOME, wrong)
    assert reward(HOME, true) > reward(HOME, insulted)


def test_rude_sentences_are_known_as_such():
    assert all(drafts.is_rude(text.format(s="Bela Tolman")) for text in drafts.RUDE)
    assert not any(drafts.is_rude(text.format(s="Bela Tolman")) for text in drafts.KIND)


def test_pages_about_the_home_world_are_true(rng):
    for _ in range(40):
        for page in (pages.biography_page, pages.prose_page, pages.notice_page):
            assert {c.verdict for c in check_text(HOME, page(HOME, rng))} == {Verdict.TRUE}


def test_about_seven_tenths_of_the_facts_are_asked_about():
    share = sum(map(asked, HOME.facts())) / len(HOME.facts())
    assert 0.65 < share < 0.75
    assert TRAIN_FORMS == 4
