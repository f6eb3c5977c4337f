# %% right: all four, minus, plus
from datetime import date


def gpai_duties(gpai, systemic, open_source, placed, on):
    start = date(2025, 8, 2) if placed >= date(2025, 8, 2) else date(2027, 8, 2)
    if not gpai or on < start:
        return set()
    duties = {f"53(1)({p})" for p in "abcd"}
    if open_source and not systemic:
        duties -= {"53(1)(a)", "53(1)(b)"}
    if systemic:
        duties |= {f"55(1)({p})" for p in "abcd"}
    return duties


# %% right: points as texts, and a frozen set
from datetime import date


def gpai_duties(gpai, systemic, open_source, placed, on):
    if gpai is False:
        return frozenset()
    old = placed < date(2025, 8, 2)
    if on < date(2027 if old else 2025, 8, 2):
        return frozenset()
    first = "abcd" if systemic or not open_source else "cd"
    second = "abcd" if systemic else ""
    return frozenset([f"53(1)({p})" for p in first] + [f"55(1)({p})" for p in second])


# %% right: adding up
from datetime import date

CHAPTER_V = date(2025, 8, 2)


def gpai_duties(gpai, systemic, open_source, placed, on):
    duties = set()
    in_time = on >= date(2027, 8, 2) or (placed >= CHAPTER_V and on >= CHAPTER_V)
    if gpai and in_time:
        duties.update(["53(1)(c)", "53(1)(d)"])
        if not open_source or systemic:
            duties.update(["53(1)(a)", "53(1)(b)"])
        if systemic:
            duties.update(f"55(1)({x})" for x in ["a", "b", "c", "d"])
    return duties


# %% wrong (q45-repair-hidden-tiers): still only models with systemic risk
from datetime import date


def gpai_duties(gpai, systemic, open_source, placed, on):
    start = date(2025, 8, 2) if placed >= date(2025, 8, 2) else date(2027, 8, 2)
    if not systemic or on < start:
        return set()
    return {f"{article}(1)({p})" for article in (53, 55) for p in "abcd"}


# %% wrong (q45-repair-hidden-tiers): incident reports from everybody
from datetime import date


def gpai_duties(gpai, systemic, open_source, placed, on):
    start = date(2025, 8, 2) if placed >= date(2025, 8, 2) else date(2027, 8, 2)
    if not gpai or on < start:
        return set()
    duties = {f"53(1)({p})" for p in "abcd"} | {"55(1)(c)"}
    if open_source and not systemic:
        duties -= {"53(1)(a)", "53(1)(b)"}
    return duties | {f"55(1)({p})" for p in "abcd"} if systemic else duties


# %% wrong (q45-repair-hidden-tiers): systemic risk replaces the duties of all
from datetime import date


def gpai_duties(gpai, systemic, open_source, placed, on):
    start = date(2025, 8, 2) if placed >= date(2025, 8, 2) else date(2027, 8, 2)
    if not gpai or on < start:
        return set()
    if systemic:
        return {f"55(1)({p})" for p in "abcd"}
    return {f"53(1)({p})" for p in ("cd" if open_source else "abcd")}


# %% wrong (q45-repair-hidden-tiers): narrow models owe the summary too
from datetime import date


def gpai_duties(gpai, systemic, open_source, placed, on):
    start = date(2025, 8, 2) if placed >= date(2025, 8, 2) else date(2027, 8, 2)
    if on < start:
        return set()
    if systemic:
        return {f"{article}(1)({p})" for article in (53, 55) for p in "abcd"}
    return {f"53(1)({p})" for p in ("abcd" if gpai and not open_source else "cd")}


# %% wrong (q45-repair-hidden-open): open models are exempt from everything
from datetime import date


def gpai_duties(gpai, systemic, open_source, placed, on):
    start = date(2025, 8, 2) if placed >= date(2025, 8, 2) else date(2027, 8, 2)
    if not gpai or open_source or on < start:
        return set()
    duties = {f"53(1)({p})" for p in "abcd"}
    return duties | {f"55(1)({p})" for p in "abcd"} if systemic else duties


# %% wrong (q45-repair-hidden-open): open models with systemic risk need no documentation
from datetime import date


def gpai_duties(gpai, systemic, open_source, placed, on):
    start = date(2025, 8, 2) if placed >= date(2025, 8, 2) else date(2027, 8, 2)
    if not gpai or on < start:
        return set()
    duties = {f"53(1)({p})" for p in ("cd" if open_source else "abcd")}
    return duties | {f"55(1)({p})" for p in "abcd"} if systemic else duties


# %% wrong (q45-repair-hidden-open): openness takes the copyright policy away
from datetime import date


def gpai_duties(gpai, systemic, open_source, placed, on):
    start = date(2025, 8, 2) if placed >= date(2025, 8, 2) else date(2027, 8, 2)
    if not gpai or on < start:
        return set()
    duties = {f"53(1)({p})" for p in "abcd"}
    if systemic:
        return duties | {f"55(1)({p})" for p in "abcd"}
    return {"53(1)(d)"} if open_source else duties


# %% wrong (q45-repair-hidden-open): no exception for open models
from datetime import date


def gpai_duties(gpai, systemic, open_source, placed, on):
    start = date(2025, 8, 2) if placed >= date(2025, 8, 2) else date(2027, 8, 2)
    if not gpai or on < start:
        return set()
    duties = {f"53(1)({p})" for p in "abcd"}
    return duties | {f"55(1)({p})" for p in "abcd"} if systemic else duties


# %% wrong (q45-repair-hidden-dates): older models have no time of grace
from datetime import date


def gpai_duties(gpai, systemic, open_source, placed, on):
    if not gpai or on < date(2025, 8, 2):
        return set()
    duties = {f"53(1)({p})" for p in ("abcd" if systemic or not open_source else "cd")}
    return duties | {f"55(1)({p})" for p in "abcd"} if systemic else duties


# %% wrong (q45-repair-hidden-dates): older models are exempt for good
from datetime import date


def gpai_duties(gpai, systemic, open_source, placed, on):
    if not gpai or on < date(2025, 8, 2) or placed < date(2025, 8, 2):
        return set()
    duties = {f"53(1)({p})" for p in ("abcd" if systemic or not open_source else "cd")}
    return duties | {f"55(1)({p})" for p in "abcd"} if systemic else duties


# %% wrong (q45-repair-hidden-dates): the first day is left out
from datetime import date


def gpai_duties(gpai, systemic, open_source, placed, on):
    start = date(2025, 8, 2) if placed >= date(2025, 8, 2) else date(2027, 8, 2)
    if not gpai or on <= start:
        return set()
    duties = {f"53(1)({p})" for p in ("abcd" if systemic or not open_source else "cd")}
    return duties | {f"55(1)({p})" for p in "abcd"} if systemic else duties


# %% wrong (q45-repair-hidden-dates): a model placed on the day itself counts as older
from datetime import date


def gpai_duties(gpai, systemic, open_source, placed, on):
    start = date(2025, 8, 2) if placed > date(2025, 8, 2) else date(2027, 8, 2)
    if not gpai or on < start:
        return set()
    duties = {f"53(1)({p})" for p in ("abcd" if systemic or not open_source else "cd")}
    return duties | {f"55(1)({p})" for p in "abcd"} if systemic else duties


# %% wrong (q45-repair-hidden-dates): two years from the day it was placed
from datetime import date, timedelta


def gpai_duties(gpai, systemic, open_source, placed, on):
    start = date(2025, 8, 2)
    if placed < start:
        start = placed + timedelta(days=730)
    if not gpai or on < start:
        return set()
    duties = {f"53(1)({p})" for p in ("abcd" if systemic or not open_source else "cd")}
    return duties | {f"55(1)({p})" for p in "abcd"} if systemic else duties


# %% wrong (q45-repair-hidden-dates): time of grace for systemic risk only
from datetime import date


def gpai_duties(gpai, systemic, open_source, placed, on):
    cut = date(2025, 8, 2)
    start = cut if placed >= cut or not systemic else date(2027, 8, 2)
    if not gpai or on < start:
        return set()
    duties = {f"53(1)({p})" for p in ("abcd" if systemic or not open_source else "cd")}
    return duties | {f"55(1)({p})" for p in "abcd"} if systemic else duties


# %% wrong (q45-repair-hidden-dates): no time of grace for open models
from datetime import date


def gpai_duties(gpai, systemic, open_source, placed, on):
    cut = date(2025, 8, 2)
    start = cut if placed >= cut or open_source else date(2027, 8, 2)
    if not gpai or on < start:
        return set()
    duties = {f"53(1)({p})" for p in ("abcd" if systemic or not open_source else "cd")}
    return duties | {f"55(1)({p})" for p in "abcd"} if systemic else duties


# %% wrong (q45-repair-hidden-dates): no time of grace for open models without systemic risk
from datetime import date


def gpai_duties(gpai, systemic, open_source, placed, on):
    cut = date(2025, 8, 2)
    start = cut if placed >= cut or (open_source and not systemic) else date(2027, 8, 2)
    if not gpai or on < start:
        return set()
    duties = {f"53(1)({p})" for p in ("abcd" if systemic or not open_source else "cd")}
    return duties | {f"55(1)({p})" for p in "abcd"} if systemic else duties
