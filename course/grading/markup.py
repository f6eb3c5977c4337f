"""HTML, Markdown and SVG that a learner wrote, made harmless to whoever looks at it.

What a submission shows is opened by others: by the instructor in formgrader, beside the buttons
that give points, and by its author as feedback. Only what an allow-list names is kept of it. Links
lead to the web, pictures are part of the page, and nothing runs, loads, covers the page or takes
the name of one of its own parts.
"""

from __future__ import annotations

import functools
import html
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import bleach
from bleach.css_sanitizer import CSSSanitizer
from bleach.html5lib_shim import Filter
from defusedxml.ElementTree import fromstring
from jinja2 import pass_context
from jinja2.runtime import Context

MOST_TAGS = 6_000  # the time for nested ones grows with the square
LONGEST = 1_000_000


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TAGS = frozenset(bleach.ALLOWED_TAGS) | _names(
    "p br hr div span pre h1 h2 h3 h4 h5 h6 table caption colgroup col thead tbody tfoot tr th td "
    "sub sup dl dt dd del ins s u small kbd samp var mark img details summary figure figcaption "
    "progress"
)
_WITH_CONTENTS = _names(
    "script style template noscript noembed noframes iframe frame object embed applet svg math "
    "title textarea select option form button audio video canvas plaintext xmp"
)
_PLAIN = _names(
    "title alt align border scope colspan rowspan span open start value max width height"
)
_CLASS = re.compile(r"(dataframe|highlight|[a-z][a-z0-9]{0,2})( (dataframe|[a-z][a-z0-9]{0,2}))*")
_LINK = re.compile(r"(https?://|mailto:|#)", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*")
_STYLES = _names(
    "color background-color text-align vertical-align font-weight font-style font-family "
    "text-decoration white-space border border-collapse border-spacing padding padding-left "
    "padding-right"
)
_TOO_MUCH = "(not shown: this holds more markup than is looked at)"

SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_SHAPES = _names(
    "svg g defs symbol use title desc path rect circle ellipse line polyline polygon text tspan "
    "textPath clipPath mask pattern marker linearGradient radialGradient stop image style"
)
_OUTSIDE = re.compile(r"url\((?!\s*['\"]?#)|@import|expression|javascript:|\\", re.IGNORECASE)
ET.register_namespace("", SVG)
ET.register_namespace("xlink", _XLINK)


def clean_html(text: Any) -> str:
    """Keep the harmless part of a piece of HTML.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Tables, emphasis, lists, code, pictures that it carries itself and links. No names or ids,
        no styles but for colours and alignment.
    """
    text = str(text)
    if len(text) > LONGEST or text.count("<") > MOST_TAGS:
        return _TOO_MUCH
    try:
        return _last().clean(_first().clean(text))
    except RecursionError:
        return _TOO_MUCH


@pass_context
def markdown_to_html(context: Context, source: str) -> str:
    """Render Markdown as nbconvert does, and keep the harmless part: a filter for its templates.

    Parameters
    ----------
    context : Context
        Of a template; pasted pictures come from its cell.
    source : str

    Returns
    -------
    str
    """
    # here, as only pages need it: it takes longer to import than all the rest of grading
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    cell = context.get("cell") or {}
    renderer = IPythonRenderer(
        escape=False, attachments=cell.get("attachments", {}), exclude_anchor_links=True
    )
    if len(source) > LONGEST:
        return _TOO_MUCH
    try:
        rendered = MarkdownWithMath(renderer=renderer).render(source)
    except Exception:  # what no parser can read is shown as it was written
        return f"<pre>{html.escape(source)}</pre>"
    return clean_html(rendered)


def clean_svg(text: str) -> str | None:
    """Keep the shapes of an SVG picture.

    Parameters
    ----------
    text : str

    Returns
    -------
    str or None
        None where it is no such picture. No scripts, no animation, no foreign content; what it
        refers to is part of it.
    """
    if len(text) > LONGEST or text.count("<") > MOST_TAGS:
        return None
    try:
        root = fromstring(text)
        if root.tag != f"{{{SVG}}}svg":
            return None
        _prune(root)
        return ET.tostring(root, encoding="unicode")
    except (ET.ParseError, ValueError, RecursionError):  # defusedxml's errors are ValueErrors
        return None


def _prune(root: ET.Element) -> None:
    waiting = [root]
    while waiting:
        element = waiting.pop()
        for name, value in [*element.attrib.items()]:
            local = name.rpartition("}")[2].lower()
            if local == "href":
                fine = value.startswith("#") or _PICTURE.fullmatch(value) is not None
            else:
                fine = not local.startswith("on") and not _OUTSIDE.search(value)
            if not fine:
                del element.attrib[name]
        if element.tag == f"{{{SVG}}}style" and _OUTSIDE.search("".join(element.itertext())):
            element.text = ""
        for child in [*element]:
            space, _, name = str(child.tag).rpartition("}")
            if space == f"{{{SVG}" and name in _SHAPES:
                waiting.append(child)
            else:
                element.remove(child)


class _Without(Filter):
    """Leaves elements out together with what is in them."""

    def __iter__(self) -> Iterator[dict]:
        inside, depth = "", 0
        for token in super().__iter__():
            name, kind = token.get("name"), token["type"]
            if depth:
                depth += (kind == "StartTag" and name == inside) - (
                    kind == "EndTag" and name == inside
                )
            elif kind == "StartTag" and name in _WITH_CONTENTS:
                inside, depth = name, 1
            elif not (kind in ("EmptyTag", "EndTag") and name in _WITH_CONTENTS):
                yield token


def _allowed(tag: str, name: str, value: str) -> bool:
    if name == "href":
        return tag == "a" and _LINK.match(value) is not None
    if name == "src":
        return tag == "img" and _PICTURE.fullmatch(value) is not None
    if name == "class":
        return _CLASS.fullmatch(value) is not None
    return name in _PLAIN or name == "style"


@functools.cache
def _first() -> bleach.Cleaner:
    return _cleaner(_TAGS | _WITH_CONTENTS, [_Without])


@functools.cache
def _last() -> bleach.Cleaner:
    return _cleaner(_TAGS, [])


def _cleaner(tags: frozenset[str], filters: list[type]) -> bleach.Cleaner:
    return bleach.Cleaner(
        tags=tags,
        attributes=_allowed,
        protocols={"http", "https", "mailto", "data"},
        strip=True,
        filters=filters,
        css_sanitizer=CSSSanitizer(allowed_css_properties=_STYLES),
    )
