"""The process that does one thing within limits, a program of its own: `python -I -B child.py MEMORY CPU WHAT… < file`.

It limits itself before it looks at the file: memory, computing time, no file may be written. Then, by `WHAT`:

    text         says what it reads in a publication (see `protocol`)
    image PAGE   writes the image of a page of a PDF, in WebP
    scan PAGE    writes the image of a page of a PDF for a program that recognises its text (see `picture`)
    run PROGRAM  becomes that program, with the arguments that follow

It ends with the status 3 if memory does not suffice.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

OUT_OF_MEMORY = 3


def main(memory: int, cpu: int, what: str, *arguments: str) -> int:
    """Do what is asked with the file on standard input, write the result to standard output, and return the exit
    status.
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
