# ruff: noqa
# Writes into Python, the libraries, the package and the file system.
# points: 4
# says: wrote: \[\]
# %% solution
import os, sys, numpy, course

wrote = []
for folder in [
    "/",
    "/usr",
    "/etc",
    "/stage",
    sys.prefix,
    os.path.dirname(numpy.__file__),
    course.__path__[0],
    "/dev",
    "/proc/sys/kernel",
]:
    try:
        with open(os.path.join(folder, "planted"), "w") as file:
            file.write("x")
        wrote.append(folder)
    except OSError:
        pass
print("wrote:", wrote)


def double(x):
    return 2 * x
