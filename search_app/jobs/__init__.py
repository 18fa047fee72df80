"""Background jobs, each in its own process: no page waits for them, and a restart of the site does not end them.

`launcher` starts the process of a job, `worker` runs in it, `store` keeps the jobs and their results (`reports`), and
`uploads` keeps the files that staff upload, `previewed` the resources of a previewed import. This file does not import
Flask.
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
