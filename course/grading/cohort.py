"""Results of a cohort, and what an instructor wants to know about them."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from course.grading.assignment import Assignment, Cell, Exercise


@dataclass(frozen=True)
class CellScore:
    """What one learner got for one graded cell."""

    cell: Cell
    score: float | None
    """None while the cell waits for a person."""
    message: str | None = None
    """Why points were lost: the error that the cell ended with."""

    @property
    def points(self) -> float:
        return self.score or 0.0

    @property
    def failed(self) -> bool:
        lost = self.score is not None and self.score < self.cell.max_score
        return lost or self.message is not None


@dataclass(frozen=True)
class LearnerResult:
    """One learner's result."""

    learner: str
    scores: tuple[CellScore, ...] = ()
    problem: str | None = None
    """Why the submission could not be graded; it counts as 0."""
    notes: tuple[str, ...] = ()
    penalty: float = 0.0
    feedback: Path | None = None
    pending: bool = False
    """True where grading was interrupted before this submission's turn."""

    @property
    def graded(self) -> bool:
        return self.problem is None and not self.pending

    @property
    def total(self) -> float:
        return max(0.0, sum(score.points for score in self.scores) - self.penalty)

    @property
    def waiting(self) -> int:
        """Number of answers that a person still has to grade."""
        return sum(score.score is None for score in self.scores) if self.graded else 0

    def of(self, exercise: Exercise) -> float:
        """Points for one exercise."""
        cells = set(exercise.cells)
        return sum(score.points for score in self.scores if score.cell in cells)


@dataclass(frozen=True)
class ExerciseSummary:
    """How a cohort did in one exercise."""

    exercise: Exercise
    mean: float
    full: int
    none: int
    of: int

    @property
    def mean_share(self) -> float:
        return self.mean / self.exercise.max_score if self.exercise.max_score else 0.0

    @property
    def full_share(self) -> float:
        return self.full / self.of if self.of else 0.0


@dataclass(frozen=True)
class Behaviour:
    """A test cell that somebody failed: for whom, and with which messages."""

    cell: Cell
    learners: tuple[str, ...]
    messages: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Cohort:
    """All results of one assignment."""

    assignment: Assignment
    results: tuple[LearnerResult, ...]
    absent: tuple[str, ...] = ()
    """Learners with a folder of their own that holds nothing for this assignment."""

    @property
    def graded(self) -> tuple[LearnerResult, ...]:
        return tuple(result for result in self.results if result.graded)

    @property
    def ungraded(self) -> tuple[LearnerResult, ...]:
        return tuple(result for result in self.results if result.problem is not None)

    @property
    def pending(self) -> tuple[LearnerResult, ...]:
        return tuple(result for result in self.results if result.pending)

    def exercises(self) -> list[ExerciseSummary]:
        """Exercises that give points, the hardest first."""
        summaries = []
        for exercise in self.assignment.exercises:
            points = [result.of(exercise) for result in self.graded]
            if exercise.max_score and points:
                full = sum(p >= exercise.max_score for p in points)
                none = sum(p == 0 for p in points)
                summaries.append(ExerciseSummary(exercise, mean(points), full, none, len(points)))
        return sorted(summaries, key=lambda s: (s.mean_share, s.full_share))

    def behaviours(self) -> list[Behaviour]:
        """Test cells that somebody failed, the most often failed first."""
        failed: dict[Cell, list[tuple[str, str | None]]] = {}
        for result in self.graded:
            for score in result.scores:
                if score.failed and not score.cell.written:
                    failed.setdefault(score.cell, []).append((result.learner, score.message))
        found = [
            Behaviour(
                cell,
                tuple(learner for learner, _ in who),
                tuple(Counter(message for _, message in who if message).most_common()),
            )
            for cell, who in failed.items()
        ]
        order = {cell: i for i, cell in enumerate(self.assignment.cells)}
        return sorted(found, key=lambda b: (-len(b.learners), order[b.cell]))

    def histogram(self, bins: int = 10) -> list[tuple[str, int]]:
        """Graded learners per tenth of the points that can be had: (label, count).

        The last bin includes full marks.
        """
        best = self.assignment.max_score
        counts = [0] * bins
        for result in self.graded:
            share = result.total / best if best else 0.0
            # a float a hair below a boundary belongs above it
            counts[min(bins - 1, int(share * bins + 1e-9))] += 1
        step = 100 // bins
        return [(f"{i * step}\u2013{(i + 1) * step}%", count) for i, count in enumerate(counts)]
