"""Unpickling of data only: a pickle may refer only to the classes and functions in a short list."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

Names = Mapping[tuple[str, str], object]
"""Objects that a pickle may name, by module and name."""


class DataUnpickler(pickle.Unpickler):
    """An unpickler that accepts only some names.

    Args:
        file: the pickle.
        names: the classes and functions that it may refer to.
    """

    def __init__(self, file: BinaryIO, names: Names) -> None:
        super().__init__(file)
        self._names = names

    def find_class(self, module: str, name: str, /) -> Any:
        """Return the object of an allowed name.

        Raises:
            UnpicklingError: it is not in the list.
        """
        try:
            return self._names[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name} is no data") from None


def loaders(names: Names) -> tuple[Callable[[BinaryIO], Any], Callable[[bytes], Any]]:
    """Return replacements for `pickle.load` and `pickle.loads` that allow only some names."""

    def load(file: BinaryIO) -> Any:
        return DataUnpickler(file, names).load()

    def loads(raw: bytes) -> Any:
        return DataUnpickler(io.BytesIO(raw), names).load()

    return load, loads
