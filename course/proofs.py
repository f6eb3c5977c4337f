"""Prove the exercises: right ways must pass all their tests, wrong ways must fail the named one.

The ways stand in ``tests/exercises/<exercise>.py``, each a complete replacement of the exercise's
solution cell. Each is judged in a copy of its section.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from course.build.names import names_of
from course.grading.errors import CourseError, UsageError
from course.grading.isolation import Level, probe
from course.judge import Limits, Verdict, judge_direct
from course.judge_engine import judge_through_engine
from course.proof_exercises import Exercise, find_exercises
from course.proof_variants import Variant, read_variants, undefined_names

PROOFS = Path("tests") / "exercises"
TABLE = Path("docs") / "proofs.md"


@dataclass
class Result:
    """What became of one variant.

    Attributes
    ----------
    fails : tuple of str
        The test cells that it failed, with the first seed.
    problems : dict of str to list
        What contradicts its heading, each sentence with the seeds that showed it.
    survived : bool
        A wrong way that passed the test cell named in its heading.
    """

    variant: Variant
    fails: tuple[str, ...] = ()
    problems: dict[str, list] = field(default_factory=dict)
    survived: bool = False


@dataclass
class Row:
    """The proof of one exercise.

    Attributes
    ----------
    problems : list of str
        One sentence for everything that does not hold; the proof holds if there is none.
    """

    exercise: str
    titles: dict[str, str] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def of_kind(self, kind: str) -> list[Result]:
        """The results of the variants that are `right`, `wrong`, the `reference` or the `stub`."""
        return [r for r in self.results if r.variant.kind == kind]

    def score(self, kind: str) -> str:
        """How many variants of this kind did what they should, such as ``6/6``."""
        results = self.of_kind(kind)
        return f"{sum(not r.problems for r in results)}/{len(results)}"

    @property
    def survivors(self) -> list[str]:
        """The wrong ways that passed the test cell that should have caught them."""
        return [r.variant.text for r in self.results if r.survived]


@dataclass(frozen=True)
class _Job:
    exercise: Exercise
    variant: Variant
    seed: int
    limits: Limits
    engine: bool


def verify(
    root: Path,
    exercises: Sequence[str] | None = None,
    seeds: Iterable[int] = range(1),
    workers: int = 2,
    *,
    limits: Limits | None = None,
    engine: bool | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Row]:
    """Judge every variant of the exercises' proofs, the reference solution and the stub.

    Parameters
    ----------
    root : Path
        The course root, with ``source/``, ``release/`` and ``tests/exercises/``.
    exercises : sequence of str, optional
        Only these, by the grade id of their solution cell.
    seeds : iterable of int
        Values of ``COURSE_SEED``; the table shows the first one's failures.
    workers : int
        Processes at work at a time.
    limits : Limits, optional
        What one variant may use.
    engine : bool, optional
        Judge everything through the grading engine as well, and report different verdicts; by
        default where this machine can isolate learner code.
    progress : callable, optional
        Told how many judgements are done, and how many there will be.

    Returns
    -------
    list of Row
        One for each exercise, and one for each proof without an exercise.

    Raises
    ------
    UsageError
        If an exercise is not known.
    CourseError
        If a notebook cannot be read.
    """
    known = find_exercises(root)
    if unknown := [e for e in exercises or () if e not in known]:
        raise UsageError(
            f"there is no exercise {unknown[0]!r}; there are: {', '.join(known) or 'none yet'}."
        )
    chosen = [known[e] for e in dict.fromkeys(exercises or known)]
    rows = [_row(root, exercise) for exercise in chosen]
    seeds = list(seeds)
    engine = probe().level != Level.NONE if engine is None else engine
    jobs = [
        (result, _Job(exercise, result.variant, seed, limits or Limits(), engine))
        for exercise, row in zip(chosen, rows, strict=True)
        for result in row.results
        for seed in seeds
    ]
    context = multiprocessing.get_context("fork")  # torch and course.testing are loaded once
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        verdicts = pool.map(_judge, [job for _, job in jobs])
        for done, ((result, job), found) in enumerate(zip(jobs, verdicts, strict=True), start=1):
            _record(result, job, found, first=job.seed == seeds[0])
            if progress:
                progress(done, len(jobs))
    for row in rows:
        row.problems += [_sentence(p, s, seeds) for r in row.results for p, s in r.problems.items()]
    return rows if exercises else rows + _orphans(root, known)


def _row(root: Path, exercise: Exercise) -> Row:
    """Read an exercise's proof; what is wrong with the file itself goes into the row."""
    row = Row(exercise.grade_id, {t.cell_id: t.title for t in exercise.tests})
    reference = Variant("reference", "the reference solution", exercise.solution)
    row.results.append(Result(reference))
    if exercise.stub is None:
        row.problems.append(
            f"release/ has no cell {exercise.grade_id}; run `course build` and commit what it "
            "writes."
        )
    else:
        row.results.append(Result(Variant("stub", "the untouched stub", exercise.stub)))
        row.problems += [
            f"release/ gives learners a cell {exercise.grade_id} that needs the name {name!r}, "
            "which neither it nor the setup cell defines."
            for name in _missing(exercise.stub, exercise.setup_names)
        ]
    path = PROOFS / f"{exercise.grade_id}.py"
    if not (root / path).is_file():
        row.problems.append(f"{path} is missing: every exercise has its proof.")
        return row
    try:
        variants = read_variants(root / path, exercise.graded, shown=path)
    except CourseError as error:
        row.problems += str(error).splitlines()
        return row
    setup = exercise.setup_names
    row.problems += [str(p) for v in variants for p in undefined_names(v, setup, path)]
    for kind, least in exercise.minimum.items():
        if (n := sum(v.kind == kind for v in variants)) < least:
            row.problems.append(f"{path}: has {n} {kind} ways; at least {least} are needed.")
    aimed_at = {v.target for v in variants}
    if idle := [t for t in exercise.graded if t not in aimed_at]:
        row.problems.append(f"{path}: no wrong way shows that {', '.join(idle)} can fail.")
    row.results += [Result(replace(v, path=str(path))) for v in variants]
    return row


def _missing(source: str, known: Collection[str]) -> list[str]:
    try:
        return sorted(set(names_of(source).needed) - set(known))
    except SyntaxError:
        return []  # what the judge says of it


def _orphans(root: Path, known: dict[str, Exercise]) -> list[Row]:
    rows = []
    for path in sorted((root / PROOFS).glob("*.py")):
        if path.stem not in known:
            text = f"{PROOFS / path.name} proves no exercise of source/; rename or delete it."
            rows.append(Row(path.stem, problems=[text]))
    return rows


def _judge(job: _Job) -> tuple[dict[str, Verdict], dict[str, str]]:
    exercise = job.exercise
    cells = exercise.cells_with(job.variant.source)
    if job.variant.kind in ("reference", "stub"):  # after nothing but the setup cell
        cells = [c for c in cells if c.role != "solution" or c.cell_id == exercise.grade_id]
    verdicts = judge_direct(cells, exercise.grade_id, job.seed, job.limits)
    if not job.engine:
        return verdicts, {}
    references = {c.cell_id: c.source for c in exercise.section if c.role == "solution"}
    return verdicts, judge_through_engine(cells, exercise.grade_id, references, job.seed)


def _record(
    result: Result, job: _Job, found: tuple[dict[str, Verdict], dict[str, str]], first: bool
) -> None:
    variant, exercise = job.variant, job.exercise
    verdicts, beyond = found
    for test, error in beyond.items():
        if verdicts[test].passed == bool(error):
            direct = "passes" if verdicts[test].passed else f"fails by {verdicts[test]}"
            through = f"fails by {error}" if error else "passes"
            text = f"{test} {direct} directly and {through} through the engine."
            problem = f"{_label(variant, exercise)} is judged in two ways: {text}"
            result.problems.setdefault(problem, []).append(job.seed)
    fails = tuple(t.cell_id for t in exercise.tests if not verdicts[t.cell_id].passed)
    if first:
        result.fails = fails
    if variant.kind == "wrong":
        result.survived |= variant.target not in fails
    if problem := _problem(variant, exercise, verdicts, fails):
        result.problems.setdefault(f"{_label(variant, exercise)} {problem}", []).append(job.seed)


def _label(variant: Variant, exercise: Exercise) -> str:
    if variant.line:
        return f"{variant.path}:{variant.line}: {variant.kind} way '{variant.text}'"
    return f"{exercise.grade_id}: {variant.text}"


def _problem(
    variant: Variant, exercise: Exercise, verdicts: dict[str, Verdict], fails: tuple[str, ...]
) -> str | None:
    """Say how the verdicts contradict the heading; None if they agree with it."""
    if variant.kind == "stub":
        own = verdicts[exercise.grade_id]
        if not own.passed and own.error != "NotImplementedError":
            return f"cannot be run as released: the cell {exercise.grade_id} ends in {own}."
        passed = [t for t in exercise.graded if t not in fails]
        return f"passes {', '.join(passed)}; nothing done earns no points." if passed else None
    others = {i: v for i, v in verdicts.items() if i not in exercise.test_ids and not v.passed}
    broken = next(iter(others.items()), None)
    if variant.kind != "wrong":
        if broken:
            return f"cannot be run: the cell {broken[0]} ends in {broken[1]}."
        return f"fails {_reasons(fails, verdicts)}." if fails else None
    target = variant.target
    verdict = verdicts[target]
    if verdict.passed:
        instead = f" (it fails {_reasons(fails, verdicts)})" if fails else ": no test notices it"
        return f"passes {target}, which should catch it{instead}."
    if variant.raises:
        ended = verdict.by_exception and (broken is None or broken[1].by_exception)
        return None if ended else f"does not raise: {target} ends in {verdict}."
    if broken:
        return f"cannot be run: the cell {broken[0]} ends in {broken[1]}."
    if verdict.by_assertion:
        return None
    return (
        f"fails {target} by {verdict}, not by the test's own assertion. Mend it, or end the "
        "heading in ' raises' if the exception is the mistake's honest outcome."
    )


def _reasons(fails: tuple[str, ...], verdicts: dict[str, Verdict]) -> str:
    return ", ".join(f"{i} by {verdicts[i]}" for i in fails)


def _sentence(problem: str, shown_by: list, seeds: list) -> str:
    if len(seeds) == 1:
        return problem
    if len(shown_by) == len(seeds):
        return f"{problem} (every seed)"
    return f"{problem} (seed {', '.join(map(str, shown_by))} of {len(seeds)} seeds)"


def run(root: Path, exercises: list[str] | None, seeds: int, write: bool, console: Console) -> int:
    """Verify, print the table and every failure, renew ``docs/proofs.md``; return the exit code."""
    from course.build import write as write_files
    from course.proof_table import console_table, markdown

    if write and exercises:
        raise UsageError("--write renews the whole table: leave out --exercise.")
    # no refreshing thread, since judges are forked meanwhile
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, auto_refresh=False) as bar:
        task = bar.add_task("judging", total=None)
        rows = verify(
            root,
            exercises,
            range(seeds),
            progress=lambda done, n: bar.update(task, completed=done, total=n, refresh=True),
        )
    if not rows:
        raise CourseError("source/ holds no exercise: run `course build` first.")
    console.print(console_table(rows))
    problems = [problem for row in rows for problem in row.problems]
    for problem in problems:
        console.print(problem, markup=False, highlight=False, soft_wrap=True)
    if problems:
        return 1
    text = markdown(rows)
    if write:
        changed = write_files(root, {TABLE: text})
        console.print(f"{TABLE}: {'written' if changed else 'nothing to change'}.")
    elif not exercises and (not (root / TABLE).is_file() or (root / TABLE).read_text() != text):
        console.print(f"{TABLE} is out of date: run `course verify --write`.")
    return 0
