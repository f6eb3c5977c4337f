# ruff: noqa
# Raises what a loop or a generator takes for its end.
# points: 0
# says: MemoryError by hand
# says: GeneratorExit
# says: StopIteration
# %% solution
def double(x):
    if isinstance(x, str):
        raise GeneratorExit("GeneratorExit by hand")
    if isinstance(x, int):
        raise MemoryError("MemoryError by hand")
    raise StopIteration(4)
