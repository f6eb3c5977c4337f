# ruff: noqa
# Calls out: to the world, to this machine, to a socket of this machine.
# points: 4
# says: reached: \[\]
# %% solution
import socket

reached = []
for family, address in [
    (socket.AF_INET, ("1.1.1.1", 53)),
    (socket.AF_INET, ("127.0.0.1", int("@port@"))),
    (socket.AF_UNIX, "\0@abstract@"),
    (socket.AF_UNIX, "@socket@"),
]:
    try:
        with socket.socket(family) as line:
            line.settimeout(0.2)
            line.connect(address)
            reached.append(address)
    except OSError:
        pass
try:
    reached.append(socket.getaddrinfo("example.org", 80))
except OSError:
    pass
print("reached:", reached)


def double(x):
    return 2 * x
