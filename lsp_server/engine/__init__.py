"""One model on one thread: loading it in the background, requests before idle work, the newest request before the
older.

Knows jobs, keys and priorities; never what a job completes, and nothing of editors.
"""

from lsp_server.engine.engine import Engine, Load
from lsp_server.engine.engines import Engines
from lsp_server.engine.status import Kind, Status
from lsp_server.engine.worker import Job

__all__ = ["Engine", "Engines", "Job", "Kind", "Load", "Status"]
