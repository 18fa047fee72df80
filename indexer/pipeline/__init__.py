"""The runs that change or assess the archive: import, indexing, rollback, withdrawal, correction (of one resource or
many), attachment.

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
from indexer.pipeline.bulk import MAX_BATCH, BulkPlan, PlannedCorrection, Wish, apply_bulk, plan_bulk, resource_of
from indexer.pipeline.correcting import also_at, correct, corrections_of, title_of
from indexer.pipeline.gathered import GatheredReport, Removed, import_gathered, withdraw_source
from indexer.pipeline.importing import ImportReport, Notice, import_paths
from indexer.pipeline.indexing import IndexReport, WrittenResource, index_corpus
from indexer.pipeline.preview import Holder, PlannedChange, PlannedPublication, Preview, preview_import
from indexer.pipeline.profile_trial import TriedPage, try_profile
from indexer.pipeline.quality import Alike, DeadLink, Named, assess_quality, last_quality_report
from indexer.pipeline.recognising import (
    RecognitionReport,
    ScannedFile,
    recognise_scans,
    reports_together,
    scanned_files,
)
from indexer.pipeline.rollback import RollbackChange, RollbackPreview, RollbackReport, preview_rollback, roll_back
from indexer.pipeline.source_trial import try_source
from indexer.pipeline.synchronising import SyncReport, synchronise

__all__ = [
    "MAX_BATCH",
    "Alike",
    "BulkPlan",
    "DeadLink",
    "GatheredReport",
    "Holder",
    "ImportReport",
    "IndexReport",
    "LackingLink",
    "LooseEnds",
    "LooseFile",
    "Named",
    "Notice",
    "PlannedChange",
    "PlannedCorrection",
    "PlannedPublication",
    "Preview",
    "RecognitionReport",
    "Removed",
    "RollbackChange",
    "RollbackPreview",
    "RollbackReport",
    "ScannedFile",
    "SyncReport",
    "TriedPage",
    "Wish",
    "WrittenResource",
    "add_file",
    "also_at",
    "apply_bulk",
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
    "plan_bulk",
    "preview_import",
    "preview_rollback",
    "recognise_scans",
    "reports_together",
    "resource_of",
    "roll_back",
    "scanned_files",
    "synchronise",
    "title_of",
    "try_profile",
    "try_source",
    "withdraw_source",
]
