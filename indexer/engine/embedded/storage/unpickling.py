"""Reading pickles that hold data alone: what they name must stand in a short list, and nothing else is ever called."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

Names = Mapping[tuple[str, str], object]
"""What a pickle may name, by module and name."""


class DataUnpickler(pickle.Unpickler):
    """Reads a pickle that names nothing but what it may.

    Args:
        file: where it stands.
        names: what it may name.
    """

    def __init__(self, file: BinaryIO, names: Names) -> None:
        super().__init__(file)
        self._names = names

    def find_class(self, module: str, name: str, /) -> Any:
        """What a pickle names.

        Raises:
            UnpicklingError: it is not in the list.
        """
        try:
            return self._names[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name} is no data") from None


def loaders(names: Names) -> tuple[Callable[[BinaryIO], Any], Callable[[bytes], Any]]:
    """Functions that stand for `pickle.load` and `pickle.loads`."""

    def load(file: BinaryIO) -> Any:
        return DataUnpickler(file, names).load()

    def loads(raw: bytes) -> Any:
        return DataUnpickler(io.BytesIO(raw), names).load()

    return load, loads
