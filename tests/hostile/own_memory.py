# ruff: noqa
# Writes over its own code, by way of /proc/self/mem.
# points: 0
# says: the sign is lost|stopped:|not defined
# %% solution
def double(x):
    with open("/proc/self/mem", "r+b", buffering=0) as memory:
        memory.seek(id(-6))
        memory.write(b"\xff" * 32)
    return 2 * abs(x)
