"""Code from one language to another, with a verdict: outline, demonstrations, candidates, selection, reassembly.

Knows models as something that continues a prompt and judges as something that says a verdict; will never know editors,
toolchains or the sandbox.
"""

from lsp_server.translation.targets import SOURCES, TARGETS
from lsp_server.translation.task import Options, Task, Translation, UnitTranslation, Writer

__all__ = ["SOURCES", "TARGETS", "Options", "Task", "Translation", "UnitTranslation", "Writer"]
