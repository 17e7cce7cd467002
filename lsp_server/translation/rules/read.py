"""A file into the language between languages, unit by unit, by the reader of its language."""

from lsp_server.languages import Language
from lsp_server.translation.comments import split_comment
from lsp_server.translation.outline import SourceOutline, Unit
from lsp_server.translation.rules.read_c_family import read_c_family, read_c_statements
from lsp_server.translation.rules.read_python import PythonReader
from lsp_server.translation.rules.tree import Piece, Program, Unsupported

C_FAMILY = ("javascript", "typescript", "java", "cpp", "c", "csharp")


def read_program(outline: SourceOutline) -> Program:
    """Every unit that a reader reaches."""
    program = Program()
    for unit in outline.units:
        try:
            piece = _read(unit, outline)
        except (Unsupported, RecursionError) as error:
            program.faults[unit.name] = str(error)
        else:
            if piece is not None:
                program.pieces[unit.name] = piece
    return program


def _read(unit: Unit, outline: SourceOutline) -> Piece | None:
    language = outline.language
    _, code = split_comment(unit.text, language)
    if not code.strip():
        return None
    if language.id == "python":
        classes = [other.name for other in outline.units if other.kind == "type"]
        helpers = [other.name for other in outline.units if other.kind == "function" and other.owner]
        return PythonReader(classes, helpers).read(code, unit.kind)
    if language.id in C_FAMILY:
        return _of_c_family(code, unit, outline.language)
    raise Unsupported(language.name)


def _of_c_family(code: str, unit: Unit, language: Language) -> Piece:
    if unit.kind == "statements":
        return read_c_statements(code, language)
    if unit.kind == "function":
        return read_c_family(code, language)
    raise Unsupported("a class in another language than Python")
