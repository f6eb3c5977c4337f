# %% right: one test after the other
def decide(profile):
    keys = {
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    }
    if set(profile) != keys:
        raise ValueError("wrong keys")
    if any(type(v) is not bool for v in profile.values()):
        raise ValueError("wrong values")
    p = profile
    reasons = []
    if p["needs_citations"]:
        reasons.append("citations")
    if p["changes_daily"]:
        reasons.append("changes")
    if not p["knowledge_fits_prompt"]:
        reasons.append("size")
    rag = bool(reasons)
    ft = p["needs_style"] and p["has_training_data"]
    if ft:
        reasons.append("style")
    if p["needs_style"] and not p["has_training_data"]:
        reasons.append("no data")
    if not rag and not ft:
        reasons.append("plain")
    if rag and ft:
        return "both", reasons
    if rag:
        return "rag", reasons
    if ft:
        return "ft", reasons
    return "prompt", reasons


# %% right: a table of functions
RULES = [
    ("citations", "rag", lambda p: p["needs_citations"]),
    ("changes", "rag", lambda p: p["changes_daily"]),
    ("size", "rag", lambda p: not p["knowledge_fits_prompt"]),
    ("style", "ft", lambda p: p["needs_style"] and p["has_training_data"]),
    ("no data", None, lambda p: p["needs_style"] and not p["has_training_data"]),
]
KEYS = "changes_daily has_training_data knowledge_fits_prompt needs_citations needs_style".split()


def decide(profile):
    if sorted(profile) != KEYS:
        raise ValueError("wrong keys")
    for value in profile.values():
        if value is not True and value is not False:
            raise ValueError("wrong value")
    fired = [(name, speaks) for name, speaks, holds in RULES if holds(profile)]
    sides = {speaks for _, speaks in fired if speaks}
    names = [name for name, _ in fired]
    if not sides:
        return "prompt", names + ["plain"]
    return ("both" if len(sides) == 2 else sides.pop()), names


# %% right: match on the two decisions, a list comes back instead of a tuple
class BadProfile(ValueError):
    pass


def decide(profile):
    try:
        cites, changes, style, fits, data = [
            profile[k]
            for k in (
                "needs_citations",
                "changes_daily",
                "needs_style",
                "knowledge_fits_prompt",
                "has_training_data",
            )
        ]
    except KeyError as error:
        raise BadProfile(str(error)) from error
    if len(profile) > 5 or {type(v) for v in profile.values()} != {bool}:
        raise BadProfile("unsound profile")
    why = {"citations": cites, "changes": changes, "size": not fits}
    rag = True in why.values()
    why |= {"style": style & data, "no data": style & (not data)}
    why["plain"] = not (rag or why["style"])
    match rag, why["style"]:
        case True, True:
            choice = "both"
        case True, False:
            choice = "rag"
        case False, True:
            choice = "ft"
        case _:
            choice = "prompt"
    return [choice, [name for name in why if why[name]]]


# %% wrong (q49-decide-hidden-choice): a chain that returns at the first hit never says both
def decide(profile):
    keys = {
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    }
    if set(profile) != keys:
        raise ValueError("wrong keys")
    if any(type(v) is not bool for v in profile.values()):
        raise ValueError("wrong values")
    p = profile
    if p["needs_citations"]:
        return "rag", ["citations"]
    elif p["changes_daily"]:
        return "rag", ["changes"]
    elif not p["knowledge_fits_prompt"]:
        return "rag", ["size"]
    elif p["needs_style"] and p["has_training_data"]:
        return "ft", ["style"]
    return "prompt", ["plain"]


# %% wrong (q49-decide-hidden-choice): training data is reason enough to tune
def decide(profile):
    keys = {
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    }
    if set(profile) != keys:
        raise ValueError("wrong keys")
    if any(type(v) is not bool for v in profile.values()):
        raise ValueError("wrong values")
    p = profile
    reasons = []
    if p["needs_citations"]:
        reasons.append("citations")
    if p["changes_daily"]:
        reasons.append("changes")
    if not p["knowledge_fits_prompt"]:
        reasons.append("size")
    rag = bool(reasons)
    ft = p["has_training_data"]
    if ft:
        reasons.append("style")
    if p["needs_style"] and not p["has_training_data"]:
        reasons.append("no data")
    if not rag and not ft:
        reasons.append("plain")
    if rag and ft:
        return "both", reasons
    if rag:
        return "rag", reasons
    if ft:
        return "ft", reasons
    return "prompt", reasons


# %% wrong (q49-decide-hidden-choice): a style is tuned without data
def decide(profile):
    keys = {
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    }
    if set(profile) != keys:
        raise ValueError("wrong keys")
    if any(type(v) is not bool for v in profile.values()):
        raise ValueError("wrong values")
    p = profile
    reasons = []
    if p["needs_citations"]:
        reasons.append("citations")
    if p["changes_daily"]:
        reasons.append("changes")
    if not p["knowledge_fits_prompt"]:
        reasons.append("size")
    rag = bool(reasons)
    ft = p["needs_style"]
    if ft:
        reasons.append("style")
    if p["needs_style"] and not p["has_training_data"]:
        reasons.append("no data")
    if not rag and not ft:
        reasons.append("plain")
    if rag and ft:
        return "both", reasons
    if rag:
        return "rag", reasons
    if ft:
        return "ft", reasons
    return "prompt", reasons


# %% wrong (q49-decide-hidden-choice): citations are a wish that a prompt can grant
def decide(profile):
    keys = {
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    }
    if set(profile) != keys:
        raise ValueError("wrong keys")
    if any(type(v) is not bool for v in profile.values()):
        raise ValueError("wrong values")
    p = profile
    reasons = []
    if p["needs_citations"]:
        reasons.append("citations")
    if p["changes_daily"]:
        reasons.append("changes")
    if not p["knowledge_fits_prompt"]:
        reasons.append("size")
    rag = p["changes_daily"] or not p["knowledge_fits_prompt"]
    ft = p["needs_style"] and p["has_training_data"]
    if ft:
        reasons.append("style")
    if p["needs_style"] and not p["has_training_data"]:
        reasons.append("no data")
    if not rag and not ft:
        reasons.append("plain")
    if rag and ft:
        return "both", reasons
    if rag:
        return "rag", reasons
    if ft:
        return "ft", reasons
    return "prompt", reasons


# %% wrong (q49-decide-hidden-choice): knowledge that changes is tuned again each day
def decide(profile):
    keys = {
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    }
    if set(profile) != keys:
        raise ValueError("wrong keys")
    if any(type(v) is not bool for v in profile.values()):
        raise ValueError("wrong values")
    p = profile
    reasons = []
    if p["needs_citations"]:
        reasons.append("citations")
    if p["changes_daily"]:
        reasons.append("changes")
    if not p["knowledge_fits_prompt"]:
        reasons.append("size")
    rag = p["needs_citations"] or not p["knowledge_fits_prompt"]
    ft = p["changes_daily"] or p["needs_style"] and p["has_training_data"]
    if ft:
        reasons.append("style")
    if p["needs_style"] and not p["has_training_data"]:
        reasons.append("no data")
    if not rag and not ft:
        reasons.append("plain")
    if rag and ft:
        return "both", reasons
    if rag:
        return "rag", reasons
    if ft:
        return "ft", reasons
    return "prompt", reasons


# %% wrong (q49-decide-hidden-choice): knowledge that does not fit is tuned in, if there is data
def decide(profile):
    keys = {
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    }
    if set(profile) != keys:
        raise ValueError("wrong keys")
    if any(type(v) is not bool for v in profile.values()):
        raise ValueError("wrong values")
    p = profile
    reasons = []
    if p["needs_citations"]:
        reasons.append("citations")
    if p["changes_daily"]:
        reasons.append("changes")
    if not p["knowledge_fits_prompt"]:
        reasons.append("size")
    rag = (
        p["needs_citations"]
        or p["changes_daily"]
        or not (p["knowledge_fits_prompt"] or p["has_training_data"])
    )
    ft = p["needs_style"] and p["has_training_data"]
    if ft:
        reasons.append("style")
    if p["needs_style"] and not p["has_training_data"]:
        reasons.append("no data")
    if not rag and not ft:
        reasons.append("plain")
    if rag and ft:
        return "both", reasons
    if rag:
        return "rag", reasons
    if ft:
        return "ft", reasons
    return "prompt", reasons


# %% wrong (q49-decide-hidden-choice): size the wrong way round
def decide(profile):
    keys = {
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    }
    if set(profile) != keys:
        raise ValueError("wrong keys")
    if any(type(v) is not bool for v in profile.values()):
        raise ValueError("wrong values")
    p = profile
    reasons = []
    if p["needs_citations"]:
        reasons.append("citations")
    if p["changes_daily"]:
        reasons.append("changes")
    if p["knowledge_fits_prompt"]:
        reasons.append("size")
    rag = bool(reasons)
    ft = p["needs_style"] and p["has_training_data"]
    if ft:
        reasons.append("style")
    if p["needs_style"] and not p["has_training_data"]:
        reasons.append("no data")
    if not rag and not ft:
        reasons.append("plain")
    if rag and ft:
        return "both", reasons
    if rag:
        return "rag", reasons
    if ft:
        return "ft", reasons
    return "prompt", reasons


# %% wrong (q49-decide-hidden-reasons): the first reason only
def decide(profile):
    keys = {
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    }
    if set(profile) != keys:
        raise ValueError("wrong keys")
    if any(type(v) is not bool for v in profile.values()):
        raise ValueError("wrong values")
    choice, reasons = _all(profile)
    return choice, reasons[:1]


def _all(p):
    reasons = []
    if p["needs_citations"]:
        reasons.append("citations")
    if p["changes_daily"]:
        reasons.append("changes")
    if not p["knowledge_fits_prompt"]:
        reasons.append("size")
    rag = bool(reasons)
    ft = p["needs_style"] and p["has_training_data"]
    if ft:
        reasons.append("style")
    if p["needs_style"] and not p["has_training_data"]:
        reasons.append("no data")
    if not rag and not ft:
        reasons.append("plain")
    if rag and ft:
        return "both", reasons
    if rag:
        return "rag", reasons
    if ft:
        return "ft", reasons
    return "prompt", reasons


# %% wrong (q49-decide-hidden-reasons): plain only where there is no other reason
def decide(profile):
    keys = {
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    }
    if set(profile) != keys:
        raise ValueError("wrong keys")
    if any(type(v) is not bool for v in profile.values()):
        raise ValueError("wrong values")
    p = profile
    reasons = []
    if p["needs_citations"]:
        reasons.append("citations")
    if p["changes_daily"]:
        reasons.append("changes")
    if not p["knowledge_fits_prompt"]:
        reasons.append("size")
    rag = bool(reasons)
    ft = p["needs_style"] and p["has_training_data"]
    if ft:
        reasons.append("style")
    if p["needs_style"] and not p["has_training_data"]:
        reasons.append("no data")
    if not reasons:
        reasons.append("plain")
    if rag and ft:
        return "both", reasons
    if rag:
        return "rag", reasons
    if ft:
        return "ft", reasons
    return "prompt", reasons


# %% wrong (q49-decide-hidden-reasons): no word about missing data
def decide(profile):
    keys = {
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    }
    if set(profile) != keys:
        raise ValueError("wrong keys")
    if any(type(v) is not bool for v in profile.values()):
        raise ValueError("wrong values")
    p = profile
    reasons = []
    if p["needs_citations"]:
        reasons.append("citations")
    if p["changes_daily"]:
        reasons.append("changes")
    if not p["knowledge_fits_prompt"]:
        reasons.append("size")
    rag = bool(reasons)
    ft = p["needs_style"] and p["has_training_data"]
    if ft:
        reasons.append("style")
    if p["needs_style"] and not p["has_training_data"]:
        pass
    if not rag and not ft:
        reasons.append("plain")
    if rag and ft:
        return "both", reasons
    if rag:
        return "rag", reasons
    if ft:
        return "ft", reasons
    return "prompt", reasons


# %% wrong (q49-decide-hidden-reasons): sorted by name
def decide(profile):
    keys = {
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    }
    if set(profile) != keys:
        raise ValueError("wrong keys")
    if any(type(v) is not bool for v in profile.values()):
        raise ValueError("wrong values")
    choice, reasons = _all(profile)
    return choice, sorted(reasons)


def _all(p):
    reasons = []
    if p["needs_citations"]:
        reasons.append("citations")
    if p["changes_daily"]:
        reasons.append("changes")
    if not p["knowledge_fits_prompt"]:
        reasons.append("size")
    rag = bool(reasons)
    ft = p["needs_style"] and p["has_training_data"]
    if ft:
        reasons.append("style")
    if p["needs_style"] and not p["has_training_data"]:
        reasons.append("no data")
    if not rag and not ft:
        reasons.append("plain")
    if rag and ft:
        return "both", reasons
    if rag:
        return "rag", reasons
    if ft:
        return "ft", reasons
    return "prompt", reasons


# %% wrong (q49-decide-hidden-reasons): no data is said wherever there is none
def decide(profile):
    keys = {
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    }
    if set(profile) != keys:
        raise ValueError("wrong keys")
    if any(type(v) is not bool for v in profile.values()):
        raise ValueError("wrong values")
    p = profile
    reasons = []
    if p["needs_citations"]:
        reasons.append("citations")
    if p["changes_daily"]:
        reasons.append("changes")
    if not p["knowledge_fits_prompt"]:
        reasons.append("size")
    rag = bool(reasons)
    ft = p["needs_style"] and p["has_training_data"]
    if ft:
        reasons.append("style")
    if not p["has_training_data"]:
        reasons.append("no data")
    if not rag and not ft:
        reasons.append("plain")
    if rag and ft:
        return "both", reasons
    if rag:
        return "rag", reasons
    if ft:
        return "ft", reasons
    return "prompt", reasons


# %% wrong (q49-decide-hidden-profile): no check of the values
def decide(profile):
    keys = {
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    }
    if set(profile) != keys:
        raise ValueError("wrong keys")
    if False:
        raise ValueError("wrong values")
    p = profile
    reasons = []
    if p["needs_citations"]:
        reasons.append("citations")
    if p["changes_daily"]:
        reasons.append("changes")
    if not p["knowledge_fits_prompt"]:
        reasons.append("size")
    rag = bool(reasons)
    ft = p["needs_style"] and p["has_training_data"]
    if ft:
        reasons.append("style")
    if p["needs_style"] and not p["has_training_data"]:
        reasons.append("no data")
    if not rag and not ft:
        reasons.append("plain")
    if rag and ft:
        return "both", reasons
    if rag:
        return "rag", reasons
    if ft:
        return "ft", reasons
    return "prompt", reasons


# %% wrong (q49-decide-hidden-profile): 1 and 0 do for True and False
def decide(profile):
    keys = {
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    }
    if set(profile) != keys:
        raise ValueError("wrong keys")
    if any(v not in (True, False) for v in profile.values()):
        raise ValueError("wrong values")
    p = profile
    reasons = []
    if p["needs_citations"]:
        reasons.append("citations")
    if p["changes_daily"]:
        reasons.append("changes")
    if not p["knowledge_fits_prompt"]:
        reasons.append("size")
    rag = bool(reasons)
    ft = p["needs_style"] and p["has_training_data"]
    if ft:
        reasons.append("style")
    if p["needs_style"] and not p["has_training_data"]:
        reasons.append("no data")
    if not rag and not ft:
        reasons.append("plain")
    if rag and ft:
        return "both", reasons
    if rag:
        return "rag", reasons
    if ft:
        return "ft", reasons
    return "prompt", reasons


# %% wrong (q49-decide-hidden-profile): keys too many pass
def decide(profile):
    keys = {
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    }
    if not keys <= set(profile):
        raise ValueError("wrong keys")
    if any(type(v) is not bool for v in profile.values()):
        raise ValueError("wrong values")
    p = profile
    reasons = []
    if p["needs_citations"]:
        reasons.append("citations")
    if p["changes_daily"]:
        reasons.append("changes")
    if not p["knowledge_fits_prompt"]:
        reasons.append("size")
    rag = bool(reasons)
    ft = p["needs_style"] and p["has_training_data"]
    if ft:
        reasons.append("style")
    if p["needs_style"] and not p["has_training_data"]:
        reasons.append("no data")
    if not rag and not ft:
        reasons.append("plain")
    if rag and ft:
        return "both", reasons
    if rag:
        return "rag", reasons
    if ft:
        return "ft", reasons
    return "prompt", reasons


# %% wrong (q49-decide-hidden-profile): a missing key is a KeyError raises
def decide(profile):
    keys = {
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    }
    if set(profile) - keys:
        raise ValueError("wrong keys")
    if any(type(v) is not bool for v in profile.values()):
        raise ValueError("wrong values")
    p = profile
    reasons = []
    if p["needs_citations"]:
        reasons.append("citations")
    if p["changes_daily"]:
        reasons.append("changes")
    if not p["knowledge_fits_prompt"]:
        reasons.append("size")
    rag = bool(reasons)
    ft = p["needs_style"] and p["has_training_data"]
    if ft:
        reasons.append("style")
    if p["needs_style"] and not p["has_training_data"]:
        reasons.append("no data")
    if not rag and not ft:
        reasons.append("plain")
    if rag and ft:
        return "both", reasons
    if rag:
        return "rag", reasons
    if ft:
        return "ft", reasons
    return "prompt", reasons


# %% wrong (q49-decide-hidden-profile): what is missing counts as False
def decide(profile):
    keys = {
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    }
    if set(profile) - keys:
        raise ValueError("wrong keys")
    if any(type(v) is not bool for v in profile.values()):
        raise ValueError("wrong values")
    p = dict.fromkeys(keys, False) | profile
    reasons = []
    if p["needs_citations"]:
        reasons.append("citations")
    if p["changes_daily"]:
        reasons.append("changes")
    if not p["knowledge_fits_prompt"]:
        reasons.append("size")
    rag = bool(reasons)
    ft = p["needs_style"] and p["has_training_data"]
    if ft:
        reasons.append("style")
    if p["needs_style"] and not p["has_training_data"]:
        reasons.append("no data")
    if not rag and not ft:
        reasons.append("plain")
    if rag and ft:
        return "both", reasons
    if rag:
        return "rag", reasons
    if ft:
        return "ft", reasons
    return "prompt", reasons


# %% wrong (q49-decide-hidden-profile): takes the profile apart
def decide(profile):
    keys = {
        "needs_citations",
        "changes_daily",
        "needs_style",
        "knowledge_fits_prompt",
        "has_training_data",
    }
    if set(profile) != keys:
        raise ValueError("wrong keys")
    if any(type(v) is not bool for v in profile.values()):
        raise ValueError("wrong values")
    p = {key: profile.pop(key) for key in keys}
    reasons = []
    if p["needs_citations"]:
        reasons.append("citations")
    if p["changes_daily"]:
        reasons.append("changes")
    if not p["knowledge_fits_prompt"]:
        reasons.append("size")
    rag = bool(reasons)
    ft = p["needs_style"] and p["has_training_data"]
    if ft:
        reasons.append("style")
    if p["needs_style"] and not p["has_training_data"]:
        reasons.append("no data")
    if not rag and not ft:
        reasons.append("plain")
    if rag and ft:
        return "both", reasons
    if rag:
        return "rag", reasons
    if ft:
        return "ft", reasons
    return "prompt", reasons
