"""What compilers and failed tests say, cut down to what a person or a repair can use."""

import re

from lsp_server.sandbox.job import StepResult

MOST_CHARS = 1600
"""Of a message: a repair prompt has to hold the source and the candidate as well."""

_PLACES = re.compile(r"(?:file://)?/job/(?:out/)?")
_NOISE = re.compile(
    r"^(?:Node\.js v[\d.]+|    at (?:node:|Module\.|Object\.<anonymous>|Function\.).*|\s*at java\.base/.*"
    r"|note: run with `RUST_BACKTRACE=.*|exit status \d+|\# (?:command-line-arguments|_/job)|Picked up JAVA.*)\n?",
    re.M,
)
_MEMORY = re.compile(
    r"MemoryError|std::bad_alloc|OutOfMemoryError|heap out of memory|memory allocation of \d+ bytes failed"
    r"|cannot allocate memory|OutOfMemoryException|Cannot allocate memory|Allowed memory size"
)
_DISK = re.compile(r"No space left on device|ENOSPC")
_PROCESSES = re.compile(r"Resource temporarily unavailable|EAGAIN|unable to create native thread|can't start new t")
_RAN_OUT = {"memory": "its memory ran out", "disk": "its folder was full", "processes": "it had too many processes"}


def build_message(result: StepResult) -> str:
    """A compiler's words from the first one on: later errors follow from earlier ones."""
    text = _cleaned(result.stderr + ("\n" if result.stderr and result.stdout else "") + result.stdout)
    return text if len(text) <= MOST_CHARS else text[:MOST_CHARS].rsplit("\n", 1)[0] + "\n..."


def run_message(result: StepResult) -> str:
    """A program's last words, which say why it ended; what it wrote on stdout only if there are no others."""
    text = _cleaned(result.stderr) or _cleaned(result.stdout)
    return text if len(text) <= MOST_CHARS else "...\n" + text[-MOST_CHARS:].split("\n", 1)[-1]


def limit_of(result: StepResult) -> tuple[str, str]:
    """The limit that ended a step, and how; from the program's own words where it ran into one and gave up."""
    if result.stopped_by:
        return result.stopped_by, result.detail
    if result.exit_code:
        for limit, pattern in (("memory", _MEMORY), ("disk", _DISK), ("processes", _PROCESSES)):
            if pattern.search(result.stderr):
                return limit, _RAN_OUT[limit]
    return "", ""


def _cleaned(text: str) -> str:
    text = _PLACES.sub("", text.replace("\r\n", "\n"))
    return _NOISE.sub("", text).strip()
