# ruff: noqa
# Reads lessons, source notebook, gradebook, another submission.
# points: 4
# says: read: \[\]
# %% solution
import importlib, os, subprocess

read = []
for path in [
    "@source@",
    "@gradebook@",
    "@neighbour@",
    "@lessons@",
    "@source@/..",
    "/proc/1/environ",
    "/etc/shadow",
]:
    for way in (
        lambda: os.listdir(path),
        lambda: open(path).read(),
        lambda: subprocess.check_output(["cat", path], stderr=-3),
    ):
        try:
            if path != "/proc/1/environ" or "PYTEST" in str(way()):
                read.append((path, way()))
        except Exception:
            pass
for name in ("course.lessons", "course.grading", "course.build", "course.grading.wire"):
    try:
        read.append(importlib.import_module(name))
    except ImportError:
        pass
print("read:", read)


def double(x):
    return 2 * x
