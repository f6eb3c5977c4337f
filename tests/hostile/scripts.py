# ruff: noqa
# Shows pages that run code, cover the page and look like the grader's own buttons.
# points: 4
# says: harmless
# says: application/javascript
# %% solution
from IPython.display import HTML, Javascript, Markdown, display


def double(x):
    return 2 * x


display(
    HTML("<b>harmless</b><script>alert('BANG')</script><img src=x onerror=\"alert('BANG')\">"),
    Javascript("alert('BANG')"),
    HTML("<div id='one-double' class='score' style='position:fixed'>BANG<style>BANG</style></div>"),
)
