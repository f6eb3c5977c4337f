"""Errors that the command line turns into one sentence and an exit code."""


class CourseError(Exception):
    """Work that failed; the message says what was wrong and what to do. Exit code 1."""

    exit_code = 1


class UsageError(CourseError):
    """A command that cannot be carried out as it was given. Exit code 2."""

    exit_code = 2
