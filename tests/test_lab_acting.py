"""The agent to watch: its tasks are solvable, its loop breaks where it is told to."""

import pytest

from course import lab
from course.lab import acting, probes


@pytest.fixture(scope="module")
def world():
    return probes.unseen(2)


def test_the_gold_run_of_every_task_is_what_the_tools_say(world):
    tools = acting.tools_of(world)
    tasks = acting.draw_tasks(world, 60, seed=5)
    assert {task.kind for task in tasks} == set(acting.KINDS)
    for task in tasks:
        for step, seen in zip(task.parts[::2], task.parts[1::2], strict=False):
            _, action, given = (line.partition(": ")[2] for line in step.split("\n"))
            assert seen == f"Observation: {tools[action](given)}"
        assert task.parts[-1].endswith(f"Answer: {task.answer}")


def test_tools_answer_errors_in_text(world):
    tools = acting.tools_of(world)
    assert tools["lookup"]("nobody | home").startswith("ERROR:")
    assert tools["lookup"]("nothing at all").startswith("ERROR:")
    assert tools["calculate"]("7 * 35") == "245"
    assert tools["calculate"]("__import__('os')").startswith("ERROR:")


def test_training_runs_are_of_worlds_that_nobody_is_tested_on(world):
    names = set(world.of_kind("person"))
    texts = [m["content"] for e in acting.episodes(80) for m in e.messages]
    assert not any(name in text for text in texts for name in names)
    assert any(acting.BUSY in text for text in texts)


def test_the_loop_needs_its_stop_and_its_own_turns(world):
    model, tokenizer = acting.trained(steps=40, progress=False), lab.tokenizer("instruct")
    tools, tasks = acting.tools_of(world), acting.draw_tasks(world, 24, seed=2)

    def right(**how):
        runs = acting.run(model, tokenizer, tasks, tools, limit=4, **how)
        assert all(len(r.written) <= 4 for r in runs)
        return sum(r.answer == t.answer for r, t in zip(runs, tasks, strict=True))

    whole, unstopped, alone = right(), right(stop=False), right(own_turns=False)
    assert whole > alone > unstopped
    assert whole >= 16
    assert unstopped <= 6
