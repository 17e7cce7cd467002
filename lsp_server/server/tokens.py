"""The token for progress that came with the request that is being handled; pygls does not hand it to commands."""

from contextvars import ContextVar

Token = int | str

work_done_token: ContextVar[Token | None] = ContextVar("work_done_token", default=None)
"""`None` outside of a request, and where the client sent none."""
