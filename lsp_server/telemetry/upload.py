"""Records on their way to a team's collector: in batches, when there is a network, and from where it stood before.

Nothing is sent unless an address and a token are set. How far a store was uploaded stands in a small file beside it;
without it, or if it is of another store, everything is sent again, and the collector keeps each record once.
"""

import gzip
import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import random
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lsp_server.errors import UserError
from lsp_server.logs import event
from lsp_server.telemetry.policy import permitted
from lsp_server.telemetry.record import Consent, Record
from lsp_server.telemetry.redaction import Redactor
from lsp_server.telemetry.serial import to_json
from lsp_server.telemetry.store import Store, StoreError
from models.atomic import write_atomically

if TYPE_CHECKING:
    import httpx

logger = logging.getLogger(__name__)

TOKEN_VARIABLE = "DRAGOMAN_COLLECTOR_TOKEN"
"""Environment variable that holds the token; a settings file is too easily shared."""
PERIOD_S = 60.0
"""How often a running server looks for new records."""
BACK_OFF_S = (5.0, 900.0)
"""The wait after the first failure, and the longest one."""
BATCH = 200
TIMEOUT_S = 30.0


class UploadError(UserError):
    """The collector was not reached or said no; `retry_after_s` is its wish, if it has one."""

    def __init__(self, message: str, hint: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, hint)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class Uploaded:
    """What one go did."""

    sent: int
    """Records that the collector has now."""
    refused: int
    """Records that it will never take; they stay here."""


class Uploader:
    """Sends what changed in a store since the last time. One at a time for each store."""

    def __init__(self, store: Path, address: str, token: str, consent: Consent, client: "httpx.Client") -> None:
        """`consent` is today's: what was recorded under a wider one goes out under this one. Raises `UploadError` for
        an address that is none."""
        if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).netloc:
            raise UploadError(f"{address!r} is no address of a collector.", "It looks like https://HOST:8155.")
        self._store = store
        self._address = f"{address.rstrip('/')}/v1/records"
        self._token = token
        self._consent: Consent = consent
        self._client = client
        self._redactor = Redactor()
        self._mark = store.with_name(f"{store.name}.uploaded.json")

    def upload(self, is_stopped: Callable[[], bool] = lambda: False) -> Uploaded:
        """Send batch after batch until nothing is left. Raises `UploadError` and `StoreError`; what was sent until then
        is not sent again."""
        sent = refused = 0
        size = BATCH
        if self._consent == "off" or not self._store.is_file():
            return Uploaded(0, 0)
        with Store(self._store, create=False) as store:
            identity = store.identity
            revision = self._revision(identity, store.revision)
            while not is_stopped() and (changed := store.changed_since(revision, size)):
                outcome = self._send(changed)
                if outcome is None:  # too large
                    if len(changed) > 1:
                        size = max(1, len(changed) // 2)
                        continue
                    logger.warning(event("upload", record=changed[0][1].id, refused="too large"))
                    outcome = 1
                refused += outcome
                sent += len(changed) - outcome
                revision = changed[-1][0]
                self._note(identity, revision)
                size = min(size * 2, BATCH)
        return Uploaded(sent, refused)

    def _send(self, changed: list[tuple[int, Record]]) -> int | None:
        """Send one batch; how many of it were refused for good, or `None` if it is too large."""
        lines = [self._line(revision, record) for revision, record in changed]
        refused = 0
        while lines:
            answer = self._post(b"\n".join(lines))
            if answer.status_code == 200:
                return refused
            if answer.status_code == 413:
                return None
            faulty = _faulty_lines(answer) & set(range(1, len(lines) + 1)) if answer.status_code in (400, 422) else ()
            if not faulty:
                raise _failure(answer)
            logger.warning(event("upload", refused=len(faulty), because=_message(answer)))
            lines = [line for number, line in enumerate(lines, start=1) if number not in faulty]
            refused += len(faulty)
        return refused

    def _line(self, revision: int, record: Record) -> bytes:
        narrower: Consent = "metrics" if "metrics" in (self._consent, record.consent) else "context"
        allowed = permitted(record, narrower, self._redactor)
        assert allowed is not None  # neither consent is `off`
        return b'{"revision":%d,"record":%s}' % (revision, to_json(allowed))

    def _post(self, body: bytes) -> "httpx.Response":
        import httpx

        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/x-ndjson",
            "Content-Encoding": "gzip",
        }
        try:
            return self._client.post(
                self._address, content=gzip.compress(body, 6, mtime=0), headers=headers, timeout=TIMEOUT_S
            )
        except httpx.HTTPError as error:
            raise UploadError(f"The collector cannot be reached: {type(error).__name__}.") from error

    def _revision(self, identity: int, last: int) -> int:
        """Up to where this store was sent to this address; `last` is its own last revision."""
        try:
            noted = json.loads(self._mark.read_bytes())
            # A store that took another's place has none of what was sent; older marks do not say whose they are.
            is_ours = noted["address"] == self._address and noted.get("store", identity) == identity
            revision = int(noted["revision"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0
        return revision if is_ours and revision <= last else 0

    def _note(self, identity: int, revision: int) -> None:
        text = json.dumps({"address": self._address, "store": identity, "revision": revision})
        try:
            write_atomically(self._mark, text.encode())
        except OSError as error:
            raise StoreError(f"{self._mark} cannot be written: {error.strerror}.") from error


class UploadThread:
    """Uploads now and then for as long as a server runs; failures wait longer each time, and nobody waits for them."""

    def __init__(
        self,
        uploader: Uploader,
        warn: Callable[[str], None],
        *,
        period_s: float = PERIOD_S,
        back_off_s: tuple[float, float] = BACK_OFF_S,
    ) -> None:
        """`warn` is called from the thread with a sentence for the user, once in a row of failures."""
        self._uploader = uploader
        self._warn = warn
        self._period_s = period_s
        self._back_off_s = back_off_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="telemetry-upload", daemon=True)
        self._thread.start()

    def close(self, timeout_s: float = 2.0) -> None:
        """End; what was not sent is sent by the next server. Waits for a batch under way no longer than this."""
        self._stopped.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            wait_s = self._period_s
            try:
                done = self._uploader.upload(self._stopped.is_set)
                failures = 0
                if done.sent or done.refused:
                    logger.info(event("upload", sent=done.sent, refused=done.refused))
            except Exception as error:  # noqa: BLE001 - uploading may never cost more than the upload
                failures += 1
                if failures == 1:
                    self._warn(f"Telemetry waits to be uploaded: {error}")
                wait_s = self._wait_s(failures, getattr(error, "retry_after_s", None))
            self._stopped.wait(wait_s)

    def _wait_s(self, failures: int, wished_s: float | None) -> float:
        """Twice as long each time, and not all at the same moment when a collector comes back."""
        shortest, longest = self._back_off_s
        wait_s = min(shortest * 2 ** min(failures - 1, 20), longest) * (0.5 + random())
        return max(wait_s, min(wished_s or 0.0, longest))


def start_uploads(
    store: Path, address: str, consent: Consent, environment: Mapping[str, str], warn: Callable[[str], None]
) -> UploadThread | None:
    """A thread that uploads `store`, if an address is set and something is recorded; else `None`, with a warning if a
    token is missing or the address is none."""
    if not address or consent == "off":
        return None
    token = environment.get(TOKEN_VARIABLE, "")
    if not token:
        warn(f"Telemetry is not uploaded: {TOKEN_VARIABLE} holds no token for {urlsplit(address).hostname}.")
        return None
    import httpx

    try:
        return UploadThread(Uploader(store, address, token, consent, httpx.Client()), warn)
    except UploadError as error:
        warn(f"Telemetry is not uploaded: {error.message} {error.hint}")
        return None


def _faulty_lines(answer: "httpx.Response") -> set[int]:
    lines = _error(answer).get("lines")
    return {entry["line"] for entry in lines if isinstance(entry, dict)} if isinstance(lines, list) else set()


def _error(answer: "httpx.Response") -> dict[str, Any]:
    try:
        value = answer.json()
    except ValueError:
        return {}
    error = value.get("error") if isinstance(value, dict) else None
    return error if isinstance(error, dict) else {}


def _message(answer: "httpx.Response") -> str:
    return str(_error(answer).get("message", f"status {answer.status_code}"))[:200]


def _failure(answer: "httpx.Response") -> UploadError:
    wished = answer.headers.get("retry-after", "")
    hint = f"Is {TOKEN_VARIABLE} right?" if answer.status_code in (401, 403) else ""
    return UploadError(
        f"The collector said no: {_message(answer)}", hint, float(wished) if wished.isdecimal() else None
    )
