"""Generative AI in fifty questions: what the course's notebooks import."""

__version__ = "0.1.0"
