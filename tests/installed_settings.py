"""The deployment's settings with the job kinds of the tests beside the real ones."""

from config.settings import *  # noqa: F403
from config.settings import JOB_KINDS as REAL_KINDS

JOB_KINDS = REAL_KINDS | {"mark": "tests.job_kinds.mark", "refuse": "tests.job_kinds.refuse"}
