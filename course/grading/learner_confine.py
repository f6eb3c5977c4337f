"""What a learner process gives up before it runs learner code: namespaces, rights, resources.

Everything here runs inside the learner's own process (or its init), through the C library, because
Python 3.11 has no `os.unshare`. Linux only; nothing here is imported by the grader's side.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import resource
import signal
import socket
import struct
from pathlib import Path
from typing import Any

LEARNER_UID = 1000  # the learner's user id inside its own user namespace

_LIBC = ctypes.CDLL(None, use_errno=True)

_NEWNS, _NEWCGROUP, _NEWUTS, _NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
_NEWUSER, _NEWPID, _NEWNET = 0x10000000, 0x20000000, 0x40000000

_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 2, 4, 8

_PDEATHSIG, _DUMPABLE, _SECCOMP = 1, 4, 22
_CHILD_SUBREAPER, _NO_NEW_PRIVS = 36, 38

_CAPABILITY_VERSION = 0x20080522
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1

# What a learner process cannot ask the kernel for: memory that no limit counts, the memory of
# other processes, and new mounts. Numbers for x86_64 and aarch64.
_REFUSED = {
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "bpf": (321, 280),
    "io_uring_setup": (425, 425),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "keyctl": (250, 219),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "unshare": (272, 97),
    "setns": (308, 268),
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "mount": (165, 40),
    "umount2": (166, 39),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
}
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, audit architecture


def _call(name: str, *arguments: Any) -> None:
    if getattr(_LIBC, name)(*arguments) < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def prctl(option: int, value: int) -> None:
    """Call prctl with one value."""
    number = ctypes.c_ulong
    _call("prctl", option, number(value), number(0), number(0), number(0))


def _mount(kind: str, where: str, options: str = "") -> None:
    flags = ctypes.c_ulong(_MS_NOSUID | _MS_NODEV | (_MS_NOEXEC if kind == "proc" else 0))
    _call("mount", kind.encode(), where.encode(), kind.encode(), flags, options.encode())


def mount_proc() -> None:
    """Show this pid namespace, and no other, at /proc."""
    _mount("proc", "/proc")


def become(user: int) -> None:
    """Give up root for good."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    prctl(_NO_NEW_PRIVS, 1)
    prctl(_DUMPABLE, 1)  # so that /proc/self belongs to the new user


def unshare() -> None:
    """Leave every namespace but time; the next child is the first process of a new pid namespace.

    The current user becomes `LEARNER_UID` inside, and nobody else exists.
    """
    user, group = os.geteuid(), os.getegid()
    flags = _NEWUSER | _NEWPID | _NEWNS | _NEWNET | _NEWIPC | _NEWUTS | _NEWCGROUP
    _call("unshare", flags)
    me = Path("/proc/self")
    (me / "setgroups").write_text("deny")
    (me / "uid_map").write_text(f"{LEARNER_UID} {user} 1")
    (me / "gid_map").write_text(f"{LEARNER_UID} {group} 1")


def furnish(scratch: int) -> None:
    """Make the inside of new namespaces liveable: /proc, an empty scratch folder, loopback.

    Parameters
    ----------
    scratch : int
        Bytes that fit into the folder above HOME, and again into /dev/shm.
    """
    mount_proc()
    Path("/proc/sys/user/max_user_namespaces").write_text("0")  # no rights by going deeper
    room = f"size={scratch},nr_inodes=20000"
    _mount("tmpfs", str(Path(os.environ["HOME"]).parent), f"{room},mode=0755")
    _mount("tmpfs", "/dev/shm", f"{room},mode=1777")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        name = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, name))[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def end_with_parent() -> None:
    """Be killed when the parent ends."""
    prctl(_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of every process below this one whose own parent ends."""
    prctl(_CHILD_SUBREAPER, 1)


def hide() -> None:
    """Keep processes of the same user from reading this one's memory and files."""
    prctl(_DUMPABLE, 0)


def confine(limits: dict[str, Any]) -> None:
    """Set the limits of this process, and give up the right to anything more.

    Parameters
    ----------
    limits : dict
        `Limits` of the grader's side, as a dictionary.
    """
    Path("/proc/self/oom_score_adj").write_text("1000")  # the first to go if memory runs out
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    for what, value in [
        (resource.RLIMIT_CPU, int(used + limits["section_cpu"]) + 2),
        (resource.RLIMIT_AS, pages * resource.getpagesize() + limits["memory"]),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_NOFILE, limits["files"]),
        (resource.RLIMIT_FSIZE, limits["file_size"]),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_CORE, 0),
    ]:
        hard = resource.getrlimit(what)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (value, value))
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    _call("capset", header, bytes(24))
    prctl(_NO_NEW_PRIVS, 1)
    _refuse()


def _refuse() -> None:
    """Have the kernel answer EPERM to the calls in `_REFUSED` (on other machines, to none)."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return
    column, architecture = machine
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    refuse, allow = 0x00050000 | errno.EPERM, 0x7FFF0000
    numbers = [pair[column] for pair in _REFUSED.values()]
    program = [
        (load, 0, 0, 4),  # the architecture; another one has other numbers
        (equal, 0, len(numbers) + 3, architecture),
        (load, 0, 0, 0),  # the number of the call
        (at_least, len(numbers) + 1, 0, 0x40000000),  # x86_64's second set of numbers
    ]
    for place, number in enumerate(numbers):
        program.append((equal, len(numbers) - place, 0, number))
    program += [(answer, 0, 0, allow), (answer, 0, 0, refuse)]
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    wanted = struct.pack("@HP", len(program), ctypes.addressof(buffer))
    _call("prctl", _SECCOMP, ctypes.c_ulong(2), wanted, ctypes.c_ulong(0), ctypes.c_ulong(0))
