"""Long work in processes of their own: no page waits for it, and a restart of the site does not end it.

`launcher` starts the process of a job, `worker` is what runs in it, `store` keeps what was asked and what came of it
(`reports`), and `uploads` the files that staff send. This face imports no Flask.
"""

from search_app.jobs.launcher import start, start_index
from search_app.jobs.store import Job, JobKind, Jobs, JobState
from search_app.jobs.uploads import MAX_FILES, MAX_SENT, UPLOAD_GONE, SentFile, Upload, Uploads

__all__ = [
    "MAX_FILES",
    "MAX_SENT",
    "UPLOAD_GONE",
    "Job",
    "JobKind",
    "JobState",
    "Jobs",
    "SentFile",
    "Upload",
    "Uploads",
    "start",
    "start_index",
]
