# ruff: noqa
# Asks for more rights.
# points: 4
# says: got: \[\]
# %% solution
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
got = []
for name, call in {
    "setuid": lambda: libc.setuid(0),
    "unshare": lambda: libc.unshare(0x10000000),
    "mount": lambda: libc.mount(b"tmpfs", b"/usr", b"tmpfs", 0, b""),
    "chroot": lambda: libc.chroot(b"/tmp"),
    "ptrace": lambda: libc.ptrace(0, 0, 0, 0),
    "nice": lambda: libc.setpriority(0, 0, -10),
}.items():
    if call() == 0:
        got.append(name)
print("got:", got, "root" if 0 in (os.getuid(), os.geteuid()) else "")


def double(x):
    return 2 * x
