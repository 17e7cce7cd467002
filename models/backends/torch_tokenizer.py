"""The tokenizer of a folder of the hub, or of a GGUF file, whatever files it is spread over."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.backends.torch_library import import_library
from models.catalog.entry import ModelEntry, split_sentinels
from models.errors import ModelError
from models.tokenization.tokenizer import Tokenizer

if TYPE_CHECKING:
    from tokenizers import Tokenizer as Inner

TOKENIZER_FILE = "tokenizer.json"


def load_tokenizer(location: Path, entry: ModelEntry) -> Tokenizer:
    """Read `tokenizer.json`; older models spread theirs over several files, which transformers puts together.

    Raises `ModelError` when there is none that can be read.
    """
    if location.is_file():
        from models.conversion.gguf_tokenizer import read_tokenizer
        from models.conversion.gguf_weights import GgufFile

        return _with_sentinels(read_tokenizer(GgufFile(location)), entry)
    file = location / TOKENIZER_FILE
    return _with_sentinels(_read(file) if file.is_file() else _assemble(location), entry)


def _read(file: Path) -> "Inner":
    from tokenizers import Tokenizer as Inner

    try:
        return Inner.from_file(str(file))
    except Exception as error:  # the library raises bare `Exception`
        raise ModelError(f"{file} cannot be read: {error}.", "Remove the model and add it again.") from error


def _assemble(folder: Path) -> "Inner":
    try:
        made: Any = import_library().transformers.AutoTokenizer.from_pretrained(str(folder), trust_remote_code=False)
        return made.backend_tokenizer
    except ModelError:
        raise
    except Exception as error:  # whatever the files made it raise
        reason = " ".join(str(error).split())[:200]
        raise ModelError(f"{folder} has no tokenizer that can be read: {reason}", "Is the folder whole?") from error


def _with_sentinels(inner: "Inner", entry: ModelEntry) -> Tokenizer:
    """Sentinels that are in the vocabulary but not among its special tokens become special (UniXcoder's)."""
    rows = [entry.fim.prefix, entry.fim.suffix, entry.fim.middle] if entry.fim else []
    rows += [entry.begin, entry.end, entry.decoder_begin, entry.repository_separator, entry.file_separator]
    sentinels = [sentinel for row in (*rows, *entry.stop_tokens) for sentinel in split_sentinels(row)]
    known = [name for name in dict.fromkeys(sentinels) if len(name) > 1 and inner.token_to_id(name) is not None]
    inner.add_special_tokens(known)
    return Tokenizer(inner, known)
