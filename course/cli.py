"""The `course` command. Every subcommand is one call into the module that does the work."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from course.grading.errors import CourseError, UsageError
from course.lab.cli import app as lab

app = typer.Typer(
    help="Generative AI in fifty questions: study, grade, build.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(lab, name="lab")
console = Console()


def find_root(start: Path | None = None) -> Path:
    """Return the course root: the nearest folder above that holds `nbgrader_config.py`."""
    for folder in (here := start or Path.cwd(), *here.parents):
        if (folder / "nbgrader_config.py").is_file():
            return folder
    raise UsageError(
        "no nbgrader_config.py here or above: run this inside the course's folder (a git clone)."
    )


@app.command()
def build(
    check: Annotated[bool, typer.Option("--check", help="Compare only; fail on drift.")] = False,
) -> int:
    """Make source/ and release/ out of the lessons."""
    from course.build import run

    return run(find_root(), check=check, console=console)


@app.command()
def status() -> int:
    """List the fifty questions, and which are not written yet."""
    from course.status import run

    return run(console)


@app.command()
def verify(
    exercise: Annotated[list[str] | None, typer.Option(help="Only this exercise.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds of test data.")] = 1,
    write: Annotated[bool, typer.Option("--write", help="Write docs/proofs.md.")] = False,
) -> int:
    """Prove the exercises: right ways must pass, wrong ways must fail for the stated reason."""
    from course.proofs import run

    return run(find_root(), exercise, seeds, write, console)


@app.command()
def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="A question (q04), an exercise (q04-filter-probs), a notebook "
            "(1-llm-internals) or its path; nothing: all that you have begun.",
        ),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Check again on each save.")] = False,
) -> int:
    """Check your own work in desk/, as it would be graded."""
    from course.check import run

    return run(find_root(), names or [], watch=watch, console=console)


@app.command()
def grade(
    assignment: Annotated[str, typer.Argument(help="Such as 1-llm-internals.")],
    submitted: Annotated[Path | None, typer.Option(help="Folder of submissions.")] = None,
    output: Annotated[Path | None, typer.Option(help="Folder for report and CSV.")] = None,
    learner: Annotated[list[str] | None, typer.Option(help="Only this learner.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Grade again what is graded.")] = False,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler whose workers grade.")
    ] = None,
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="Grade even where nothing isolates the code.")
    ] = False,
) -> int:
    """Grade a cohort: scores, feedback and a report."""
    from course.grading.command import run

    return run(
        find_root(),
        assignment,
        submitted=submitted,
        output=output,
        learners=learner,
        force=force,
        dask=dask,
        unsafe=unsafe,
        console=console,
    )


@app.command()
def worker(
    address: Annotated[str, typer.Argument(help="The scheduler, such as tcp://10.0.0.5:8786.")],
    processes: Annotated[
        int | None, typer.Option(min=1, help="Submissions at a time; all cores by default.")
    ] = None,
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="Serve even where nothing isolates the code.")
    ] = False,
) -> int:
    """Grade for a Dask cluster, until its scheduler ends."""
    from course.grading.cluster import work

    return work(address, processes, unsafe, console)


@app.command()
def demo() -> int:
    """Make an example cohort and grade it."""
    from course.demo import run

    return run(find_root(), console)


@app.command()
def desk(
    update: Annotated[bool, typer.Option("--update", help="Take over new releases.")] = False,
    open_lab: Annotated[bool, typer.Option("--open", help="Start JupyterLab there.")] = False,
) -> int:
    """Lay out your own copies of the notebooks in desk/."""
    from course.desk import run

    return run(find_root(), update=update, open_lab=open_lab, console=console)


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="Where to listen; by default for this machine only.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free one.")] = 8000,
) -> int:
    """Serve the lab's models as OpenAI's API does, until Ctrl-C."""
    try:
        from course.serve.run import NotServingError, run
    except ImportError as error:
        raise CourseError(
            f"course serve needs {error.name}: pip install -c requirements.txt -e '.[serve]'."
        ) from error
    try:
        return run(host, port, console)
    except NotServingError as error:
        raise CourseError(str(error)) from error


@app.command()
def doctor() -> int:
    """Look whether this machine and installation can run the course."""
    from course.doctor import run

    return run(find_root(), console)


def main() -> None:
    """Run the command line; errors become one sentence and an exit code."""
    try:
        code = app(standalone_mode=False)
    except CourseError as error:
        print(f"course: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except typer.Abort:
        print("course: stopped.", file=sys.stderr)
        sys.exit(130)
    except Exception as error:  # click's usage errors know how to print themselves
        if not hasattr(error, "show"):
            raise
        error.show()
        sys.exit(error.exit_code)
    sys.exit(code or 0)


if __name__ == "__main__":
    main()
