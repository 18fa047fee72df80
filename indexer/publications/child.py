"""The process that reads one file: a program of its own, `python -I -B child.py MEMORY CPU [PAGE] < file`.

It limits itself before it looks at the file: memory, computing time, no file may be written. It says what it read on
standard output (see `protocol`) or, given the number of a page, writes the image of that page of a PDF there. It ends
with the status 3 if memory does not suffice.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

OUT_OF_MEMORY = 3


def main(memory: int, cpu: int, page: int | None = None) -> int:
    """Read the file on standard input, write its text or the image of a page to standard output, and return the exit
    status.
    """
    limit(memory, cpu)
    try:
        # -I leaves out the folder of this program, so that nothing beside it can stand for a library.
        sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
        from indexer.publications.limits import MAX_FILE_BYTES

        content = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        with open(sys.stdout.fileno(), "wb", closefd=False) as output:
            if page is None:
                from indexer.publications.extraction import extract
                from indexer.publications.protocol import write_document

                write_document(output, extract(content))
            else:
                from indexer.publications.picture import draw

                output.write(draw(content, page))
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
    status = main(*map(int, sys.argv[1:]))
    os._exit(status)  # libraries may hang or crash while they tidy up, when all is said
