"""What a submission shows is harmless to whoever opens it, and looks as it did."""

from __future__ import annotations

import base64
import io
import json
import re
import struct
import zlib

import matplotlib
import nbformat
import numpy as np
import pytest
from bleach._vendor import html5lib
from conftest import TOY
from defusedxml.ElementTree import fromstring
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.server_extensions.formgrader import handlers
from PIL import Image
from rich.console import Console
from traitlets.config import Config

from course.grading import command, markup
from course.grading.markup import SVG, clean_html, clean_svg
from course.grading.pictures import clean_picture
from course.grading.plugin import configure
from course.grading.sandbox_outputs import clean

TABLE = (
    "<div>\n<style scoped>\n .dataframe tbody tr th { vertical-align: top; }\n</style>\n"
    '<table border="1" class="dataframe">\n<thead><tr style="text-align: right;"><th></th>'
    '<th>a &lt; b</th></tr></thead>\n<tbody><tr><th>0</th><td colspan="2">1.5</td></tr></tbody>\n'
    "</table>\n</div>"
)
HOSTILE = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//a.example/x.js></sCrIpT>",
    '<img src="x" onerror="alert(1)">',
    '<img src="https://a.example/seen.png">',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java&#115;cript:alert(1)">x</a>',
    '<a href=" &#1; javascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<svg onload="alert(1)"><script>alert(1)</script></svg>',
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    '<object data="x"></object><embed src="x">',
    '<form action="https://a.example"><input name="score" value="9"><button>Save</button></form>',
    '<meta http-equiv="refresh" content="0;url=https://a.example">',
    '<base href="https://a.example/"><link rel="stylesheet" href="x">',
    '<div id="q04-filter-probs" class="score btn-success" name="x">full marks</div>',
    '<div style="position:fixed;top:0;left:0;width:100%;height:100%">covered</div>',
    '<div style="background-image:url(https://a.example/x)">x</div>',
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 '
    'onerror=alert(1)&gt;">',
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<!--<img src=x onerror=alert(1)>--><![CDATA[<script>alert(1)</script>]]>",
    "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\">",
    "<table><td><select><script>alert(1)</script>",
    "<details open ontoggle=alert(1)><summary onclick=alert(1)>x</summary></details>",
    "<textarea><img title=\"</textarea><img src=x onerror=alert(1)>\">",
    "<p/onmouseover=alert(1)>x",
    "<" * 500 + "script>alert(1)</script>",
]  # fmt: skip

calm = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def assert_harmless(page: str) -> None:
    """Read as a browser does: known elements, no handlers, no names, nothing that loads."""
    fragment = html5lib.parseFragment(page, namespaceHTMLElements=False)
    for element in fragment.iter():
        if not isinstance(element.tag, str) or element is fragment:
            continue
        assert element.tag in markup._TAGS, element.tag
        for name, value in element.attrib.items():
            assert not name.startswith("on") and name not in ("id", "name"), (name, value)
            if name in ("href", "src"):
                assert re.match(r"https?://|mailto:|#|data:image/", value), value
            assert name != "style" or not re.search(r"url|position|expression", value)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_html(text):
    assert_harmless(clean_html(text))
    assert_harmless(clean_html(f"<table><tr><td>{text}</td></tr></table> <b>{text}"))
    assert clean_html(f"<b>kept</b>{text}").startswith("<b>kept</b>")


@settings(calm, max_examples=300)
@given(
    st.lists(
        st.sampled_from(HOSTILE)
        | st.sampled_from(["<", ">", '"', "'", "<!--", "-->", "</style>", "<style>", "<svg>", "<p ",
                           "</p>", "<table>", "<td>", "<math>", "<title>", "onerror=x ", "&lt;"])
        | st.text("<>/!-='\"ab&;", max_size=6),
        max_size=8,
    )
)  # fmt: skip
def test_mixtures_of_hostile_html(parts):
    cleaned = clean_html("".join(parts))
    assert_harmless(cleaned)
    assert_harmless(clean_html(cleaned))


def test_tables_stay_tables():
    cleaned = clean_html(TABLE)
    for part in ('class="dataframe"', "<thead>", "text-align: right;", 'colspan="2"', "a &lt; b"):
        assert part in cleaned
    assert "vertical-align: top" not in cleaned  # the style sheet, which would show as text
    picture = '<img src="data:image/png;base64,aGk=" alt="a curve" width="30">'
    assert clean_html(picture) == picture
    link = '<a href="https://arxiv.org/abs/1706.03762">paper</a>'
    assert clean_html(link) == link


def test_markup_without_end_is_not_looked_at():
    assert "more markup than is looked at" in clean_html("<div>" * 100_000)
    assert clean_svg("<g>" * 100_000) is None
    assert clean_html("x" * 2_000_000).startswith("(not shown")


def _figure(kind: str) -> bytes:
    figure = Figure()
    figure.subplots().plot([1, 2], label="losses")
    file = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "0"}):
        figure.savefig(file, format=kind)
    return file.getvalue()


def test_a_figure_as_svg_keeps_its_shapes():
    drawn = _figure("svg").decode()
    cleaned = clean_svg(drawn)
    names = [element.tag.rpartition("}")[2] for element in fromstring(cleaned).iter()]
    before = [str(e.tag).rpartition("}")[2] for e in fromstring(drawn).iter()]
    for name in ("path", "use", "g", "clipPath", "style"):
        assert names.count(name) == before.count(name) > 0
    assert 'xlink:href="#' in cleaned and cleaned.startswith("<svg ")


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<g onload="alert(1)"/>',
        '<a href="javascript:alert(1)"><text>x</text></a>',
        '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><script/></body></foreignObject>',
        '<image href="https://a.example/x.png"/>',
        '<use xlink:href="data:image/svg+xml,&lt;svg/>"/>',
        '<animate attributeName="href" to="javascript:alert(1)"/>',
        '<set attributeName="onload" to="alert(1)"/>',
        '<rect style="fill:url(https://a.example/x)"/>',
        "<style>@import 'https://a.example/x';</style>",
        "<style>rect { background: u\\72l(https://a.example/x) }</style>",
        '<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>',
        "<!-- x --><?xml-stylesheet href='https://a.example'?>",
    ],
)
def test_hostile_svg(inside):
    text = f'<svg xmlns="{SVG}" xmlns:xlink="http://www.w3.org/1999/xlink" onload="alert(1)">'
    cleaned = clean_svg(f'{text}{inside}<rect width="3"/></svg>')
    assert '<rect width="3"' in cleaned
    for word in ("alert", "a.example", "script", "foreign", "animate", "data:"):
        assert word not in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "", "no svg", "<html/>", "<svg/>", f'<svg xmlns="{SVG}">',
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + f'<svg xmlns="{SVG}">&b;</svg>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + f'<svg xmlns="{SVG}">&a;</svg>',
        f'<svg xmlns="{SVG}">' + "<g>" * 5000 + "</g>" * 5000 + "</svg>" * 2,
    ],
    ids=range(8),
)  # fmt: skip
def test_what_is_no_svg(text):
    assert clean_svg(text) is None


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, *more: bytes, depth: int = 8) -> str:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0))
    body = _chunk(b"IDAT", zlib.compress(bytes(1000)))
    data = b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + body + _chunk(b"IEND", b"")
    return base64.b64encode(data).decode()


def test_pictures():
    drawn = base64.b64encode(_figure("png")).decode()
    same = clean_picture("image/png", drawn)
    pixels = [np.asarray(Image.open(io.BytesIO(base64.b64decode(x)))) for x in (drawn, same)]
    assert np.array_equal(*pixels)
    assert clean_picture("image/png", f"{drawn[:50]}\n{drawn[50:]}\n") == same
    file = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(file, "JPEG")
    photo = base64.b64encode(file.getvalue()).decode()
    assert clean_picture("image/jpeg", photo) == photo
    bomb = zlib.compress(bytes(10**6))
    unfolding = _chunk(b"zTXt", b"x\0\0" + bomb) + _chunk(b"iCCP", b"x\0\0" + bomb)
    assert clean_picture("image/png", _png(9, 9, unfolding)) == _png(9, 9)
    for kind, text in [
        ("image/png", photo), ("image/jpeg", drawn), ("image/png", "cG5n"), ("image/png", ""),
        ("image/png", "<script>"), ("image/png", drawn[: len(drawn) // 2]), ("image/jpeg", ""),
        ("image/png", _png(100_000, 100_000)), ("image/png", _png(15_000, 15_000)),
        ("image/png", _png(0, 5)), ("image/png", _png(5, 5, depth=7)),
        ("image/png", _png(5, 5).replace("A", "B", 3)), ("image/jpeg", photo[:40]),
        ("image/jpeg", base64.b64encode(b"\xff\xd8\xff\xe0\0\0" + b"\xff\xd9").decode()),
    ]:  # fmt: skip
        assert clean_picture(kind, text) is None


@settings(calm, max_examples=300)
@given(st.sampled_from(["image/png", "image/jpeg"]), st.integers(0, 400), st.binary(max_size=9))
def test_pictures_with_faults(kind, place, new):
    file = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(file, kind.partition("/")[2])
    data = bytearray(file.getvalue())
    data[place % len(data) :][: len(new)] = new
    data[place % len(data) : place % len(data) + len(new)] = new
    clean_picture(kind, base64.b64encode(data).decode())  # whatever it is: no exception
    clean_picture(kind, base64.b64encode(new).decode())


def _shown(**data):
    return {"output_type": "display_data", "data": data, "metadata": {}}


def test_outputs_by_an_allow_list():
    outputs = clean(
        [
            {"output_type": "display_data", "metadata": {"image/png": {
                "width": 30, "height": "5 onerror=alert(1)", "unconfined": "x", "alt": "a curve"},
                "text/html": {"isolated": True}, "filenames": {"image/png": "/etc/passwd"}},
             "data": {"image/png": _png(9, 9), "text/html": HOSTILE[0], "text/latex": "$x$",
                      "application/javascript": "alert(1)", "text/plain": "<Figure>",
                      "application/vnd.jupyter.widget-view+json": {"model_id": "x"},
                      "image/gif": "R0lGOD", "<img>": "x", "application/pdf": "JVBE"}},
            {"output_type": "execute_result", "data": {"text/plain": "7"}, "execution_count": -3,
             "metadata": 5},
            {"output_type": "execute_result", "data": {}, "execution_count": 10**5000},
            {"output_type": "execute_result", "data": {}, "execution_count": True},
        ],
        100_000,
    )  # fmt: skip
    first, *results, note = outputs
    assert first["data"].keys() == {"image/png", "text/html", "text/latex", "text/plain"}
    assert first["metadata"] == {"image/png": {"width": 30, "alt": "a curve"}}
    assert [output["execution_count"] for output in results] == [None] * 3
    assert note["text"].count("application/javascript") == 1 and "<img>" not in note["text"]
    nbformat.validate(new_notebook(cells=[
        new_code_cell("x", outputs=[nbformat.from_dict(o) for o in outputs])
    ]))  # fmt: skip
    many = clean([_shown(**{"text/html": "<b>x</b>" * 2000})] * 9, 10**6)
    assert sum("text/html" in output.get("data", {}) for output in many) == 1


# Pages


def _hostile_notebook(toy) -> dict:
    notebook = toy.notebook()
    for number, text in enumerate(HOSTILE):
        cell = new_markdown_cell(f"note {number}\n\n{text}\n\n- {text}\n\n`a` **kept {number}**")
        notebook.cells.append(nbformat.from_dict(cell))
    pasted = new_markdown_cell("![p](attachment:p.png) ![x](attachment:x)")
    pasted.attachments = {
        "p.png": {"image/png": _png(9, 9)},
        "x": {'image/png" onerror="alert(1)': _png(9, 9)},
    }
    notebook.cells.append(pasted)
    notebook.cells.append(new_markdown_cell("> " * 5000 + "deep " + "[" * 3000))
    source = "from IPython.display import display, HTML, Javascript, Markdown, SVG\n"
    source += f"for text in {HOSTILE!r}:\n    display(HTML(text), Markdown(text))\n"
    source += "display(Javascript('alert(1)'))\nget_ipython().execution_count = -7\n"
    source += "print('<script>alert(1)</script>')\n1/0"
    notebook.cells.append(new_code_cell(source))
    return json.loads(json.dumps(notebook))


def _assert_page_is_harmless(page: str, own_scripts: int) -> None:
    document = html5lib.parse(page, namespaceHTMLElements=False)
    body = document.find("body")
    notebook = next(e for e in body.iter("div") if e.get("id") == "notebook")
    elements = [element for element in notebook.iter() if isinstance(element.tag, str)]
    assert not {e.tag for e in elements} & {"script", "iframe", "object", "embed", "svg", "meta"}
    assert not {e.tag for e in elements} & {"base", "link", "style", "form", "math"}
    for element in elements:
        for name, value in element.attrib.items():
            assert not name.startswith("on"), (element.tag, name, value)
            if name in ("src", "href"):
                assert re.match(r"#|https?://a\.example|data:image/", value), value
                assert element.tag != "img" or value.startswith("data:"), value
    assert sum(e.get("id") == "q04-filter-probs" for e in elements) == 0
    assert "kept 3" in page and "<script>alert" not in page


def test_feedback_and_formgrader_show_nothing_that_runs(toy_course):
    toy = toy_course
    toy.release()
    toy.hand_in("mallory", _hostile_notebook(toy))
    command.run(toy.root, TOY, console=Console(file=io.StringIO()))
    (page,) = (toy.root / "feedback").rglob("toy.html")
    text = page.read_text()
    _assert_page_is_harmless(text, 0)
    assert "ZeroDivisionError" in text and "x^2" in text
    assert "Not shown, as it is unknown here or broken: application/javascript" in text
    (executed,) = (toy.root / "autograded").rglob("toy.ipynb")
    nbformat.validate(nbformat.read(executed, as_version=4))
    config = Config()
    configure(config)
    config.HTMLExporter.template_name = "formgrade"  # as formgrader itself has it
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    resources = dict.fromkeys(("assignment_id", "notebook_id", "submission_id", "student"), "x")
    resources |= {"index": 0, "total": 1, "base_url": "", "notebook_path": "x"}
    resources |= {"first_name": None, "last_name": None}
    text, _ = HTMLExporter(config=config).from_filename(str(executed), resources=resources)
    _assert_page_is_harmless(text, 0)


def test_outputs_of_another_hand_are_cleaned_when_a_page_is_made():
    config = Config()
    configure(config)
    config.HTMLExporter.template_name = "classic"
    outputs = [new_output("display_data", {"text/html": text}) for text in (*HOSTILE, TABLE)]
    outputs.append(new_output("display_data", {"application/javascript": "alert(7)"}))
    outputs.append(new_output("display_data", {"text/markdown": "**bold** <script>alert(1)"}))
    cells = [new_code_cell("x", outputs=outputs)]
    page, _ = HTMLExporter(config=config).from_notebook_node(new_notebook(cells=cells))
    assert "alert(7)" not in page and "<strong>bold</strong>" in page
    assert '<table border="1" class="dataframe">' in page and "<thead>" in page
    assert_harmless("".join(re.findall(r"(?s)<div class=\"output_html.*?>(.*?)</div>", page)))
