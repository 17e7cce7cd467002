"""What became of completions: one record for each request, kept on this machine if its user wants that.

Knows requests, suggestions, edits and where they lie; never the protocol they came by. Nothing here may ever cost a
completion: what cannot be recorded is not recorded, and a warning says so once.
"""

from lsp_server.telemetry.record import (
    SCHEMA_VERSION,
    Candidate,
    Consent,
    Decision,
    Generation,
    GroundTruth,
    Intervention,
    Match,
    Outcome,
    Record,
    Replay,
    Request,
)
from lsp_server.telemetry.serial import RecordError, from_json, to_json
from lsp_server.telemetry.store import Store, default_path

__all__ = [
    "SCHEMA_VERSION",
    "Candidate",
    "Consent",
    "Decision",
    "Generation",
    "GroundTruth",
    "Intervention",
    "Match",
    "Outcome",
    "Record",
    "RecordError",
    "Replay",
    "Request",
    "Store",
    "default_path",
    "from_json",
    "to_json",
]
