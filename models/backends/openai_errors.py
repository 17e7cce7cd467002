"""What goes wrong with a completion server, in the words of the person who can mend it.

Every sentence names the server's URL (without a password) and never holds the key.
"""

import json
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from models.catalog.entry import RemoteSource
from models.errors import ModelError

if TYPE_CHECKING:
    import httpx

LOG = "Look at the server's log."


class RefusedError(ModelError):
    """The server answered, and said no; `status` and `said` are for callers who can ask for less."""

    def __init__(self, message: str, hint: str, status: int, said: str) -> None:
        super().__init__(message, hint)
        self.status = status
        self.said = said


@dataclass(frozen=True)
class Complaints:
    """Turns refusals and broken connections into errors for one server."""

    url: str
    """Without a password."""
    model: str
    key_name: str
    """The environment variable that holds the key; empty if there is none."""
    key: str = field(default="", repr=False)

    def refused(self, status: int, body: str, wait_s: float | None, names: Sequence[str]) -> RefusedError:
        """For an answer other than 200. `names` are the models that the server says it has."""
        said = self.clean(_said(body))
        message, hint = f"{self.url} answers {status}{f': {said}' if said else ''}.", LOG
        if status in (401, 403):
            hint = (
                f"Is the key in ${self.key_name} right?"
                if self.key
                else "It wants a key: name its variable, api_key_env."
            )
        elif unknown_model(status, said):
            message = f"{self.url} does not know the model '{self.model}'"
            message += "." if names else ", or the URL is wrong."
            hint = f"It has {', '.join(names[:8])}." if names else "Most URLs end in /v1."
            if self.model in names:
                message, hint = (
                    f"{self.url} does not complete text with '{self.model}'.",
                    "Choose another of its models.",
                )
        elif status == 429:
            hint = f"Try again in {wait_s:.0f} s." if wait_s else "Try again later, or use another model."
        elif 300 <= status < 400:
            hint = "It has moved: mend the model's URL."
        return RefusedError(message, hint, status, said)

    def unreachable(self, error: "httpx.HTTPError") -> ModelError:
        """For an exchange that did not come to its end."""
        import httpx

        reason = self.clean(str(error)) or "no connection"
        if _is_about_certificates(error):
            return ModelError(
                f"The certificate of {self.url} is not trusted: {reason}.",
                "Name its authority's file in SSL_CERT_FILE.",
            )
        if isinstance(error, httpx.ReadTimeout):
            return ModelError(f"{self.url} has been silent for too long.", "Is the server overloaded?")
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError):
            return ModelError(
                f"No server answers at {self.url}: {reason}.", "Start it, mend the model's URL, or use another model."
            )
        return ModelError(f"The connection to {self.url} broke: {reason}.", f"Try again. {LOG}")

    def said_nothing(self) -> RefusedError:
        """For an answer without a word; llama-cpp-python's server so refuses a prompt that is too long for it."""
        return RefusedError(
            f"{self.url} answered without a word.",
            "Is its context as long as the entry's context_length says? Look at its log.",
            200,
            "too long?",
        )

    def broke_off(self) -> ModelError:
        return ModelError(f"{self.url} broke off in the middle of an answer.", f"Try again. {LOG}")

    def garbage(self, data: str) -> ModelError:
        return ModelError(
            f"{self.url} does not answer as a completion server does, but with {self.clean(data)[:60]!r}.",
            "Is the URL that of an OpenAI-compatible server? Most end in /v1.",
        )

    def failed(self, error: Any) -> ModelError:
        """For an error that the server reports in the middle of an answer."""
        return ModelError(f"{self.url} failed: {self.clean(_message(error))}.", LOG)

    def clean(self, text: str) -> str:
        """`text` as one line without the key and without a full stop, 200 characters at most."""
        text = text.replace(self.key, "***") if self.key else text
        line = " ".join(text.split())
        return (line if len(line) <= 200 else f"{line[:199]}…").rstrip(".")


def unknown_model(status: int, said: str) -> bool:
    """Whether a refusal is about the model's name (or the path)."""
    return status == 404 or (status == 400 and "model" in said and ("not exist" in said or "not found" in said))


def bad_url(source: RemoteSource) -> ModelError:
    return ModelError(f"'{source.url}' is no URL of a server.", "It begins with http:// or https://; most end in /v1.")


def missing_key(source: RemoteSource) -> ModelError:
    return ModelError(
        f"The environment variable {source.api_key_env}, which should hold the key for {source.model}, is not set.",
        "Set it where the editor or the shell is started.",
    )


def _said(body: str) -> str:
    """The server's own words in an answer that is a refusal: JSON in one of the usual shapes, or plain text."""
    try:
        return _message(json.loads(body))
    except ValueError:
        return "" if body.lstrip().startswith("<") else body  # a proxy's error page helps nobody


def _message(parsed: Any) -> str:
    """From `{"error": {"message"}}` (OpenAI, vLLM), `{"error"}` (TGI), `{"message"}`, `{"detail"}` (FastAPI)."""
    for key in ("error", "message", "detail"):
        if isinstance(parsed, dict) and key in parsed:
            return _message(parsed[key])
    return parsed if isinstance(parsed, str) else json.dumps(parsed)


def _is_about_certificates(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
