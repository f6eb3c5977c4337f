"""Feedback pages: nbconvert's and nbgrader's own, but what all learners share is rendered once.

Most cells of a page are the lesson's, the same for everybody. Such a cell is rendered when it is
met first; in later pages a mark stands for it until nbconvert is done with the rest of the page.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable
from typing import Any

from bs4 import BeautifulSoup
from jinja2 import BytecodeCache, DictLoader, Environment
from jinja2.bccache import Bucket
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from traitlets import default

MOST = 4_000
"""Rendered cells that are kept; a notebook has some hundreds."""

_TEMPLATE = "shared-cells.html.j2"
_SOURCE = """{%- extends 'index.html.j2' -%}
{%- block any_cell scoped -%}{{ rendered_once(cell, super) }}{%- endblock any_cell -%}
"""
_CODE = re.compile(r'(<span(?: class="\w+")?>|</span>|&(?:lt|gt|amp|quot|#39);|[^<>&])*')
_cells: dict[str, str] = {}
_compiled: dict[str, bytes] = {}


class _Compiled(BytecodeCache):
    """Compiled templates, kept as long as the process lives."""

    def load_bytecode(self, bucket: Bucket) -> None:
        if (code := _compiled.get(f"{bucket.key}-{bucket.checksum}")) is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        _compiled[f"{bucket.key}-{bucket.checksum}"] = bucket.bytecode_to_string()


class FeedbackExporter(HTMLExporter):
    """Writes the pages that nbconvert's HTMLExporter would, at a part of its cost."""

    @default("template_file")
    def _template_file_default(self) -> str:
        return _TEMPLATE

    @default("extra_loaders")
    def _extra_loaders_default(self) -> list:
        return [DictLoader({_TEMPLATE: _SOURCE})]

    @default("optimistic_validation")
    def _optimistic_validation_default(self) -> bool:
        return True

    def _create_environment(self) -> Environment:
        environment = super()._create_environment()
        environment.bytecode_cache = _Compiled()
        environment.globals["rendered_once"] = self._rendered_once
        return environment

    def register_filter(self, name: str, jinja_filter: Any) -> Any:
        """Register a filter, as nbconvert's exporters do."""
        if name == "highlight_code":
            jinja_filter = self._apart(jinja_filter)
        return super().register_filter(name, jinja_filter)

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert a notebook, as nbconvert's exporters do."""
        language = nb.metadata.get("language_info", {})
        same = json.dumps([str(self.config), self.template_paths, language], default=str)
        self._alike = hashlib.sha256(same.encode()).hexdigest()
        self._mark = secrets.token_hex(16)  # nothing that a learner wrote can be taken for one
        self._marked: list[str] = []
        page, resources = super().from_notebook_node(nb, resources, **kw)
        return self._whole(page), resources

    def _rendered_once(self, cell: NotebookNode, render: Callable[[], str]) -> str:
        """Render a cell, or leave a mark for one that looks the same on every page."""
        if cell.get("outputs"):
            return render()
        text = json.dumps([self._alike, cell], sort_keys=True)
        key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        html = _cells.pop(key, None)
        if html is None:
            html = render()
            if "<img" in html or "jp-" in html:  # nbconvert changes these in the finished page
                return html
            # with the page, too, nbconvert reads it and writes it again
            html = self._whole(str(BeautifulSoup(html, features="html.parser")))
            if len(_cells) >= MOST:
                del _cells[next(iter(_cells))]  # the one that was not needed for longest
        _cells[key] = html
        if not (inside := html.strip()):
            return html
        before, _, after = html.partition(inside)  # spaces between two cells become one
        return f"{before}{self._stand_in(inside)}{after}"

    def _apart(self, highlight: Callable[..., str]) -> Callable[..., str]:
        """Keep highlighted code away from what reads the page: nothing of it would change."""

        def apart(*args: Any, **kwargs: Any) -> str:
            html = highlight(*args, **kwargs)
            before, start, rest = html.partition("<pre>")
            code, end, after = rest.rpartition("</pre>")
            if not end or not _CODE.fullmatch(code):
                return html
            code = code.replace("&quot;", '"').replace("&#39;", "'")  # but for this
            return f"{before}{start}{self._stand_in(code)}{end}{after}"

        return apart

    def _stand_in(self, html: str) -> str:
        """A mark to put in the place of a finished piece."""
        self._marked.append(html)
        return f"<!--{self._mark}-{len(self._marked) - 1}-->"

    def _whole(self, html: str) -> str:
        """The same with all pieces in their places."""
        return re.sub(f"<!--{self._mark}-(\\d+)-->", lambda m: self._marked[int(m[1])], html)
