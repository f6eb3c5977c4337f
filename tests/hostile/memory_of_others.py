# ruff: noqa
# Reads and writes the memory of other processes, and takes their descriptors.
# points: 4
# says: got: \[\]
# %% solution
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
got, buffer = [], ctypes.create_string_buffer(64)
for pid in [os.getppid(), *range(1, 100)]:
    if pid in (0, os.getpid()):
        continue
    for name in ("mem", "environ", "maps", "fd", "root", "cwd", "task"):
        path = f"/proc/{pid}/{name}"
        try:
            got.append((path, os.listdir(path) if name in ("fd", "root", "cwd") else open(path, "rb").read(1)))
        except OSError:
            pass
    try:
        handle = os.pidfd_open(pid)
        if libc.syscall(438, handle, 0, 0) >= 0:  # pidfd_getfd
            got.append((pid, "descriptor"))
    except OSError:
        pass
    if libc.ptrace(16, pid, 0, 0) == 0:  # attach
        got.append((pid, "traced"))
    if libc.process_vm_readv(pid, buffer, 1, buffer, 1, 0) >= 0:
        got.append((pid, "memory"))
print("got:", got)


def double(x):
    return 2 * x
