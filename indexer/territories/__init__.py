"""French territories (régions, départements, communes…): their names and codes, and which of them a text names."""

from indexer.territories.attribution import RECOGNITION_VERSION, territories_of
from indexer.territories.gazetteer import Gazetteer, Level, Territory, gazetteer, is_code, level_of, name_key
from indexer.territories.recognition import Mention, Recogniser, recogniser
from indexer.territories.words import ALSO_WORDS

__all__ = [
    "ALSO_WORDS",
    "RECOGNITION_VERSION",
    "Gazetteer",
    "Level",
    "Mention",
    "Recogniser",
    "Territory",
    "gazetteer",
    "is_code",
    "level_of",
    "name_key",
    "recogniser",
    "territories_of",
]
