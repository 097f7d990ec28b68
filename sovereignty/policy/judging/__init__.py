"""Judging: how one rule's word on touches and accesses becomes verdicts, totals and findings. The
rules themselves are one a file in `sovereignty.policy.rules`; `sovereignty.policy.evaluate` is the
way in."""
