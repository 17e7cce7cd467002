-- The server's settings with their defaults, written by `python -m scripts.document_settings`.
-- What a user sets goes into the option `settings` of `setup`, nested in the same way.

return {
  model = {
    -- A name from `dragoman models list`, the path of a GGUF file or a converted folder, or the URL of an OpenAI-compatible server.
    name = "smollm2-135m",
    -- Where it runs; `auto` takes a CUDA GPU if ONNX Runtime can use one, else the CPU.
    device = "auto",
    -- CPU threads of the model; 0 is one per physical core.
    threads = 0,
  },
  completion = {
    -- Suggest while typing. Without it only a key press asks for suggestions.
    automatic = true,
    -- Language ids, as the editor names them, in which nothing is suggested while typing.
    disabledLanguages = {},
    -- How far a suggestion reaches: the rest of the line, the rest of the block, or whichever the syntax at the cursor asks for.
    extent = "auto",
    -- Tokens of a suggestion that ends with its line.
    maxLineTokens = 64,
    -- Tokens of a suggestion that ends with its block.
    maxBlockTokens = 128,
    -- Time for a suggestion while typing; what is written by then is shown.
    maxAutomaticTimeMs = 1500,
    -- Time for all suggestions that a key press asked for.
    maxInvokedTimeMs = 6000,
    -- Different suggestions when asked by a key press.
    invokedCandidates = 3,
    -- Hold back suggestions while typing whose mean token probability is lower.
    minConfidence = 0.0,
    -- Before the model is asked, a pause in typing is waited for, as long as the typing rhythm tells but no longer than this; 0 asks at once.
    maxDebounceMs = 400,
    -- While idle, work out what would follow if the suggestion on the screen were accepted.
    prefetch = true,
    -- While idle, let the model read the code before the cursor, so that the next suggestion comes sooner.
    warm = true,
    -- Whether the suggestion also appears in the editor's completion list; `auto`: if the editor has no inline completion. Read once, when the editor connects.
    completionList = "auto",
  },
  context = {
    -- Read related pieces of other files: of those that are or were open, and what the imports lead to.
    crossFile = true,
    -- Characters of such pieces in a prompt.
    maxChars = 2000,
  },
  monitors = {
    -- Watch what the model writes. Without it nothing is analysed.
    enabled = true,
    -- Names of the monitors to use; empty is all of them.
    only = {},
    -- How long an analysis may take from the place that it is about; what comes later is left out.
    budgetMs = 250,
    -- Who analyses Python; `auto` takes the best one that is installed, and jedi is always there.
    pythonAnalyser = "auto",
    -- The Python interpreter whose packages the workspace imports; empty: its own environment, or the active one.
    python = "",
    -- SQL schema files, SQLite databases or PostgreSQL addresses, for SQL in strings; relative to the workspace.
    schemas = {},
    -- Files that say in which order an API may be called; relative to the workspace.
    typestates = {},
  },
  telemetry = {
    -- What may be recorded: nothing; sizes, times and scores without any code; or the code around the cursor as well, with secrets masked. docs/telemetry.md lists every field.
    consent = "off",
    -- Files that are never recorded, as patterns of `.gitignore`; besides what git ignores.
    exclude = { ".env*", "*.pem", "*.key", "id_rsa*", "id_ed25519*", "*secret*", "*.kdbx" },
    -- When to look what stands at the place of a request, in seconds after it.
    truthDelaysS = { 15.0, 30.0, 45.0, 90.0, 120.0, 300.0, 600.0 },
    -- The share of automatic requests, drawn at random, that are answered with nothing, to learn what is written without help.
    holdOut = 0.0,
    -- Configurations to compare: each a name, a weight, and settings to change, such as `larger 0.5 model.name=qwen2.5-coder-0.5b`; with the weight `shadow`, one that answers in the background and is never shown.
    arms = {},
    -- Draw an arm for each request, or once for each user.
    armAssignment = "request",
    -- Show automatic suggestions only if the filter that `dragoman telemetry train-filter` made expects them to be accepted.
    showFilter = false,
    -- Where a team's collector is, such as `https://HOST:8155`; records are uploaded there if the environment holds its token in `DRAGOMAN_COLLECTOR_TOKEN`. Empty: nothing leaves this machine.
    collector = "",
    -- Where to send OpenTelemetry spans of each completion's stages, such as `http://localhost:4318`; they hold times and sizes only.
    otlpEndpoint = "",
  },
  translation = {
    -- Build and run translations, in the sandbox, where the editor does not say whether the workspace is trusted.
    run = false,
    -- The model that translates, named as in `dragoman.model.name`; empty is the one that completes.
    model = "",
    -- How the model is asked: examples that it goes on from, or a conversation; `auto` asks the default model the first way, and models with a chat template or behind a server the second.
    prompt = "auto",
    -- Examples of translations in the prompt; the default model gains nothing by them (docs/translation.md).
    demonstrations = 0,
    -- Candidates that are drawn after the most probable one, while none is verified.
    samples = 3,
    -- Rounds of repair, each with the message of the compiler or the test.
    rounds = 1,
    -- Try the rule-based translators before the model.
    rules = true,
    -- Keep what the model writes in the target language's syntax.
    constrained = true,
    -- After so many seconds no further candidate of a function is begun.
    maxTimeS = 120,
  },
  log = {
    -- The least serious events that are written.
    level = "info",
  },
}
