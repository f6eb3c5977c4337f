# ruff: noqa
# Raises exceptions with giant texts and names, and halves of letters.
# points: 0
# says: eeeee
# says: half a letter
# %% solution
def double(x):
    if isinstance(x, str):
        raise ValueError("half a letter: " + chr(0xD800) + chr(0) + "\x1b[31m")
    if isinstance(x, int):
        raise ValueError("e" * 10**7)
    raise type("N" * 10**6, (Exception,), {})("<script>alert(1)</script>")
