"""The runs that change or assess the archive: import, indexing, rollback, withdrawal, correction, attachment.

Other packages import from here.
"""

from indexer.pipeline.attaching import (
    LackingLink,
    LooseEnds,
    LooseFile,
    add_file,
    attach,
    attached_files,
    detach,
    find_resource,
    loose_ends,
    names_of_files,
)
from indexer.pipeline.correcting import correct, corrections_of, title_of
from indexer.pipeline.gathered import GatheredReport, Removed, import_gathered, withdraw_source
from indexer.pipeline.importing import ImportReport, Notice, import_paths
from indexer.pipeline.indexing import IndexReport, index_corpus
from indexer.pipeline.preview import PlannedChange, Preview, preview_import
from indexer.pipeline.profile_trial import TriedPage, try_profile
from indexer.pipeline.quality import Alike, DeadLink, assess_quality, last_quality_report
from indexer.pipeline.recognising import (
    RecognitionReport,
    ScannedFile,
    recognise_scans,
    reports_together,
    scanned_files,
)
from indexer.pipeline.rollback import RollbackReport, roll_back
from indexer.pipeline.source_trial import try_source
from indexer.pipeline.synchronising import SyncReport, synchronise

__all__ = [
    "Alike",
    "DeadLink",
    "GatheredReport",
    "ImportReport",
    "IndexReport",
    "LackingLink",
    "LooseEnds",
    "LooseFile",
    "Notice",
    "PlannedChange",
    "Preview",
    "RecognitionReport",
    "Removed",
    "RollbackReport",
    "ScannedFile",
    "SyncReport",
    "TriedPage",
    "add_file",
    "assess_quality",
    "attach",
    "attached_files",
    "correct",
    "corrections_of",
    "detach",
    "find_resource",
    "import_gathered",
    "import_paths",
    "index_corpus",
    "last_quality_report",
    "loose_ends",
    "names_of_files",
    "preview_import",
    "recognise_scans",
    "reports_together",
    "roll_back",
    "scanned_files",
    "synchronise",
    "title_of",
    "try_profile",
    "try_source",
    "withdraw_source",
]
