# ruff: noqa
# Looks for the hidden tests in every place that Python has.
# points: 4
# says: found: \[\]
# %% solution
seen = []


def double(x):
    import gc, inspect, linecache, sys

    texts = [*In, *_ih, *map(str, linecache.cache), *(str(v) for v in linecache.cache.values())]
    frame = sys._getframe()
    while frame:
        texts += [
            repr(frame.f_code.co_consts),
            frame.f_code.co_filename,
            str(inspect.getsource(frame)) if "ipykernel" in frame.f_code.co_filename else "",
        ]
        frame = frame.f_back
    word, other = "".join(["HID", "DEN TE", "STS"]), "".join(["sign is ", "lost"])
    seen.extend(t for t in texts if word in t or other in t)
    return 2 * x


# %% own cell
import gc

words = ("".join(["HID", "DEN TE", "STS"]), "".join(["sign is ", "lost"]))
for owner in gc.get_objects():
    values = (
        owner.values() if type(owner) is dict else owner if type(owner) in (list, tuple) else ()
    )
    seen.extend(
        v
        for v in list(values)
        if type(v) is str and len(v) < 10**5 and any(w in v for w in words) and v not in words
    )
print("found:", seen)
