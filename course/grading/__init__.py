"""Grading: submissions in, scores and feedback out. Imports nothing of the course around it."""
