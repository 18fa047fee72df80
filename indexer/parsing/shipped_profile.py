"""The import profile that ships with the program: labels and privacy values of the site of the network RTES."""

from __future__ import annotations

from pathlib import Path

from indexer.parsing.profile_file import parse_profile

_FILE = Path(__file__).with_name("profiles") / "rtes.toml"

RTES = parse_profile(_FILE.read_bytes(), called=str(_FILE))
"""The shipped profile, whose labels are used, with heuristics, for sources without a profile of their own."""


def label_of(field: str) -> str:
    """Return the label of a field on the network's site.

    Args:
        field: name of an attribute of `Profile`, such as "type" or "private".

    Raises:
        ValueError: the shipped file has no label for it.
    """
    rule = RTES.private.rule if field == "private" else getattr(RTES, field)
    if rule is None or rule.label is None:
        raise ValueError(field)
    return str(rule.label)
