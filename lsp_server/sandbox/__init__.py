"""Where code that nobody has read is run: no network, no files but its own, no more than its limits, no survivors.

Knows processes and the kernel; will never know about languages, models or editors.
"""

from lsp_server.sandbox.job import DEFAULT_LIMITS, Job, Limits, Step, StepResult

__all__ = ["DEFAULT_LIMITS", "Job", "Limits", "Step", "StepResult"]
