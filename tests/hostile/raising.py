# ruff: noqa
# Raises what would end a program.
# points: 0
# says: SystemExit
# says: KeyboardInterrupt
# says: RecursionError
# %% solution
def double(x):
    if isinstance(x, str):
        raise KeyboardInterrupt("KeyboardInterrupt by hand")
    if isinstance(x, int):
        raise SystemExit(0)
    raise RecursionError("RecursionError by hand")
