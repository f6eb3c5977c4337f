# %% right: one pattern, a part of the text
import re
from fractions import Fraction


def extract_number(text):
    marked = "Answer:" in text
    part = text.split("Answer:")[-1]
    pattern = re.compile(r"(?:(?<![A-Za-z0-9])-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?")
    numbers = [m.group().replace(",", "") for m in pattern.finditer(part)]
    if not numbers:
        return None
    return Fraction(numbers[0] if marked else numbers[-1])


# %% right: walks along the characters
from fractions import Fraction


def extract_number(text):
    at = text.rfind("Answer:")
    part = text if at < 0 else text[at + len("Answer:") :]
    found, i = [], 0
    while i < len(part):
        if not part[i].isdigit():
            i += 1
            continue
        start = i
        while i < len(part) and part[i].isdigit():
            i += 1
        digits = part[start:i]
        if len(digits) <= 3:
            end, joined = i, digits
            while part[end : end + 1] == "," and part[end + 1 : end + 4].isdigit():
                if len(part[end + 1 : end + 4]) < 3:
                    break
                joined += part[end + 1 : end + 4]
                end += 4
            if not part[end : end + 1].isdigit():
                i, digits = end, joined
        if part[i : i + 1] == "." and part[i + 1 : i + 2].isdigit():
            digits += "."
            i += 1
            while i < len(part) and part[i].isdigit():
                digits += part[i]
                i += 1
        minus = start > 0 and part[start - 1] == "-"
        if minus and not (start > 1 and part[start - 2].isalnum()):
            digits = "-" + digits
        found.append(Fraction(digits))
    if not found:
        return None
    return found[-1] if at < 0 else found[0]


# %% right: Decimal for the value, an int where it is whole
import re
from decimal import Decimal
from fractions import Fraction


def extract_number(text):
    head, mark, tail = text.rpartition("Answer:")
    number = re.compile(
        r"""(?P<sign>(?<![a-zA-Z\d])-)?     # a sign only where no word or number ends
            (?P<whole>\d{1,3}(,\d{3})+(?!\d)|\d+)
            (?P<part>\.\d+)?""",
        re.VERBOSE,
    )
    matches = list(number.finditer(tail))
    if not matches:
        return None
    m = matches[0 if mark else -1]
    value = Fraction(Decimal(m["whole"].replace(",", "") + (m["part"] or "")))
    value = -value if m["sign"] else value
    return int(value) if value.denominator == 1 else value


# %% wrong (q32-extract-number-hidden-marker): the last number, whatever the marker
import re
from fractions import Fraction


def extract_number(text):
    found = re.findall(
        r"(?:(?<![A-Za-z0-9])-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?", text
    )
    return Fraction(found[-1].replace(",", "")) if found else None


# %% wrong (q32-extract-number-hidden-marker): the last number after the marker
import re
from fractions import Fraction


def extract_number(text):
    part = text.rpartition("Answer:")[2]
    found = re.findall(
        r"(?:(?<![A-Za-z0-9])-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?", part
    )
    return Fraction(found[-1].replace(",", "")) if found else None


# %% wrong (q32-extract-number-hidden-marker): the first marker instead of the last
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.partition("Answer:")
    found = re.findall(
        r"(?:(?<![A-Za-z0-9])-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?",
        part if mark else text,
    )
    if not found:
        return None
    return Fraction((found[0] if mark else found[-1]).replace(",", ""))


# %% wrong (q32-extract-number-hidden-marker): falls back to the whole text when nothing follows the marker
import re
from fractions import Fraction


def extract_number(text):
    number = r"(?:(?<![A-Za-z0-9])-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
    _, mark, part = text.rpartition("Answer:")
    found = re.findall(number, part)
    if mark and found:
        return Fraction(found[0].replace(",", ""))
    found = re.findall(number, text)
    return Fraction(found[-1].replace(",", "")) if found else None


# %% wrong (q32-extract-number-hidden-marker): takes an answer in any spelling for the marker
import re
from fractions import Fraction


def extract_number(text):
    number = r"(?:(?<![A-Za-z0-9])-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
    parts = re.split(r"answer:", text, flags=re.IGNORECASE)
    found = re.findall(number, parts[-1])
    if not found:
        return None
    return Fraction((found[0] if len(parts) > 1 else found[-1]).replace(",", ""))


# %% wrong (q32-extract-number-hidden-form): plain digits, so 1,250 is 1
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer:")
    found = re.findall(r"(?:(?<![A-Za-z0-9])-)?\d+(?:\.\d+)?", part)
    if not found:
        return None
    return Fraction(found[0] if mark else found[-1])


# %% wrong (q32-extract-number-hidden-form): takes every comma out of the text
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer:")
    found = re.findall(r"(?:(?<![A-Za-z0-9])-)?\d+(?:\.\d+)?", part.replace(",", ""))
    if not found:
        return None
    return Fraction(found[0] if mark else found[-1])


# %% wrong (q32-extract-number-hidden-form): digits and commas in any order
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer:")
    found = re.findall(r"(?:(?<![A-Za-z0-9])-)?\d[\d,]*(?:\.\d+)?", part)
    if not found:
        return None
    return Fraction((found[0] if mark else found[-1]).replace(",", ""))


# %% wrong (q32-extract-number-hidden-form): any number of digits before the first comma
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer:")
    found = re.findall(r"(?:(?<![A-Za-z0-9])-)?(?<!\d)\d+(?:,\d{3}(?!\d))*(?:\.\d+)?", part)
    if not found:
        return None
    return Fraction((found[0] if mark else found[-1]).replace(",", ""))


# %% wrong (q32-extract-number-hidden-form): by way of a float, so 0.1 is not a tenth
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer:")
    found = re.findall(
        r"(?:(?<![A-Za-z0-9])-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?", part
    )
    if not found:
        return None
    return Fraction(float((found[0] if mark else found[-1]).replace(",", "")))


# %% wrong (q32-extract-number-hidden-form): no decimals
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer:")
    found = re.findall(r"(?:(?<![A-Za-z0-9])-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)", part)
    if not found:
        return None
    return Fraction((found[0] if mark else found[-1]).replace(",", ""))


# %% wrong (q32-extract-number-hidden-sign): no sign
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer:")
    found = re.findall(r"(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?", part)
    if not found:
        return None
    return Fraction((found[0] if mark else found[-1]).replace(",", ""))


# %% wrong (q32-extract-number-hidden-sign): every minus is a sign, also in 10-4
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer:")
    found = re.findall(r"-?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?", part)
    if not found:
        return None
    return Fraction((found[0] if mark else found[-1]).replace(",", ""))


# %% wrong (q32-extract-number-hidden-sign): no sign only after a digit, so Route-66 is -66
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer:")
    found = re.findall(r"(?:(?<!\d)-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?", part)
    if not found:
        return None
    return Fraction((found[0] if mark else found[-1]).replace(",", ""))


# %% wrong (q32-extract-number-hidden-sign): a sign only after a space
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer:")
    found = re.findall(r"(?:(?<=\s)-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?", part)
    if not found:
        return None
    return Fraction((found[0] if mark else found[-1]).replace(",", ""))


# %% wrong (q32-extract-number-hidden-none): the first match of none
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer:")
    found = re.findall(
        r"(?:(?<![A-Za-z0-9])-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?", part
    )
    return Fraction((found[0] if mark else found[-1]).replace(",", ""))


# %% wrong (q32-extract-number-hidden-none): zero taken for nothing
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer:")
    found = re.findall(
        r"(?:(?<![A-Za-z0-9])-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?", part
    )
    values = [Fraction(x.replace(",", "")) for x in found]
    chosen = values[:1] if mark else values[-1:]
    return sum(chosen) or None


# %% wrong (q32-extract-number-hidden-none): 0 where there is no number
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer:")
    found = re.findall(
        r"(?:(?<![A-Za-z0-9])-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?", part
    )
    if not found:
        return Fraction(0)
    return Fraction((found[0] if mark else found[-1]).replace(",", ""))


# %% wrong (q32-extract-number-hidden-form): thousands end at a word boundary, so 1,000km is 1
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer:")
    found = re.findall(r"(?:(?<![A-Za-z0-9])-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+\b|\d+)(?:\.\d+)?", part)
    if not found:
        return None
    return Fraction((found[0] if mark else found[-1]).replace(",", ""))


# %% wrong (q32-extract-number-hidden-form): no comma may follow the thousands, so 1,250, is 1
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer:")
    found = re.findall(
        r"(?:(?<![A-Za-z0-9])-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+)(?:\.\d+)?", part
    )
    if not found:
        return None
    return Fraction((found[0] if mark else found[-1]).replace(",", ""))


# %% wrong (q32-extract-number-hidden-form): two decimals at most
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer:")
    found = re.findall(
        r"(?:(?<![A-Za-z0-9])-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d{1,2})?", part
    )
    if not found:
        return None
    return Fraction((found[0] if mark else found[-1]).replace(",", ""))


# %% wrong (q32-extract-number-hidden-form): a float, mended by a limited denominator
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer:")
    found = re.findall(
        r"(?:(?<![A-Za-z0-9])-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?", part
    )
    if not found:
        return None
    value = float((found[0] if mark else found[-1]).replace(",", ""))
    return Fraction(value).limit_denominator(1000)


# %% wrong (q32-extract-number-hidden-marker): only the line of the marker
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer:")
    part = part.partition("\n")[0] if mark else part
    found = re.findall(
        r"(?:(?<![A-Za-z0-9])-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?", part
    )
    if not found:
        return None
    return Fraction((found[0] if mark else found[-1]).replace(",", ""))


# %% wrong (q32-extract-number-hidden-marker): the marker without its colon
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer")
    found = re.findall(
        r"(?:(?<![A-Za-z0-9])-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?", part
    )
    if not found:
        return None
    return Fraction((found[0] if mark else found[-1]).replace(",", ""))


# %% wrong (q32-extract-number-hidden-sign): no sign after a bracket, so (3)-4 ends in 4
import re
from fractions import Fraction


def extract_number(text):
    _, mark, part = text.rpartition("Answer:")
    found = re.findall(
        r"(?:(?<![A-Za-z0-9)])-)?(?<!\d)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?", part
    )
    if not found:
        return None
    return Fraction((found[0] if mark else found[-1]).replace(",", ""))
