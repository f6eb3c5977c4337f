"""Generative AI in fifty questions: what the course's notebooks import."""

from course.given import ReactResult, SAELoss, Tainted

__all__ = ["ReactResult", "SAELoss", "Tainted"]
__version__ = "0.1.0"


def load_ipython_extension(shell: object) -> None:
    """Bring `%check` into a notebook; IPython calls it for `%load_ext course`."""
    from course.check.magic import load

    load(shell)
