"""A report as HTML, for a notebook."""

from __future__ import annotations

from jinja2 import Environment

from course.check import wording
from course.check.report import Report

_PAGE = """\
<div class="course-check" style="max-width: 60em">
{% for notice in report.notices %}<p><b>Note:</b> {{ notice }}</p>{% endfor %}
{% for notebook in report.notebooks %}
{% if notebook.problem %}<p><b>{{ notebook.name }}:</b> {{ notebook.problem }}</p>{% endif %}
{% if notebook.notes %}
<p>Put right before checking, as in grading:</p>
<ul>{% for note in notebook.notes %}<li>{{ note }}</li>{% endfor %}</ul>
{% endif %}
{% for exercise in notebook.exercises %}
<table style="width: 100%; margin: 0.8em 0">
<caption style="caption-side: top; text-align: left"><b>{{ exercise.title }}</b>:
{{ words.state(exercise) }}</caption>
{% if exercise.begun %}
{% if exercise.error %}
<tr><td></td><td colspan="2" style="text-align: left">
Your solution cell ended with {{ exercise.error }}</td></tr>
{% endif %}
{% for test in exercise.tests %}
<tr style="vertical-align: top">
<td style="white-space: nowrap">{{ marks[words.verdict(test)] }}</td>
<td style="text-align: left; width: 100%">{{ test.title }}
{% for label, text in words.details(test) %}
<div style="margin-left: 1em">{% if label %}{{ label }}:
<code style="white-space: pre-wrap">{{ text }}</code>{% else %}{{ text }}{% endif %}</div>
{% endfor %}</td>
<td style="white-space: nowrap">{{ words.points(test) }}</td></tr>
{% endfor %}
{% endif %}
</table>
{% endfor %}
{% endfor %}
{% if report.exercises %}<p><b>{{ words.total(report) }}</b></p>{% endif %}
{% if words.hint(report) %}<p><small>{{ words.hint(report) }}</small></p>{% endif %}
</div>
"""
_MARKS = {"pass": "✓ pass", "FAIL": "✗ FAIL", "waits": "… waits"}
_TEMPLATE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(_PAGE)


def as_html(report: Report) -> str:
    """Write a report as HTML; everything in it that came from elsewhere is escaped."""
    return _TEMPLATE.render(report=report, words=wording, marks=_MARKS)
