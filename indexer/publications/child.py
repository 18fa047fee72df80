"""A program that does one task within limits, in a process of its own: `python -I -B child.py MEMORY CPU WHAT… < file`.

Before it looks at the file, it limits its memory and computing time, and can write no file. Then, by `WHAT`:

    text         writes what it reads in a publication (see `protocol`)
    image PAGE   writes the image of a page of a PDF, in WebP
    scan PAGE    writes the image of a page of a PDF for a program that recognises its text (see `picture`)
    run PROGRAM  becomes that program, with the arguments that follow

Its exit status is 3 if the memory does not suffice.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

OUT_OF_MEMORY = 3


def main(memory: int, cpu: int, what: str, *arguments: str) -> int:
    """Do the task `what` with the file on standard input, write the result to standard output, and return the exit
    status. `memory` and `cpu` are as for `limit`.
    """
    limit(memory, cpu)
    if what == "run":
        os.execv(arguments[0], arguments)  # noqa: S606 - a program that we found, without a shell
    try:
        # -I leaves out the folder of this program, so that nothing beside it can stand for a library.
        sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
        from indexer.publications.limits import MAX_FILE_BYTES

        content = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        with open(sys.stdout.fileno(), "wb", closefd=False) as output:
            if what == "text":
                from indexer.publications.extraction import extract
                from indexer.publications.protocol import write_document

                write_document(output, extract(content))
            else:
                from indexer.publications.picture import draw, draw_scan

                output.write((draw if what == "image" else draw_scan)(content, int(arguments[0])))
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


def limit(memory: int, cpu: int) -> None:
    """Limit this process for good: bytes of address space, seconds of computing, and no byte in any file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


if __name__ == "__main__":
    status = main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
    os._exit(status)  # libraries may hang or crash while they tidy up, after all output
