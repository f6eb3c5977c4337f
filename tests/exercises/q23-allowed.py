# %% right: a loop that leaves early
def allowed(call, policy):
    if call["name"] not in policy:
        return False
    rules = policy[call["name"]]
    for name, value in call["args"].items():
        if name not in rules:
            return False
        sources = {"user"} if isinstance(value, str) else value.sources
        if set(sources) - set(rules[name]):
            return False
    return True


# %% right: all, and an empty dict for what is unknown
def allowed(call, policy):
    missing = object()
    rules = policy.get(call["name"], missing)
    return rules is not missing and all(
        name in rules and all(s in rules[name] for s in getattr(value, "sources", ["user"]))
        for name, value in call["args"].items()
    )


# %% right: what speaks against it
def allowed(call, policy):
    against = []
    rules = policy.get(call["name"])
    if rules is None:
        against.append("tool")
    else:
        for name, value in call["args"].items():
            label = value.sources if type(value) is course.Tainted else frozenset(["user"])
            if name in rules:
                against.extend(label.difference(rules[name]))
            else:
                against.append(name)
    return not against


# %% wrong (q23-allowed-hidden-every): one source in common is enough
def allowed(call, policy):
    rules = policy.get(call["name"])
    if rules is None:
        return False
    for name, value in call["args"].items():
        if name not in rules:
            return False
        sources = value.sources if isinstance(value, course.Tainted) else {"user"}
        if sources and not sources & rules[name]:
            return False
    return True


# %% wrong (q23-allowed-hidden-every): sources and set have to be equal
def allowed(call, policy):
    rules = policy.get(call["name"])
    if rules is None:
        return False
    for name, value in call["args"].items():
        if name not in rules:
            return False
        sources = value.sources if isinstance(value, course.Tainted) else {"user"}
        if sources != rules[name]:
            return False
    return True


# %% wrong (q23-allowed-hidden-every): the sets of all arguments in one pot
def allowed(call, policy):
    rules = policy.get(call["name"])
    if rules is None or not set(call["args"]) <= set(rules):
        return False
    may = set().union(*rules.values())
    return all(
        (value.sources if isinstance(value, course.Tainted) else {"user"}) <= may
        for value in call["args"].values()
    )


# %% wrong (q23-allowed-hidden-every): the first argument decides
def allowed(call, policy):
    rules = policy.get(call["name"])
    if rules is None or not set(call["args"]) <= set(rules):
        return False
    for name, value in reversed(call["args"].items()):
        sources = value.sources if isinstance(value, course.Tainted) else {"user"}
        return sources <= rules[name]
    return True


# %% wrong (q23-allowed-hidden-plain): plain texts are trusted everywhere
def allowed(call, policy):
    rules = policy.get(call["name"])
    if rules is None:
        return False
    for name, value in call["args"].items():
        if name not in rules:
            return False
        if isinstance(value, course.Tainted) and not value.sources <= rules[name]:
            return False
    return True


# %% wrong (q23-allowed-hidden-plain): the user may say anything
def allowed(call, policy):
    rules = policy.get(call["name"])
    if rules is None:
        return False
    for name, value in call["args"].items():
        sources = value.sources if isinstance(value, course.Tainted) else {"user"}
        if name not in rules or (sources != {"user"} and not sources <= rules[name]):
            return False
    return True


# %% wrong (q23-allowed-hidden-plain): every argument has to be there
def allowed(call, policy):
    rules = policy.get(call["name"])
    if rules is None or set(call["args"]) != set(rules):
        return False
    return all(
        (value.sources if isinstance(value, course.Tainted) else {"user"}) <= rules[name]
        for name, value in call["args"].items()
    )


# %% wrong (q23-allowed-hidden-plain): a label without sources is taken for a missing one
def allowed(call, policy):
    rules = policy.get(call["name"])
    if rules is None:
        return False
    for name, value in call["args"].items():
        sources = getattr(value, "sources", None) or {"user"}
        if name not in rules or not sources <= rules[name]:
            return False
    return True


# %% wrong (q23-allowed-hidden-unknown): an argument without a rule passes
def allowed(call, policy):
    rules = policy.get(call["name"])
    if rules is None:
        return False
    for name, value in call["args"].items():
        sources = value.sources if isinstance(value, course.Tainted) else {"user"}
        if name in rules and not sources <= rules[name]:
            return False
    return True


# %% wrong (q23-allowed-hidden-unknown): an unknown tool has no arguments that speak against it
def allowed(call, policy):
    rules = policy.get(call["name"], {})
    for name, value in call["args"].items():
        sources = value.sources if isinstance(value, course.Tainted) else {"user"}
        if name not in rules or not sources <= rules[name]:
            return False
    return True


# %% wrong (q23-allowed-hidden-unknown): an argument without a rule is open to nobody, and so to no sources
def allowed(call, policy):
    rules = policy.get(call["name"])
    if rules is None:
        return False
    return all(
        (value.sources if isinstance(value, course.Tainted) else {"user"}) <= rules.get(name, set())
        for name, value in call["args"].items()
    )


# %% wrong (q23-allowed-hidden-unknown): looks up what is unknown all the same raises
def allowed(call, policy):
    rules = policy[call["name"]]
    return all(
        (value.sources if isinstance(value, course.Tainted) else {"user"}) <= rules[name]
        for name, value in call["args"].items()
    )


# %% wrong (q23-allowed-hidden-flow): a blacklist of words decides too
def allowed(call, policy):
    rules = policy.get(call["name"])
    if rules is None:
        return False
    for name, value in call["args"].items():
        sources = value.sources if isinstance(value, course.Tainted) else {"user"}
        text = value.value if isinstance(value, course.Tainted) else value
        if name not in rules or not sources <= rules[name]:
            return False
        if any(words in text.lower() for words in ("ignore", "forget", "system:")):
            return False
    return True


# %% wrong (q23-allowed-hidden-flow): puts an entry for the tool into the policy
def allowed(call, policy):
    known = call["name"] in policy
    rules = policy.setdefault(call["name"], {})
    return known and all(
        name in rules
        and (value.sources if isinstance(value, course.Tainted) else {"user"}) <= rules[name]
        for name, value in call["args"].items()
    )


# %% wrong (q23-allowed-hidden-flow): takes the labels off in the call itself
def allowed(call, policy):
    rules = policy.get(call["name"])
    if rules is None:
        return False
    for name in list(call["args"]):
        value = call["args"][name]
        sources = value.sources if isinstance(value, course.Tainted) else {"user"}
        if name not in rules or not sources <= rules[name]:
            return False
        if isinstance(value, course.Tainted):
            call["args"][name] = value.value
    return True
