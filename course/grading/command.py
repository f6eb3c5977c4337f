"""`course grade`: grade every submission of an assignment, and report on the cohort."""

import gc
import hashlib
import logging
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from course.grading.assignment import Assignment, read_assignment
from course.grading.autograde import NotGraded
from course.grading.cohort import Cohort, LearnerResult
from course.grading.errors import CourseError
from course.grading.gradebook import CONFIG_FILE, Workplace, chatter_to, own_commands_first
from course.grading.intake import Submission, find_learners, take_in
from course.grading.jobs import require_isolation, versions
from course.grading.ledger import Ledger
from course.grading.parallel import Outcome, in_parallel
from course.grading.plugin import EngineExecute
from course.grading.report import write_problem_page, write_reports

INTERRUPTED = 130
log = logging.getLogger(__name__)


def run(
    root: Path,
    assignment: str,
    *,
    submitted: Path | None = None,
    output: Path | None = None,
    learners: Sequence[str] | None = None,
    force: bool = False,
    dask: str | None = None,
    unsafe: bool = False,
    console: Console | None = None,
) -> int:
    """Grade the submissions of one assignment.

    Parameters
    ----------
    root
        The course: `source/` and `nbgrader_config.py`.
    assignment
        Name of a folder of `source/`.
    submitted
        Folder with `<learner>/<assignment>/<notebook>.ipynb`; `submitted/` of the root by default.
        Nothing in it is changed.
    output
        Where `gradebook.db`, `autograded/`, `feedback/` and `reports/` are written; the root by
        default.
    learners
        Grade these only.
    force
        Grade again what has not changed since it was graded.
    dask
        Address of a Dask scheduler, whose workers (`course worker`) then execute the notebooks.
    unsafe
        Grade also where this machine offers no isolation, as if every line were one's own.
    console
        Where progress and the table of results are printed.

    Returns
    -------
    int
        Exit code: 0; 1 where a submission could not be graded; 130 after Ctrl-C, where what is
        graded stays graded and the next run goes on from there.

    Raises
    ------
    UsageError
        Unknown assignment, no submissions, or a learner who handed in nothing.
    CourseError
        The course itself cannot be graded (its configuration, notebook or gradebook), or not
        here: no isolation, no cluster.
    """
    console = console or Console()
    root = root.resolve()
    output = (output or root).resolve()
    submitted = submitted or root / "submitted"
    spec = read_assignment(root / "source", assignment)
    present, absent = find_learners(submitted, assignment, learners)

    reports = output / "reports" / assignment
    reports.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            stack.enter_context(FileLock(output / "reports" / ".grading.lock", timeout=0))
        except Timeout as error:
            raise CourseError(
                f"another `course grade` is at work in {output}; wait for it to end."
            ) from error
        log_file = reports / "grading.log"
        stack.enter_context(chatter_to(log_file))
        stack.enter_context(own_commands_first())
        work = reports / ".work"
        shutil.rmtree(work, ignore_errors=True)
        stack.callback(shutil.rmtree, work, ignore_errors=True)
        place = Workplace(root, output, spec, work)
        ledger = Ledger(reports / "ledger.json", _digest(root, spec))
        submissions = [take_in(submitted, spec, learner, place.staged) for learner in present]
        todo = [s for s in submissions if not learners or s.learner in learners]
        todo = [s for s in todo if force or s.problem or _is_missing(place, ledger, s)]
        interrupted = bool(todo) and _grade_all(place, ledger, todo, dask, unsafe, console)
        results = tuple(_result(place, ledger, submission) for submission in submissions)
        cohort = Cohort(spec, results, tuple(absent))
        html, csv = write_reports(cohort, reports)
    _print_table(cohort, console)
    console.print(
        f"Report    {html}\nTable     {csv}\nFeedback  {output / 'feedback'}",
        soft_wrap=True,
        highlight=False,
    )
    if interrupted:
        console.print(
            f"Interrupted: {len(cohort.graded)} of {len(results)} submissions are graded "
            "and kept. Run the same command again for the rest."
        )
        return INTERRUPTED
    return 1 if cohort.ungraded else 0


def _digest(root: Path, assignment: Assignment) -> str:
    """State of all that decides a score, apart from the submission."""
    digest = hashlib.sha256()
    files = [p for p in sorted(assignment.folder.rglob("*")) if p.is_file()]
    for path in [root / CONFIG_FILE, *files]:
        if path.is_file():
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _is_missing(place: Workplace, ledger: Ledger, submission: Submission) -> bool:
    """Whether this state of a submission has not been graded."""
    graded = ledger.is_graded(submission.learner, submission.digest)
    return not (graded and place.autograded(submission.learner).is_dir())


def _grade_all(
    place: Workplace,
    ledger: Ledger,
    todo: list[Submission],
    dask: str | None,
    unsafe: bool,
    console: Console,
) -> bool:
    """Grade submissions; True if a person interrupted it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    # no refresh from a thread: nothing else is to run beside a notebook that is written
    with (
        Progress(*columns, console=console, transient=True, auto_refresh=False) as progress,
        ExitStack() as stack,
    ):
        bar = progress.add_task("Grading", total=len(todo))
        try:
            doer = _doer(place, dask, unsafe, stack)
            place.register()
            gc.freeze()  # some 10^6 objects of libraries, to be looked through again and again
            stack.callback(gc.unfreeze)
            for submission, outcomes in _as_they_are_done(place, todo, doer, stack):
                _grade(place, ledger, submission, outcomes)
                progress.advance(bar)
                progress.refresh()
        except KeyboardInterrupt:
            log.warning("interrupted")
            return True
    return False


Jobs = dict[tuple[str, str], Callable[[], str]]


@dataclass(frozen=True)
class Doer:
    """What executes notebooks, and the versions it must have."""

    do: Callable[[Jobs], Iterator[tuple[tuple[str, str], Outcome]]]
    versions: dict[str, str] = field(default_factory=dict)


def _doer(place: Workplace, dask: str | None, unsafe: bool, stack: ExitStack) -> Doer:
    """What executes notebooks: a cluster, or this machine's cores."""
    if dask:
        from course.grading.cluster import connected, on_cluster

        client = stack.enter_context(connected(dask))
        return Doer(partial(on_cluster, client=client), versions())
    unsafe = unsafe or EngineExecute(config=place.config).unsafe
    require_isolation(unsafe)
    return Doer(partial(in_parallel, unsafe=unsafe))


def _as_they_are_done(
    place: Workplace, todo: list[Submission], doer: Doer, stack: ExitStack
) -> Iterator[tuple[Submission, dict[str, Outcome]]]:
    """Give first what cannot be executed, then each submission when all its notebooks have been."""
    executable = {s.learner: s for s in todo if s.problem is None and s.nameable}
    yield from ((s, {}) for s in todo if s.learner not in executable)
    jobs = {
        (learner, notebook): partial(place.job, learner, notebook, submission.notes, doer.versions)
        for learner, submission in executable.items()
        for notebook in place.notebooks(learner)
    }
    waiting = Counter(learner for learner, _ in jobs)
    outcomes: dict[str, dict[str, Outcome]] = defaultdict(dict)
    for (learner, notebook), outcome in stack.enter_context(closing(doer.do(jobs))):
        if refused := outcome.get("refused"):
            raise CourseError(refused)
        outcomes[learner][notebook] = outcome
        waiting[learner] -= 1
        if not waiting[learner]:
            yield executable[learner], outcomes.pop(learner)


def _grade(
    place: Workplace, ledger: Ledger, submission: Submission, outcomes: dict[str, Outcome]
) -> None:
    """Grade one submission; whatever goes wrong with it is its own affair."""
    learner = submission.learner
    if not submission.nameable:
        return
    ledger.forget(learner)
    problems = [outcome["problem"] for outcome in outcomes.values() if "problem" in outcome]
    problem = submission.problem or next(iter(problems), None)
    if problem is None:
        executed = {name: outcome["notebook"] for name, outcome in outcomes.items()}
        try:
            place.grade(learner, executed, submission.missing)
        except CourseError:  # not this submission's fault: no other one could be graded either
            raise
        except NotGraded as error:
            problem = f"nbgrader could not grade this notebook: {error}"
        except Exception as error:  # one broken submission never stops the rest
            log.exception("grading %s", learner)
            problem = f"grading it stopped with {type(error).__name__}: {error}"
    if problem is None:
        try:
            place.write_feedback(learner)
        except Exception:
            log.exception("feedback for %s", learner)
    else:
        place.give_zero(learner)
        write_problem_page(
            place.feedback(learner), place.assignment, learner, problem, submission.notes
        )
    ledger.record(learner, submission.digest, problem)


def _result(place: Workplace, ledger: Ledger, submission: Submission) -> LearnerResult:
    """What the gradebook says about a submission."""
    learner = submission.learner
    problem = submission.problem or ledger.problem(learner)
    pages = sorted(place.feedback(learner).glob("*.html")) if submission.nameable else []
    page = pages[0] if pages else None
    read = place.read(learner) if submission.nameable else None
    if problem is not None:
        return LearnerResult(learner, problem=problem, notes=submission.notes, feedback=page)
    if read is None or not ledger.is_graded(learner, submission.digest):
        return LearnerResult(learner, pending=True)
    scores, penalty = read
    scores = tuple(
        replace(score, message="the notebook was not handed in")
        if (score.cell.notebook, score.cell.grade_id) in submission.missing
        else score
        for score in scores
    )
    notes = place.notes(learner)
    if page is None:
        notes += ("Feedback could not be written; grading.log says why.",)
    return LearnerResult(learner, scores, None, notes, penalty, page)


def _print_table(cohort: Cohort, console: Console) -> None:
    table = Table(title=f"{cohort.assignment.name}, {cohort.assignment.max_score:g} points")
    table.add_column("learner")
    table.add_column("points", justify="right")
    table.add_column("remarks", overflow="fold")
    for result in cohort.results:
        if result.pending:
            points, remarks = "–", "not graded yet"
        else:
            points = f"{result.total:g}"
            remarks = f"Not graded: {result.problem}" if result.problem else " ".join(result.notes)
            if result.waiting:
                wait = "1 answer waits" if result.waiting == 1 else f"{result.waiting} answers wait"
                remarks = f"{wait} for a person. {remarks}"
        table.add_row(escape(result.learner), points, escape(remarks))
    console.print(table)
