"""A model behind an OpenAI-compatible server (vLLM, llama.cpp, TGI, Ollama, ...) as a `Generator`."""

from time import perf_counter

from models.backends.openai_candidates import write_candidates
from models.backends.openai_demands import text_compiler
from models.backends.openai_exchange import Exchange
from models.backends.openai_http import Server
from models.backends.openai_requests import Requests
from models.backends.openai_turns import Turns
from models.catalog.entry import ModelEntry, RemoteSource
from models.decoding.cancellation import NEVER, Cancellation, Deadline
from models.decoding.constraint import Guide
from models.decoding.generation import DecodingParameters, Generation, OnText, StopRule, Timings
from models.decoding.stopping import Stops
from models.errors import ModelError
from models.prompting.prompt import ChatPrompt, Prompt

PROMPT_TOKENS = 4096
"""A server's GPU reads this in a fraction of a second, and remembers most of it from one keystroke to the next."""


class RemoteGenerator:
    """Implements `Generator`. For one thread at a time."""

    def __init__(self, entry: ModelEntry, *, prompt_tokens: int = PROMPT_TOKENS) -> None:
        """Connects to nothing yet. Completion prompts are cut to about `prompt_tokens`.

        Raises `ModelError` for an impossible URL, and where the environment does not have the key.
        """
        if not isinstance(entry.source, RemoteSource):
            raise ModelError(f"{entry.name} is not on a server.", "Load it as a local model.")
        self._entry = entry
        self._source = entry.source
        self._server = Server(entry.source)
        self._requests = Requests(entry, entry.source, prompt_tokens)
        self._turns = Turns(entry.source.structured_output)
        self._compiler = text_compiler()
        self._version = ""

    @property
    def name(self) -> str:
        return self._entry.name

    @property
    def fingerprint(self) -> str:
        """The server's URL, its name for the model and, after a first answer, what it says of its version."""
        return " ".join(filter(None, (self._server.url, self._source.model, self._version)))

    def generate(
        self,
        prompt: Prompt | ChatPrompt,
        parameters: DecodingParameters,
        *,
        stop: StopRule | None = None,
        guide: Guide | None = None,
        cancellation: Cancellation = NEVER,
        on_text: OnText | None = None,
    ) -> Generation:
        """See `Generator`. Cancelling hangs up at once. Log-probabilities and counts are those the server tells."""
        begun = perf_counter()
        exchange = self._exchange(prompt, parameters, stop, guide, cancellation)
        candidates = write_candidates(exchange, on_text)
        ended, counts = perf_counter(), exchange.counts
        first = counts.first_piece or ended
        self._version = counts.version
        return Generation(
            candidates=candidates,
            prompt_tokens=counts.prompt_tokens,
            reused_tokens=counts.reused_tokens,
            forward_passes=counts.pieces,
            timings_ms=Timings(prefill=(first - begun) * 1000, decode=(ended - first) * 1000),
            interventions=counts.interventions(),
        )

    def warm(self, prompt: Prompt, cancellation: Cancellation = NEVER) -> None:
        """Let the server read `prompt`, which it remembers if it caches prefixes."""
        parameters = DecodingParameters(max_tokens=1, heal=False)
        write_candidates(self._exchange(prompt, parameters, None, None, cancellation), None)

    def close(self) -> None:
        self._server.close()

    def _exchange(
        self,
        prompt: Prompt | ChatPrompt,
        parameters: DecodingParameters,
        stop: StopRule | None,
        guide: Guide | None,
        cancellation: Cancellation,
    ) -> Exchange:
        return Exchange(
            server=self._server,
            requests=self._requests,
            turns=self._turns,
            compiler=self._compiler,
            stop_tokens=self._entry.stop_tokens,
            prompt=prompt,
            parameters=parameters,
            stops=Stops(parameters, stop),
            guide=guide,
            cancellation=Deadline(cancellation, parameters.max_time_ms),
        )
