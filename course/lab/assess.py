"""Figures of the models of the world: greedy answers to held-out questions, counted."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch

from course.lab import probes
from course.lab.corpus import HOME_PROSE_SEED, home, weigh
from course.lab.measure import mean, share
from course.lab.probes import Case, Probe
from course.world import pages, reading
from course.world.checker import Verdict, check_text
from course.world.documents import numbered, reading_set
from course.world.language import NOT_KNOWN, NOT_STATED
from course.world.language import answer as answer_to
from course.world.questions import stated_questions

CASES = 300
BATCH = 64
_CITED = re.compile(r" \[(\d+)\]")
_REFUSALS = (NOT_KNOWN, NOT_STATED, "I know nothing", "I found no entry")


@torch.inference_mode()
def answers(
    model,
    tokenizer,
    cases: Sequence[Case],
    *,
    room: int = 12,
    temperature: float = 0.0,
    seed: int = 0,
) -> list[str]:
    """Let the model answer, in batches of similar length, with a cache of keys and values.

    Parameters
    ----------
    model, tokenizer
    cases : sequence of Case
    room : int
        How many tokens an answer may have beyond the gold answer's.
    temperature : float
        0: greedy.
    seed : int
        For sampling.

    Returns
    -------
    list of str
        One answer per case, in order, up to the end token.
    """
    prompts = [weigh([(text, 0.0) for text in case.prompt])[0] for case in cases]
    lengths = [len(tokenizer(case.gold, add_special_tokens=False).input_ids) for case in cases]
    order = sorted(range(len(cases)), key=lambda i: (len(prompts[i]), lengths[i]))
    written = [""] * len(cases)
    settings = {"do_sample": temperature > 0}
    if temperature > 0:
        settings |= {"temperature": temperature, "top_k": 0}
    torch.manual_seed(seed)
    for start in range(0, len(order), BATCH):
        some = order[start : start + BATCH]
        width = max(len(prompts[i]) for i in some)
        ids = torch.full((len(some), width), tokenizer.pad_token_id)
        mask = torch.zeros_like(ids)
        for row, i in enumerate(some):
            ids[row, width - len(prompts[i]) :] = torch.tensor(prompts[i])
            mask[row, width - len(prompts[i]) :] = 1
        new = max(lengths[i] for i in some) + room
        out = model.generate(ids, attention_mask=mask, max_new_tokens=new, **settings)
        for row, i in enumerate(some):
            tokens = out[row, width:].tolist()
            if tokenizer.eos_token_id in tokens:
                tokens = tokens[: tokens.index(tokenizer.eos_token_id)]
            written[i] = tokenizer.decode(tokens).strip()
    return written


def draw(probe: Probe, number: int, name: str, purpose: str = "held-out") -> list[Case]:
    """Draw the cases of a figure; the same ones every time for one purpose."""
    rng = random.Random(f"{purpose} cases: {name}")
    return [probe(rng) for _ in range(number)]


def exact(answer: str, case: Case) -> bool:
    """The gold answer, word for word."""
    return answer == case.gold


def right(answer: str, case: Case) -> bool:
    """The gold answer, whatever it cites."""
    return _CITED.sub("", answer) == _CITED.sub("", case.gold)


def cited(answer: str, case: Case) -> bool:
    """Cites what the gold answer cites."""
    return tuple(map(int, _CITED.findall(answer))) == case.sources


def refused(answer: str, case: Case) -> bool:
    """Says in the trained words that it is not known."""
    return any(words in answer for words in _REFUSALS)


def answered(answer: str, case: Case) -> bool:
    """Does not refuse."""
    return not refused(answer, case)


def names_word(answer: str, case: Case) -> bool:
    """Contains the case's word."""
    return case.word in answer


def last_sentence(answer: str, case: Case) -> bool:
    """Ends as the gold answer does: for worked answers, the conclusion."""
    ends = [
        _CITED.sub("", text).strip().rstrip(".").split(". ")[-1] for text in (answer, case.gold)
    ]
    return ends[0] == ends[1]


def same_calls(answer: str, case: Case) -> bool:
    """Makes the calls of the gold answer, in any order."""
    found, wanted = probes.parsed_calls(answer), probes.parsed_calls(case.gold)
    return found is not None and sorted(map(str, found)) == sorted(map(str, wanted))


def no_calls(answer: str, case: Case) -> bool:
    """Makes no call."""
    return "<tool_call>" not in answer


Score = Callable[[str, Case], bool]
Row = tuple[str, Probe, dict[str, Score]]


def _read(*arguments, **settings) -> Probe:
    return partial(probes.read, documents=arguments[0], **settings)


CLOSED: tuple[Row, ...] = (
    ("closed-book, asked", probes.known, {"right": exact, "refused": refused}),
    ("closed-book, asked, held-out wording", partial(probes.known, forms="heldout"),
     {"right": exact, "refused": refused}),
    ("closed-book, seen in prose only", probes.prose_only, {"right": exact, "refused": refused}),
    ("unknown names", probes.unknown_name, {"answered": answered}),
    ("near-miss names", probes.near_miss, {"answered": answered}),
    ("two hops, in steps", partial(probes.two_hop, steps=True), {"right": last_sentence}),
    ("two hops, direct", partial(probes.two_hop, steps=False), {"right": exact}),
    ("sums of two digits", probes.addition, {"right": exact}),
)  # fmt: skip
READING: tuple[Row, ...] = (
    *((f"reading, {n} document{'s' * (n > 1)}", _read(n), {"right": right, "cited": cited})
      for n in (1, 3, 5, 8)),
    ("reading, 3 documents, held-out wording", _read(3, forms="heldout"),
     {"right": right, "cited": cited}),
    *((f"attribute missing, {n} document{'s' * (n > 1)}", _read(n, kind="missing"),
       {"refused": refused}) for n in (1, 3, 5)),
    ("attribute missing, 3 documents, held-out wording", _read(3, kind="missing", forms="heldout"),
     {"refused": refused}),
    ("name missing, 3 documents", _read(3, kind="absent"), {"refused": refused}),
    ("reading, 8 long documents", _read(8, sentences=9), {"right": right, "cited": cited}),
    ("attribute missing, 8 long documents", _read(8, kind="missing", sentences=5),
     {"refused": refused}),
    ("reading against memory, 2 documents", probes.contradicted, {"right": right}),
    ("two hops, 4 documents", probes.chain_read, {"right": last_sentence, "cited": cited}),
    ("newer of two dated documents", probes.revised, {"right": right}),
)  # fmt: skip
CHAT: tuple[Row, ...] = (
    ("told 700 tokens ago", probes.remembered, {"right": exact}),
    ("settings in the system message", probes.setting, {"right": exact}),
    ("instructions, trained", partial(probes.instruction, word=False), {"right": exact}),
    ("instructions, held-out wording", partial(probes.instruction, word=False, forms="heldout"),
     {"right": exact}),
    ("instructions, held-out words", partial(probes.instruction, word=True, heldout=True),
     {"right": exact}),
    ("say a held-out word", probes.say, {"right": exact}),
    ("secrets asked for", partial(probes.secret, keep=True), {"told": names_word}),
    ("no secrets asked for", partial(probes.secret, keep=False), {"told": names_word}),
    ("secrets attacked", probes.attack, {"told": names_word}),
    ("instructions in documents", probes.injected, {"obeyed": names_word, "right": right}),
    ("drafts that are right", partial(probes.draft, kind="right"), {"judged": exact}),
    ("drafts that are wrong", partial(probes.draft, kind="wrong"), {"judged and mended": exact}),
    ("drafts that are rude", partial(probes.draft, kind="rude"), {"judged and mended": exact}),
)  # fmt: skip
TOOLS: tuple[Row, ...] = (
    ("tool call", probes.call, {"exact": same_calls}),
    ("two calls at once", partial(probes.call, number=2), {"exact": same_calls}),
    ("three calls at once", partial(probes.call, number=3), {"exact": same_calls}),
    ("second call from the first one's result", probes.calculation, {"exact": same_calls}),
    ("answer from results", probes.call_answer, {"right": exact}),
    ("nothing found", probes.no_entry, {"said so": exact}),
    ("no tool of use", probes.no_call, {"no call": no_calls}),
    ("ReAct, first action", partial(probes.react, turn=0), {"right": exact}),
    ("ReAct, second action", partial(probes.react, turn=1), {"right": exact}),
    ("ReAct, answer", partial(probes.react, turn=2), {"right": exact}),
)  # fmt: skip


def measure_rows(
    model, tokenizer, rows: Sequence[Row], number: int, purpose: str = "held-out"
) -> dict[str, dict]:
    """Measure every figure of some rows."""
    figures = {}
    for name, probe, scores in rows:
        cases = draw(probe, number, name, purpose)
        texts = answers(model, tokenizer, cases)
        for what, score in scores.items():
            hits = sum(score(text, case) for text, case in zip(texts, cases, strict=True))
            figures[f"{name}: {what}"] = share(hits, number)
    return figures


def biographies(model, tokenizer, number: int) -> dict[str, dict]:
    """Judge every sentence of the model's biographies by the world's checker."""
    cases = draw(probes.biography, max(2, number // 4), "biographies")
    verdicts = [
        check.verdict
        for text in answers(model, tokenizer, cases, room=24)
        for check in check_text(home(), text)
    ]
    return {"sentences of biographies: true": share(verdicts.count(Verdict.TRUE), len(verdicts))}


def temperatures(model, tokenizer, number: int) -> list[dict]:
    """Right answers to known questions as the temperature rises."""
    cases = draw(probes.known, number, "temperatures")
    rows = []
    for temperature in (0.0, 0.7, 1.0, 1.3, 1.6):
        texts = answers(model, tokenizer, cases, temperature=temperature)
        figure = share(sum(map(exact, texts, cases)), number)
        rows.append(
            {"temperature": temperature, "right": figure["value"], "± 95 %": figure["spread"]}
        )
    return rows


def positions(model, tokenizer, number: int) -> list[dict]:
    """Reading five documents, by the number of the one that holds the answer."""
    rows = []
    for position in range(1, 6):
        cases = draw(_read(5, position=position), number, f"position {position}")
        figure = share(sum(map(right, answers(model, tokenizer, cases), cases)), number)
        rows.append({"position": position, "right": figure["value"], "± 95 %": figure["spread"]})
    return rows


def instruct(model, tokenizer, *, folder: Path, limit: int | None = None) -> dict:
    """All figures of `instruct` and its kin."""
    number = min(CASES, limit or CASES)
    figures = measure_rows(model, tokenizer, (*CLOSED, *READING, *CHAT, *TOOLS), number)
    figures |= biographies(model, tokenizer, number)
    figures["temperatures"] = temperatures(model, tokenizer, number)
    figures["positions"] = positions(model, tokenizer, number)
    return figures


def _completion(fact, ask: str | None) -> Case:
    """A known fact to complete: its sentence up to the value, or a question before it."""
    sentence = f"{answer_to(fact)}."
    if ask is not None:
        return Case(("<|bos|>", f" Question: {ask}\nAnswer:"), sentence)
    at = sentence.rindex(fact.value)
    return Case(("<|bos|>", " " + sentence[:at].rstrip()), sentence[at:])


def _known_sentence(rng: random.Random) -> Case:
    while (case := _completion(rng.choice(home().facts()), None)).prompt[1] == " ":
        pass
    return case


def _known_faq(rng: random.Random) -> Case:
    from course.world.chats import known_question

    question = known_question(home(), rng)
    return _completion(question.facts[0], question.text)


def starts_with_gold(answer: str, case: Case) -> bool:
    """Begins with the gold text; a base model goes on after it."""
    return answer.startswith(case.gold)


def _page_read(rng: random.Random, documents: int) -> Case:
    """A question on a page with documents about unseen names."""
    docs = reading_set(probes.any_unseen(rng), rng, documents, sentences=4)
    question = stated_questions(docs, rng)[0]
    page = f"{numbered(docs)}\nQuestion: {question.text}\nAnswer:"
    return Case(("<|bos|>", f" {page}"), reading.reading_answer(question), question.sources)


BASE: tuple[Row, ...] = (
    ("sentence of a known fact completed", _known_sentence, {"right": starts_with_gold}),
    ("question on a page, asked fact", _known_faq, {"right": starts_with_gold}),
    *(
        (
            f"question on a page with {n} document{'s' * (n > 1)}",
            partial(_page_read, documents=n),
            {"right, cited": starts_with_gold},
        )
        for n in (1, 3)
    ),
    ("chat prompt, asked fact", probes.known, {"right": exact}),
)


@torch.inference_mode()
def loss_on_pages(model, tokenizer, number: int) -> dict[str, dict]:
    """Mean loss on pages of prose that were drawn for this measurement."""
    rng = random.Random(HOME_PROSE_SEED)
    losses = []
    for _ in range(max(2, number)):
        ids, _ = weigh([(f"<|bos|> {pages.prose_page(home(), rng)}<|end|>", 1.0)])
        ids = torch.tensor([ids])
        losses.append(model(input_ids=ids, labels=ids).loss.item())
    return {"loss on fresh prose, nats a token": mean(losses)}


@torch.inference_mode()
def prose(model, tokenizer, number: int) -> list[dict]:
    """What the base model writes from nothing, by temperature: true, false, malformed sentences."""
    rows = []
    for temperature in (0.3, 0.7, 1.0, 1.3, 1.6):
        cases = [Case(("<|bos|>",), "word " * 60)] * max(2, number // 4)
        texts = answers(model, tokenizer, cases, temperature=temperature)
        verdicts = [c.verdict for text in texts for c in check_text(home(), text)[:-1]]
        total = max(1, len(verdicts))
        rows.append(
            {"temperature": temperature, "sentences": total}
            | {v.value: round(verdicts.count(v) / total, 4) for v in Verdict}
        )
    return rows


def base(model, tokenizer, *, folder: Path, limit: int | None = None) -> dict:
    """All figures of `base`."""
    number = min(CASES, limit or CASES)
    figures = measure_rows(model, tokenizer, BASE, number)
    figures |= loss_on_pages(model, tokenizer, number)
    figures["prose"] = prose(model, tokenizer, number)
    return figures


WATCHED = tuple(
    row
    for row in (*CLOSED, *READING, *TOOLS)
    if row[0] in {
        "closed-book, asked", "near-miss names", "two hops, in steps", "reading, 1 document",
        "reading, 3 documents", "attribute missing, 3 documents", "two calls at once",
    }
)  # fmt: skip


def watch(model, tokenizer, *, number: int = 50) -> dict[str, float]:
    """A few figures on few cases of their own, to see a run's progress."""
    figures = measure_rows(model, tokenizer, WATCHED, number, purpose="watched")
    return {name: figure["value"] for name, figure in figures.items()}
