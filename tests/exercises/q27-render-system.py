# %% right: one pass, a function for each match
import re
from datetime import date


def render_system(template: str, facts: dict, today: date) -> str:
    def fill(match):
        name = match.group(1)
        if name not in facts:
            raise ValueError(f"unknown fact: {name}")
        value, expires = facts[name]
        if expires < today:
            raise ValueError(f"{name} expired on {expires}")
        return str(value)

    return re.sub(r"{{(\w+)}}", fill, template)


# %% right: checks first, then pieces joined
import re
from datetime import date


def render_system(template, facts, today):
    pieces = re.split(r"\{\{(\w+)\}\}", template)
    names = pieces[1::2]
    unknown = [n for n in names if n not in facts]
    if unknown:
        raise ValueError("not declared: " + ", ".join(unknown))
    late = [n for n in names if (today - facts[n][1]).days > 0]
    if late:
        raise ValueError("expired: " + ", ".join(late))
    for i in range(1, len(pieces), 2):
        pieces[i] = f"{facts[pieces[i]][0]}"
    return "".join(pieces)


# %% right: finditer and a cursor
import re
from datetime import date


def render_system(template, facts, today):
    out, at = [], 0
    for found in re.finditer(r"\{\{(\w+)\}\}", template):
        out.append(template[at : found.start()])
        at = found.end()
        try:
            value, expires = facts[found[1]]
        except KeyError as error:
            raise ValueError(found[1]) from error
        if not today <= expires:
            raise ValueError(found[1])
        out.append(str(value))
    return "".join(out) + template[at:]


# %% right: by hand, without regular expressions
from datetime import date


def render_system(template, facts, today):
    out, i = "", 0
    while i < len(template):
        if template.startswith("{{", i):
            j = i + 2
            while j < len(template) and (template[j].isalnum() or template[j] == "_"):
                j += 1
            name = template[i + 2 : j]
            if name and template.startswith("}}", j):
                if name not in facts or facts[name][1] < today:
                    raise ValueError(f"cannot use {name}")
                out += str(facts[name][0])
                i = j + 2
                continue
        out += template[i]
        i += 1
    return out


# %% wrong (q27-render-system-hidden-expiry): the last day is already too late
import re
from datetime import date


def render_system(template, facts, today):
    def fill(match):
        name = match[1]
        if name not in facts:
            raise ValueError(f"unknown fact: {name}")
        value, expires = facts[name]
        if today >= expires:
            raise ValueError(f"{name} expired on {expires}")
        return str(value)

    return re.sub(r"\{\{(\w+)\}\}", fill, template)


# %% wrong (q27-render-system-hidden-expiry): looks at all facts, used or not
import re
from datetime import date


def render_system(template, facts, today):
    for name, (_, expires) in facts.items():
        if today > expires:
            raise ValueError(f"{name} expired on {expires}")

    def fill(match):
        if match[1] not in facts:
            raise ValueError(f"unknown fact: {match[1]}")
        return str(facts[match[1]][0])

    return re.sub(r"\{\{(\w+)\}\}", fill, template)


# %% wrong (q27-render-system-hidden-expiry): an unknown name stays as it is
import re
from datetime import date


def render_system(template, facts, today):
    def fill(match):
        name = match[1]
        if name not in facts:
            return match[0]
        value, expires = facts[name]
        if today > expires:
            raise ValueError(f"{name} expired on {expires}")
        return str(value)

    return re.sub(r"\{\{(\w+)\}\}", fill, template)


# %% wrong (q27-render-system-hidden-expiry): an unknown name is a KeyError
import re
from datetime import date


def render_system(template, facts, today):
    def fill(match):
        value, expires = facts[match[1]]
        if today > expires:
            raise ValueError(f"{match[1]} expired on {expires}")
        return str(value)

    return re.sub(r"\{\{(\w+)\}\}", fill, template)


# %% wrong (q27-render-system-hidden-expiry): the message does not say which fact
import re
from datetime import date


def render_system(template, facts, today):
    def fill(match):
        if match[1] not in facts:
            raise ValueError("unknown placeholder in the template")
        value, expires = facts[match[1]]
        if today > expires:
            raise ValueError("a fact has expired")
        return str(value)

    return re.sub(r"\{\{(\w+)\}\}", fill, template)


# %% wrong (q27-render-system-hidden-expiry): expired facts are left out of the text
import re
from datetime import date


def render_system(template, facts, today):
    def fill(match):
        if match[1] not in facts:
            raise ValueError(match[1])
        value, expires = facts[match[1]]
        return "" if today > expires else str(value)

    return re.sub(r"\{\{(\w+)\}\}", fill, template)


# %% wrong (q27-render-system-hidden-literal): one fact after the other, filled text is looked at again
import re
from datetime import date


def render_system(template, facts, today):
    for name in re.findall(r"\{\{(\w+)\}\}", template):
        if name not in facts:
            raise ValueError(f"unknown fact: {name}")
        value, expires = facts[name]
        if today > expires:
            raise ValueError(f"{name} expired")
        template = template.replace("{{" + name + "}}", str(value))
    return template


# %% wrong (q27-render-system-hidden-literal): fills until nothing is left to fill
import re
from datetime import date


def render_system(template, facts, today):
    for _ in range(20):
        found = re.search(r"\{\{(\w+)\}\}", template)
        if not found:
            break
        name = found[1]
        if name not in facts or today > facts[name][1]:
            raise ValueError(f"cannot use {name}")
        template = template[: found.start()] + str(facts[name][0]) + template[found.end() :]
    return template


# %% wrong (q27-render-system-hidden-literal): the value is a replacement pattern
import re
from datetime import date


def render_system(template, facts, today):
    for name in dict.fromkeys(re.findall(r"\{\{(\w+)\}\}", template)):
        if name not in facts or today > facts[name][1]:
            raise ValueError(f"cannot use {name}")
        template = re.sub(r"\{\{" + name + r"\}\}", str(facts[name][0]), template)
    return template


# %% wrong (q27-render-system-hidden-literal): falsy values count as missing
import re
from datetime import date


def render_system(template, facts, today):
    def fill(match):
        name = match[1]
        value, expires = facts.get(name, (None, today))
        if not value or today > expires:
            raise ValueError(f"cannot use {name}")
        return str(value)

    return re.sub(r"\{\{(\w+)\}\}", fill, template)


# %% wrong (q27-render-system-hidden-literal): expired facts are removed from the dict
import re
from datetime import date


def render_system(template, facts, today):
    names = re.findall(r"\{\{(\w+)\}\}", template)
    found = {}
    for name in names:
        if name in found:
            continue
        if name not in facts:
            raise ValueError(f"unknown fact: {name}")
        value, expires = facts.pop(name)
        if today > expires:
            raise ValueError(f"{name} expired")
        found[name] = str(value)
    return re.sub(r"\{\{(\w+)\}\}", lambda m: found[m[1]], template)


# %% wrong (q27-render-system-hidden-braces): spaces inside the braces are taken too
import re
from datetime import date


def render_system(template, facts, today):
    def fill(match):
        name = match[1]
        if name not in facts or today > facts[name][1]:
            raise ValueError(f"cannot use {name}")
        return str(facts[name][0])

    return re.sub(r"\{\{\s*(\w+)\s*\}\}", fill, template)


# %% wrong (q27-render-system-hidden-braces): only ASCII identifiers are names
import re
from datetime import date


def render_system(template, facts, today):
    def fill(match):
        name = match[1]
        if name not in facts or today > facts[name][1]:
            raise ValueError(f"cannot use {name}")
        return str(facts[name][0])

    return re.sub(r"\{\{([a-zA-Z_][a-zA-Z0-9_]*)\}\}", fill, template)


# %% wrong (q27-render-system-hidden-braces): anything between two braces is a name
import re
from datetime import date


def render_system(template, facts, today):
    def fill(match):
        name = match[1]
        if name not in facts or today > facts[name][1]:
            raise ValueError(f"cannot use {name}")
        return str(facts[name][0])

    return re.sub(r"\{\{([^{}]*)\}\}", fill, template)


# %% wrong (q27-render-system-hidden-braces): single braces are placeholders too
import re
from datetime import date


def render_system(template, facts, today):
    def fill(match):
        name = match[1] or match[2]
        if name not in facts or today > facts[name][1]:
            raise ValueError(f"cannot use {name}")
        return str(facts[name][0])

    return re.sub(r"\{\{(\w+)\}\}|\{(\w+)\}", fill, template)


# %% wrong (q27-render-system-hidden-literal): values that are no text are written by repr
import re
from datetime import date


def render_system(template, facts, today):
    def fill(match):
        name = match[1]
        if name not in facts or today > facts[name][1]:
            raise ValueError(f"cannot use {name}")
        value = facts[name][0]
        return value if isinstance(value, str) else repr(value)

    return re.sub(r"\{\{(\w+)\}\}", fill, template)


# %% wrong (q27-render-system-hidden-literal): spaces at the ends of a value are lost
import re
from datetime import date


def render_system(template, facts, today):
    def fill(match):
        name = match[1]
        if name not in facts or today > facts[name][1]:
            raise ValueError(f"cannot use {name}")
        return str(facts[name][0]).strip()

    return re.sub(r"\{\{(\w+)\}\}", fill, template)


# %% wrong (q27-render-system-hidden-braces): spaces at the ends of the template are lost
import re
from datetime import date


def render_system(template, facts, today):
    def fill(match):
        name = match[1]
        if name not in facts or today > facts[name][1]:
            raise ValueError(f"cannot use {name}")
        return str(facts[name][0])

    return re.sub(r"\{\{(\w+)\}\}", fill, template.strip())


# %% wrong (q27-render-system-hidden-braces): names in lower case only
import re
from datetime import date


def render_system(template, facts, today):
    def fill(match):
        name = match[1].lower()
        if name not in facts or today > facts[name][1]:
            raise ValueError(f"cannot use {name}")
        return str(facts[name][0])

    return re.sub(r"\{\{(\w+)\}\}", fill, template)
