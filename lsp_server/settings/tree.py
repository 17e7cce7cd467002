"""Every setting there is, with its default, its limits and what it does. The documentation and the editors' schemas are
made from this.

A setting's name carries its unit. `workspace=True` marks what a `dragoman.toml` inside a folder may set: such a file
comes with code that was written by others, so it may tune completion, but it can never choose a model, a server or a
path.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from models.catalog import DEFAULT_MODEL


def setting(
    default: Any, *, minimum: float | None = None, maximum: float | None = None, workspace: bool = False
) -> Any:
    """A field with its inclusive limits, and whether a `dragoman.toml` may set it."""
    return field(default=default, metadata={"minimum": minimum, "maximum": maximum, "workspace": workspace})


@dataclass(frozen=True)
class ModelSettings:
    """Which model writes, and on what."""

    name: str = setting(DEFAULT_MODEL)
    """A name from `dragoman models list`, the path of a GGUF file or a converted folder, or the URL of an
    OpenAI-compatible server."""
    device: Literal["auto", "cpu", "cuda"] = setting("auto")
    """Where it runs; `auto` takes a CUDA GPU if ONNX Runtime can use one, else the CPU."""
    threads: int = setting(0, minimum=0, maximum=256)
    """CPU threads of the model; 0 is one per physical core."""


@dataclass(frozen=True)
class CompletionSettings:
    """What is suggested, when, and how much of it."""

    automatic: bool = setting(True, workspace=True)
    """Suggest while typing. Without it only a key press asks for suggestions."""
    disabled_languages: tuple[str, ...] = setting((), workspace=True)
    """Language ids, as the editor names them, in which nothing is suggested while typing."""
    extent: Literal["auto", "line", "block"] = setting("auto", workspace=True)
    """How far a suggestion reaches: the rest of the line, the rest of the block, or whichever the syntax at the cursor
    asks for."""
    max_line_tokens: int = setting(64, minimum=1, maximum=512, workspace=True)
    """Tokens of a suggestion that ends with its line."""
    max_block_tokens: int = setting(128, minimum=1, maximum=1024, workspace=True)
    """Tokens of a suggestion that ends with its block."""
    max_automatic_time_ms: int = setting(1500, minimum=50, maximum=60_000, workspace=True)
    """Time for a suggestion while typing; what is written by then is shown."""
    max_invoked_time_ms: int = setting(6000, minimum=50, maximum=120_000, workspace=True)
    """Time for all suggestions that a key press asked for."""
    invoked_candidates: int = setting(3, minimum=1, maximum=3, workspace=True)
    """Different suggestions when asked by a key press."""
    min_confidence: float = setting(0.0, minimum=0, maximum=1, workspace=True)
    """Hold back suggestions while typing whose mean token probability is lower."""
    max_debounce_ms: int = setting(400, minimum=0, maximum=5000, workspace=True)
    """Before the model is asked, a pause in typing is waited for, as long as the typing rhythm tells but no longer than
    this; 0 asks at once."""
    prefetch: bool = setting(True, workspace=True)
    """While idle, work out what would follow if the suggestion on the screen were accepted."""
    warm: bool = setting(True, workspace=True)
    """While idle, let the model read the code before the cursor, so that the next suggestion comes sooner."""
    completion_list: Literal["auto", "always", "never"] = setting("auto")
    """Whether the suggestion also appears in the editor's completion list; `auto`: if the editor has no inline
    completion. Read once, when the editor connects."""


@dataclass(frozen=True)
class ContextSettings:
    """What the model reads besides the code around the cursor."""

    cross_file: bool = setting(True, workspace=True)
    """Read related pieces of other files: of those that are or were open, and what the imports lead to."""
    max_chars: int = setting(2000, minimum=200, maximum=20_000, workspace=True)
    """Characters of such pieces in a prompt."""


@dataclass(frozen=True)
class TelemetrySettings:
    """What is recorded of completions, on this machine."""

    consent: Literal["off", "metrics", "context"] = setting("off")
    """What may be recorded: nothing; sizes, times and scores without any code; or the code around the cursor as well,
    with secrets masked. docs/telemetry.md lists every field."""
    exclude: tuple[str, ...] = setting((".env*", "*.pem", "*.key", "id_rsa*", "id_ed25519*", "*secret*", "*.kdbx"))
    """Files that are never recorded, as patterns of `.gitignore`; besides what git ignores."""
    truth_delays_s: tuple[float, ...] = setting((15.0, 30.0, 45.0, 90.0, 120.0, 300.0, 600.0))
    """When to look what stands at the place of a request, in seconds after it."""
    hold_out: float = setting(0.0, minimum=0, maximum=0.5)
    """The share of automatic requests, drawn at random, that are answered with nothing, to learn what is written
    without help."""
    arms: tuple[str, ...] = setting(())
    """Configurations to compare: each a name, a weight, and settings to change, such as
    `larger 0.5 model.name=qwen2.5-coder-0.5b`; with the weight `shadow`, one that answers in the background and is
    never shown."""
    arm_assignment: Literal["request", "user"] = setting("request")
    """Draw an arm for each request, or once for each user."""
    show_filter: bool = setting(False)
    """Show automatic suggestions only if the filter that `dragoman telemetry train-filter` made expects them to be
    accepted."""
    collector: str = setting("")
    """Where a team's collector is, such as `https://HOST:8155`; records are uploaded there if the environment holds its
    token in `DRAGOMAN_COLLECTOR_TOKEN`. Empty: nothing leaves this machine."""
    otlp_endpoint: str = setting("")
    """Where to send OpenTelemetry spans of each completion's stages, such as `http://localhost:4318`; they hold times
    and sizes only."""


@dataclass(frozen=True)
class MonitoringSettings:
    """Static analysis that keeps the model from naming what does not exist."""

    enabled: bool = setting(True, workspace=True)
    """Watch what the model writes. Without it nothing is analysed."""
    only: tuple[str, ...] = setting((), workspace=True)
    """Names of the monitors to use; empty is all of them."""
    budget_ms: int = setting(250, minimum=10, maximum=10_000, workspace=True)
    """How long an analysis may take from the place that it is about; what comes later is left out."""
    python_analyser: Literal["auto", "jedi", "zuban", "ty", "pyrefly", "basedpyright"] = setting("auto")
    """Who analyses Python; `auto` takes the best one that is installed, and jedi is always there."""
    python: str = setting("")
    """The Python interpreter whose packages the workspace imports; empty: its own environment, or the active one."""
    schemas: tuple[str, ...] = setting(())
    """SQL schema files, SQLite databases or PostgreSQL addresses, for SQL in strings; relative to the workspace."""
    typestates: tuple[str, ...] = setting(())
    """Files that say in which order an API may be called; relative to the workspace."""


@dataclass(frozen=True)
class TranslationSettings:
    """How code is translated, and what may be done to find out whether the translation is right."""

    run: bool = setting(False)
    """Build and run translations, in the sandbox, where the editor does not say whether the workspace is trusted."""
    model: str = setting("")
    """The model that translates, named as in `dragoman.model.name`; empty is the one that completes."""
    prompt: Literal["auto", "completion", "chat"] = setting("auto")
    """How the model is asked: examples that it goes on from, or a conversation; `auto` asks the default model the first
    way, and models with a chat template or behind a server the second."""
    demonstrations: int = setting(0, minimum=0, maximum=8, workspace=True)
    """Examples of translations in the prompt; the default model gains nothing by them (docs/translation.md)."""
    samples: int = setting(3, minimum=0, maximum=50, workspace=True)
    """Candidates that are drawn after the most probable one, while none is verified."""
    rounds: int = setting(1, minimum=0, maximum=5, workspace=True)
    """Rounds of repair, each with the message of the compiler or the test."""
    rules: bool = setting(True, workspace=True)
    """Try the rule-based translators before the model."""
    constrained: bool = setting(True, workspace=True)
    """Keep what the model writes in the target language's syntax."""
    max_time_s: int = setting(120, minimum=5, maximum=3600, workspace=True)
    """After so many seconds no further candidate of a function is begun."""


@dataclass(frozen=True)
class LogSettings:
    """What is written to stderr and to the editor's log."""

    level: Literal["debug", "info", "warning", "error"] = setting("info")
    """The least serious events that are written."""


@dataclass(frozen=True)
class Settings:
    """All settings of Dragoman; the section `dragoman` of an editor's configuration."""

    model: ModelSettings = field(default_factory=ModelSettings)
    completion: CompletionSettings = field(default_factory=CompletionSettings)
    context: ContextSettings = field(default_factory=ContextSettings)
    monitors: MonitoringSettings = field(default_factory=MonitoringSettings)
    telemetry: TelemetrySettings = field(default_factory=TelemetrySettings)
    translation: TranslationSettings = field(default_factory=TranslationSettings)
    log: LogSettings = field(default_factory=LogSettings)
