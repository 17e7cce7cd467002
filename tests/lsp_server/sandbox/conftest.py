"""Every sandbox that this machine can make."""

from typing import cast, get_args

import pytest

from lsp_server.sandbox.job import Job
from lsp_server.sandbox.sandbox import Sandbox, SandboxUnavailable, Walls


@pytest.fixture(params=get_args(Walls))
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    sandbox = Sandbox(cast("Walls", request.param))
    try:
        sandbox.run(Job({}, ()))
    except SandboxUnavailable as error:
        pytest.skip(f"this machine forbids it: {error}")
    return sandbox
