"""Intercepts every change that a process makes to the disk, before it happens: a small ptrace debugger in plain Python.

A seccomp filter stops the process at the system calls that change files, whether Python, SQLite or numpy makes them;
everything else runs at full speed. At each stop the tracer lets the call proceed, makes it fail with a chosen error, or
kills the process.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

NUMBERS = {
    "write": 1, "open": 2, "pwrite64": 18, "writev": 20, "sendfile": 40, "fsync": 74, "fdatasync": 75, "truncate": 76,
    "ftruncate": 77, "rename": 82, "mkdir": 83, "rmdir": 84, "link": 86, "unlink": 87, "symlink": 88, "sync": 162,
    "openat": 257, "mkdirat": 258, "unlinkat": 263, "renameat": 264, "linkat": 265, "symlinkat": 266, "fallocate": 285,
    "pwritev": 296, "syncfs": 306, "renameat2": 316, "copy_file_range": 326,
}  # fmt: skip
"""System calls that change files, with their numbers on x86-64."""
NAMES = {number: name for name, number in NUMBERS.items()}

FLUSHES = frozenset({"fsync", "fdatasync", "sync", "syncfs"})
REMOVALS = frozenset({"unlink", "unlinkat", "rmdir"})
_FIRST_DESCRIPTOR = frozenset(
    {"write", "pwrite64", "writev", "pwritev", "fsync", "fdatasync", "ftruncate", "fallocate", "sendfile", "syncfs"}
)
_PATHS = {  # indexes of arguments that are paths, each with the index of the folder it is relative to
    "open": ((None, 0),), "truncate": ((None, 0),), "rename": ((None, 0), (None, 1)), "mkdir": ((None, 0),),
    "rmdir": ((None, 0),), "link": ((None, 0), (None, 1)), "unlink": ((None, 0),), "symlink": ((None, 1),),
    "openat": ((0, 1),), "mkdirat": ((0, 1),), "unlinkat": ((0, 1),), "renameat": ((0, 1), (2, 3)),
    "linkat": ((0, 1), (2, 3)), "symlinkat": ((1, 2),), "renameat2": ((0, 1), (2, 3)),
}  # fmt: skip
_FLAGS = {"open": 1, "openat": 2}

_TRACEME, _CONT, _GETREGS, _SETREGS, _SETOPTIONS = 0, 7, 12, 13, 0x4200
_EVENT_SECCOMP = 7
_OPTIONS = 0x80 | 0x100000 | 0x2 | 0x4 | 0x8  # seccomp stops, exit kill, and children and threads likewise
_WALL = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


class _Filter(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filters", ctypes.POINTER(_Filter)))


class _Registers(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_ulong)
        for name in (
            "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss "
            "fs_base gs_base ds es fs gs"
        ).split()
    )


@dataclass(frozen=True, slots=True)
class Call:
    """A call about to happen.

    Attributes:
        name: name of the system call.
        paths: the paths that it changes; empty for `sync`.
        descriptor: the open file it works on, as a path that can be opened, or None.
    """

    name: str
    paths: tuple[str, ...]
    descriptor: str | None


Verdict = int | None
"""None lets the call proceed, 0 skips it as if done, an errno makes it fail, `KILL` kills the process before it."""
KILL = -1


def why_not() -> str | None:
    """Return why processes cannot be traced here, or None if they can."""
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return "le traçage d’appels système n’est écrit que pour Linux sur x86-64"
    try:
        run_traced(lambda: 0, lambda call: None)
    except OSError as error:
        return f"ce système ne laisse pas tracer un processus ({error})"
    return None


def run_traced(action: Callable[[], int], decide: Callable[[Call], Verdict]) -> int | None:
    """Run `action` in a process of its own.

    Args:
        action: returns the exit status.
        decide: asked before each call that would change the disk.

    Returns:
        The exit status, or None if the process was killed.

    Raises:
        OSError: processes cannot be traced here.
    """
    main = os.fork()
    if main == 0:
        _be_traced(action)
    _, status = os.waitpid(main, _WALL)
    if not os.WIFSTOPPED(status):
        raise OSError(errno.EPERM, "ptrace")
    _ptrace(_SETOPTIONS, main, _OPTIONS)
    alive = {main}
    outcome: int | None = None
    _ptrace(_CONT, main)
    while alive:
        process, status = os.waitpid(-1, _WALL)
        alive.add(process)
        if os.WIFEXITED(status) or os.WIFSIGNALED(status):
            alive.discard(process)
            if process == main:
                outcome = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
            continue
        event, delivered = status >> 16, os.WSTOPSIG(status)
        if event == _EVENT_SECCOMP:
            registers = _Registers()
            _ptrace(_GETREGS, process, ctypes.addressof(registers))
            call = _call_of(process, registers)
            verdict = None if call is None else decide(call)
            if verdict == KILL:
                for each in alive:
                    os.kill(each, signal.SIGKILL)
                continue
            if verdict is not None:
                registers.orig_rax = ctypes.c_ulong(-1).value
                registers.rax = ctypes.c_ulong(-verdict).value
                _ptrace(_SETREGS, process, ctypes.addressof(registers))
        passed_on = 0 if event or delivered in {signal.SIGSTOP, signal.SIGTRAP} else delivered
        _ptrace(_CONT, process, passed_on)
    return outcome


def _be_traced(action: Callable[[], int]) -> None:
    """Run the action in the child process, which the parent traces; never return."""
    status = 70
    try:
        if _libc.ptrace(_TRACEME, 0, None, None) != 0:
            os._exit(71)
        os.kill(os.getpid(), signal.SIGSTOP)
        _install_filter()
        status = action()
    finally:
        os._exit(status)


def _install_filter() -> None:
    load, equal, any_of, leave = 0x20, 0x15, 0x45, 0x06
    go, stop = 0x7FFF0000, 0x7FF00000
    program = []
    plain = [number for name, number in NUMBERS.items() if name not in _FLAGS]
    program.append(_Filter(load, 0, 0, 0))
    for name, place in _FLAGS.items():  # opening changes the disk only if it creates or truncates a file
        program += [
            _Filter(equal, 0, 4, NUMBERS[name]),
            _Filter(load, 0, 0, 16 + 8 * place),
            _Filter(any_of, 0, 1, os.O_CREAT | os.O_TRUNC),
            _Filter(leave, 0, 0, stop),
            _Filter(leave, 0, 0, go),
        ]
    for place, number in enumerate(plain):
        program.append(_Filter(equal, len(plain) - place, 0, number))
    program += [_Filter(leave, 0, 0, go), _Filter(leave, 0, 0, stop)]
    held = (_Filter * len(program))(*program)
    if _libc.prctl(38, 1, 0, 0, 0) or _libc.prctl(22, 2, ctypes.byref(_Program(len(program), held))):
        os._exit(72)


def _ptrace(request: int, process: int, data: int = 0) -> None:
    if _libc.ptrace(request, process, None, data) == -1:
        number = ctypes.get_errno()
        if number != errno.ESRCH:  # killed meanwhile
            raise OSError(number, "ptrace")


def _call_of(process: int, registers: _Registers) -> Call | None:
    name = NAMES[registers.orig_rax]
    arguments = [registers.rdi, registers.rsi, registers.rdx, registers.r10, registers.r8, registers.r9]
    try:
        if name in _FIRST_DESCRIPTOR:
            link = f"/proc/{process}/fd/{ctypes.c_int(arguments[0]).value}"
            return Call(name, (os.readlink(link).removesuffix(" (deleted)"),), link)
        if name == "copy_file_range":
            link = f"/proc/{process}/fd/{ctypes.c_int(arguments[2]).value}"
            return Call(name, (os.readlink(link).removesuffix(" (deleted)"),), link)
        paths = []
        for folder, place in _PATHS.get(name, ()):
            start = f"/proc/{process}/cwd"
            if folder is not None and ctypes.c_int(arguments[folder]).value != -100:
                start = f"/proc/{process}/fd/{ctypes.c_int(arguments[folder]).value}"
            paths.append(str(Path(os.readlink(start)) / _text(process, arguments[place])))
        return Call(name, tuple(paths), None)
    except OSError:
        return None


def _text(process: int, address: int) -> str:
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        memory.seek(address)
        held = b""
        while b"\0" not in held:  # one memory page at a time: the next one may not be mapped
            held += memory.read(4096 - (address + len(held)) % 4096)
        return os.fsdecode(held.partition(b"\0")[0])
