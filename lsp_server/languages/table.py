"""The languages, one entry each. Everything that differs between languages and can be said as data stands here."""

from functools import lru_cache
from pathlib import PurePath

from lsp_server.languages.language import DefinitionKind, Grammar, Language


def _definitions(**kinds: str) -> tuple[tuple[str, DefinitionKind], ...]:
    """`function="a b", type="c"` as pairs of node kind and definition kind."""
    pairs: list[tuple[str, DefinitionKind]] = []
    for kind in ("function", "type", "value", "container"):
        pairs.extend((node, kind) for node in kinds.get(kind, "").split())
    return tuple(pairs)


_C_COMMENT = ("/*", "*/")
_BRACE = r"\{$"
_REGEX = r"(?<=[(,=:\[!&|?{};\n])[ \t]*/(?![/*])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/"
_CHARACTER = r"'(?:\\[^'\n]+|[^\\'\n])'"
_SHELL_WORD = r"""(?:[^\s()|;&<>'"]|"[^"]*"|'[^']*')++"""
_C_VALUES = "declaration field_declaration type_definition preproc_function_def preproc_def"

_JAVASCRIPT_DEFINITIONS = _definitions(
    function="function_declaration generator_function_declaration method_definition",
    type="class_declaration",
    value="lexical_declaration variable_declaration field_definition",
    container="export_statement",
)
_TYPESCRIPT_DEFINITIONS = _definitions(
    function="function_declaration generator_function_declaration method_definition function_signature "
    "method_signature abstract_method_signature",
    type="class_declaration abstract_class_declaration interface_declaration enum_declaration",
    value="lexical_declaration variable_declaration public_field_definition property_signature type_alias_declaration",
    container="export_statement ambient_declaration internal_module expression_statement",
)
_SCRIPT_LAMBDAS = ("arrow_function", "function_expression", "generator_function")

LANGUAGES: tuple[Language, ...] = (
    Language(
        id="python",
        name="Python",
        aliases=("py", "python3"),
        endings=(".py", ".pyi", ".pyw"),
        line_comment="#",
        long_strings=('"""', "'''"),
        block_style="indent",
        opener=r":$",
        block_continues=("else", "elif", "except", "finally", "case"),
        grammar=Grammar("tree_sitter_python"),
        definitions=_definitions(
            function="function_definition",
            type="class_definition",
            value="assignment type_alias_statement",
            container="decorated_definition expression_statement",
        ),
        lambdas=("lambda",),
    ),
    Language(
        id="java",
        name="Java",
        endings=(".java",),
        line_comment="//",
        block_comment=_C_COMMENT,
        long_strings=('"""',),
        block_style="braces",
        opener=_BRACE,
        grammar=Grammar("tree_sitter_java"),
        definitions=_definitions(
            function="method_declaration constructor_declaration compact_constructor_declaration",
            type="class_declaration interface_declaration enum_declaration record_declaration "
            "annotation_type_declaration",
            value="field_declaration constant_declaration enum_constant",
        ),
        lambdas=("lambda_expression",),
    ),
    Language(
        id="typescript",
        name="TypeScript",
        aliases=("ts",),
        endings=(".ts", ".mts", ".cts"),
        line_comment="//",
        block_comment=_C_COMMENT,
        long_strings=("`",),
        literals=_REGEX,
        block_style="braces",
        opener=_BRACE,
        grammar=Grammar("tree_sitter_typescript", "language_typescript"),
        definitions=_TYPESCRIPT_DEFINITIONS,
        lambdas=_SCRIPT_LAMBDAS,
    ),
    Language(
        id="typescriptreact",
        name="TypeScript JSX",
        aliases=("tsx",),
        endings=(".tsx",),
        line_comment="//",
        block_comment=_C_COMMENT,
        long_strings=("`",),
        literals=_REGEX,
        block_style="braces",
        opener=_BRACE,
        grammar=Grammar("tree_sitter_typescript", "language_tsx"),
        definitions=_TYPESCRIPT_DEFINITIONS,
        lambdas=_SCRIPT_LAMBDAS,
    ),
    Language(
        id="javascript",
        name="JavaScript",
        aliases=("js", "node", "ecmascript"),
        endings=(".js", ".mjs", ".cjs"),
        line_comment="//",
        block_comment=_C_COMMENT,
        long_strings=("`",),
        literals=_REGEX,
        block_style="braces",
        opener=_BRACE,
        grammar=Grammar("tree_sitter_javascript"),
        definitions=_JAVASCRIPT_DEFINITIONS,
        lambdas=_SCRIPT_LAMBDAS,
    ),
    Language(
        id="javascriptreact",
        name="JavaScript JSX",
        aliases=("jsx",),
        endings=(".jsx",),
        line_comment="//",
        block_comment=_C_COMMENT,
        long_strings=("`",),
        literals=_REGEX,
        block_style="braces",
        opener=_BRACE,
        grammar=Grammar("tree_sitter_javascript"),
        definitions=_JAVASCRIPT_DEFINITIONS,
        lambdas=_SCRIPT_LAMBDAS,
    ),
    Language(
        id="php",
        name="PHP",
        endings=(".php", ".phtml", ".inc"),
        line_comment="//",
        block_comment=_C_COMMENT,
        block_style="braces",
        opener=_BRACE,
        grammar=Grammar("tree_sitter_php", "language_php"),
        definitions=_definitions(
            function="function_definition method_declaration",
            type="class_declaration interface_declaration trait_declaration enum_declaration",
            value="property_declaration const_declaration enum_case",
            container="namespace_definition",
        ),
        lambdas=("anonymous_function", "arrow_function"),
    ),
    Language(
        id="ruby",
        name="Ruby",
        aliases=("rb",),
        endings=(".rb", ".rake", ".gemspec", "rakefile", "gemfile"),
        line_comment="#",
        block_style="end",
        opener=r"^(?!.*\bend$)(?:def|class|module|if|unless|while|until|for|case|begin|when|else|elsif|rescue|ensure)\b"
        r"(?!.*\bthen\s+\S)|\b(?:do|begin)(?:\s*\|[^|]*\|)?$|\{(?:\s*\|[^|]*\|)?$|=\s*(?:if|unless|case|begin)\b.*$",
        block_ends=("end", "}"),
        block_continues=("else", "elsif", "rescue", "ensure", "when", "in"),
        grammar=Grammar("tree_sitter_ruby"),
        definitions=_definitions(
            function="method singleton_method", type="class module singleton_class", value="assignment"
        ),
        lambdas=("lambda",),
    ),
    Language(
        id="cpp",
        name="C++",
        aliases=("c++", "cxx", "cc"),
        endings=(".cpp", ".cc", ".cxx", ".c++", ".hpp", ".hh", ".hxx", ".h++", ".ipp", ".tpp", ".inl", ".cu", ".cuh"),
        line_comment="//",
        block_comment=_C_COMMENT,
        block_style="braces",
        opener=_BRACE,
        grammar=Grammar("tree_sitter_cpp"),
        definitions=_definitions(
            function="function_definition",
            type="class_specifier struct_specifier union_specifier enum_specifier concept_definition",
            value=_C_VALUES + " alias_declaration",
            container="namespace_definition template_declaration linkage_specification preproc_ifdef preproc_if "
            "preproc_else declaration_list",
        ),
        lambdas=("lambda_expression",),
    ),
    Language(
        id="rust",
        name="Rust",
        aliases=("rs",),
        endings=(".rs",),
        line_comment="//",
        block_comment=_C_COMMENT,
        strings=('"',),
        literals=_CHARACTER,
        block_style="braces",
        opener=_BRACE,
        grammar=Grammar("tree_sitter_rust"),
        definitions=_definitions(
            function="function_item function_signature_item macro_definition",
            type="struct_item enum_item trait_item impl_item union_item",
            value="const_item static_item type_item field_declaration enum_variant",
            container="mod_item foreign_mod_item",
        ),
        lambdas=("closure_expression",),
    ),
    Language(
        id="csharp",
        name="C#",
        aliases=("c#", "cs", "c-sharp", "c_sharp"),
        endings=(".cs", ".csx"),
        line_comment="//",
        block_comment=_C_COMMENT,
        raw_strings=(('@"', '"'), ('@$"', '"'), ('$@"', '"')),
        long_strings=('"""',),
        block_style="braces",
        opener=_BRACE,
        grammar=Grammar("tree_sitter_c_sharp"),
        definitions=_definitions(
            function="method_declaration constructor_declaration destructor_declaration operator_declaration "
            "conversion_operator_declaration indexer_declaration delegate_declaration local_function_statement",
            type="class_declaration interface_declaration struct_declaration record_declaration enum_declaration",
            value="field_declaration property_declaration event_field_declaration event_declaration "
            "enum_member_declaration",
            container="namespace_declaration file_scoped_namespace_declaration",
        ),
        lambdas=("lambda_expression", "anonymous_method_expression"),
    ),
    Language(
        id="go",
        name="Go",
        aliases=("golang",),
        endings=(".go",),
        line_comment="//",
        block_comment=_C_COMMENT,
        raw_strings=(("`", "`"),),
        block_style="braces",
        opener=_BRACE,
        grammar=Grammar("tree_sitter_go"),
        definitions=_definitions(
            function="function_declaration method_declaration method_elem",
            type="type_spec type_alias",
            value="const_spec var_spec field_declaration",
            container="type_declaration const_declaration var_declaration var_spec_list",
        ),
        lambdas=("func_literal",),
    ),
    Language(
        id="c",
        name="C",
        endings=(".c", ".h"),
        line_comment="//",
        block_comment=_C_COMMENT,
        block_style="braces",
        opener=_BRACE,
        grammar=Grammar("tree_sitter_c"),
        definitions=_definitions(
            function="function_definition",
            type="struct_specifier union_specifier enum_specifier",
            value=_C_VALUES,
            container="linkage_specification preproc_ifdef preproc_if preproc_else declaration_list",
        ),
    ),
    Language(
        id="scala",
        name="Scala",
        aliases=("sc",),
        endings=(".scala", ".sc", ".sbt"),
        line_comment="//",
        block_comment=_C_COMMENT,
        strings=('"',),
        long_strings=('"""',),
        literals=_CHARACTER,
        block_style="braces",
        opener=r"\{(?:\s*[\w, ()]+\s*=>)?$|=$|\bthen$|:$|\bmatch$",
        grammar=Grammar("tree_sitter_scala"),
        definitions=_definitions(
            function="function_definition function_declaration",
            type="class_definition object_definition trait_definition enum_definition",
            value="val_definition val_declaration var_definition var_declaration type_definition",
            container="package_clause package_object extension_definition template_body",
        ),
        lambdas=("lambda_expression",),
    ),
    Language(
        id="kotlin",
        name="Kotlin",
        aliases=("kt",),
        endings=(".kt", ".kts"),
        line_comment="//",
        block_comment=_C_COMMENT,
        long_strings=('"""',),
        block_style="braces",
        opener=r"\{(?:\s*[\w, ()]+\s*->)?$",
        grammar=Grammar("tree_sitter_kotlin"),
        definitions=_definitions(
            function="function_declaration secondary_constructor",
            type="class_declaration object_declaration companion_object",
            value="property_declaration enum_entry type_alias",
        ),
        lambdas=("lambda_literal", "anonymous_function"),
    ),
    Language(
        id="lua",
        name="Lua",
        endings=(".lua",),
        line_comment="--",
        block_comment=("--[[", "]]"),
        block_style="end",
        opener=r"\bfunction\b[^()]*\([^()]*\)$|\b(?:then|do|else|repeat)$",
        block_ends=("end", "until"),
        block_continues=("else", "elseif"),
        grammar=Grammar("tree_sitter_lua"),
        definitions=_definitions(function="function_declaration", value="variable_declaration assignment_statement"),
        lambdas=("function_definition",),
    ),
    Language(
        id="shellscript",
        name="Shell",
        aliases=("shell", "bash", "sh", "zsh", "ksh"),
        endings=(".sh", ".bash", ".zsh", ".ksh", ".bats"),
        line_comment="#",
        strings=(),
        long_strings=('"',),
        raw_strings=(("'", "'"),),
        block_style="end",
        opener=r"\b(?:then|do|else)$|\{$|\bin$|^[^()\s]+\)$",
        block_ends=("fi", "done", "esac", "}", ";;"),
        block_continues=("else", "elif"),
        grammar=Grammar("tree_sitter_bash"),
        unpaired=rf"(?:.*(?:;[;&]&?|\bin\s))?\s*(?:{_SHELL_WORD}\s*\|\s*)*{_SHELL_WORD}\s*\)",
        definitions=_definitions(function="function_definition", value="variable_assignment declaration_command"),
    ),
    Language(
        id="sql",
        name="SQL",
        aliases=("mysql", "postgresql", "postgres", "plsql", "sqlite", "tsql"),
        endings=(".sql", ".ddl", ".dml"),
        line_comment="--",
        block_comment=_C_COMMENT,
        strings=('"',),
        raw_strings=(("'", "'"),),
        grammar=Grammar("tree_sitter_sql"),
        definitions=_definitions(
            function="create_function create_procedure",
            type="create_table create_view create_materialized_view create_type",
            value="create_index",
            container="statement",
        ),
    ),
    Language("json", "JSON", endings=(".json", ".webmanifest"), strings=('"',), block_style="braces", opener=_BRACE),
    Language(
        "jsonc",
        "JSON with Comments",
        endings=(".jsonc", ".code-workspace", "tsconfig.json"),
        line_comment="//",
        block_comment=_C_COMMENT,
        strings=('"',),
        block_style="braces",
        opener=_BRACE,
    ),
    Language("yaml", "YAML", ("yml",), (".yaml", ".yml"), "#", block_style="indent", opener=r":$", item="- "),
    Language("toml", "TOML", endings=(".toml",), line_comment="#", long_strings=('"""', "'''")),
    Language("ini", "INI", ("properties",), (".ini", ".cfg", ".properties"), "#", strings=()),
    Language("html", "HTML", endings=(".html", ".htm"), block_comment=("<!--", "-->")),
    Language("xml", "XML", endings=(".xml", ".xsd", ".svg"), block_comment=("<!--", "-->")),
    Language("vue", "Vue", endings=(".vue",), line_comment="//", block_style="braces", opener=_BRACE),
    Language("svelte", "Svelte", endings=(".svelte",), line_comment="//", block_style="braces", opener=_BRACE),
    Language("css", "CSS", (), (".css",), "", _C_COMMENT, block_style="braces", opener=_BRACE),
    Language("scss", "SCSS", (), (".scss",), "//", _C_COMMENT, block_style="braces", opener=_BRACE),
    Language("less", "Less", (), (".less",), "//", _C_COMMENT, block_style="braces", opener=_BRACE),
    Language("markdown", "Markdown", ("md",), (".md", ".markdown"), strings=()),
    Language("restructuredtext", "reStructuredText", ("rst",), (".rst",), strings=()),
    Language("latex", "LaTeX", ("tex",), (".tex",), "%", strings=()),
    Language("dockerfile", "Dockerfile", endings=(".dockerfile", "dockerfile"), line_comment="#"),
    Language("makefile", "Makefile", ("make",), (".mk", "makefile"), "#", strings=()),
    Language("cmake", "CMake", endings=(".cmake", "cmakelists.txt"), line_comment="#", strings=('"',)),
    Language("dart", "Dart", (), (".dart",), "//", _C_COMMENT, block_style="braces", opener=_BRACE),
    Language("swift", "Swift", (), (".swift",), "//", _C_COMMENT, ('"',), block_style="braces", opener=_BRACE),
    Language("objective-c", "Objective-C", ("objc",), (".m",), "//", _C_COMMENT, block_style="braces", opener=_BRACE),
    Language("groovy", "Groovy", (), (".groovy", ".gradle"), "//", _C_COMMENT, block_style="braces", opener=_BRACE),
    Language("zig", "Zig", endings=(".zig",), line_comment="//", block_style="braces", opener=_BRACE),
    Language("proto", "Protocol Buffers", ("proto3",), (".proto",), "//", block_style="braces", opener=_BRACE),
    Language("perl", "Perl", ("pl",), (".pl", ".pm"), "#", block_style="braces", opener=_BRACE),
    Language("r", "R", endings=(".r",), line_comment="#", block_style="braces", opener=_BRACE),
    Language("powershell", "PowerShell", ("ps1",), (".ps1", ".psm1"), "#", block_style="braces", opener=_BRACE),
    Language(
        "julia",
        "Julia",
        endings=(".jl",),
        line_comment="#",
        strings=('"',),
        block_style="end",
        opener=r"^(?:function|if|else|elseif|for|while|begin|let|struct|module|try|catch)\b|\bdo\b[^;]*$",
        block_ends=("end",),
        block_continues=("else", "elseif", "catch", "finally"),
    ),
    Language(
        "elixir",
        "Elixir",
        endings=(".ex", ".exs"),
        line_comment="#",
        block_style="end",
        opener=r"\bdo$|\belse$|->$",
        block_ends=("end",),
        block_continues=("else", "rescue", "after"),
    ),
    Language(
        "haskell",
        "Haskell",
        ("hs",),
        (".hs",),
        "--",
        ("{-", "-}"),
        ('"',),
        (),
        (),
        "indent",
        r"(?:=|\b(?:where|do|of))$",
    ),
    Language("plaintext", "Plain Text", ("text", "txt"), (".txt", ".log"), strings=()),
)

NEUTRAL = Language(id="", name="")
"""Stands for every language that the table does not know: no blocks, no comments, no grammar."""

_BY_NAME: dict[str, Language] = {}
for _language in LANGUAGES:
    for _spelling in (_language.id, _language.name.lower(), *_language.aliases):
        _BY_NAME.setdefault(_spelling, _language)

_BY_ENDING = {ending: language for language in LANGUAGES for ending in language.endings}


def language_for(name: str) -> Language:
    """The language with this LSP identifier, display name or alias, in any case; `NEUTRAL` if there is none."""
    return _BY_NAME.get(name) or _BY_NAME.get(name.strip().lower(), NEUTRAL)


@lru_cache(maxsize=1024)
def language_of_path(path: str) -> Language:
    """The language that a file's name tells; `NEUTRAL` if it tells none. Nothing is read."""
    name = PurePath(path.replace("\\", "/")).name.lower()
    whole = _BY_ENDING.get(name)
    if whole is not None:
        return whole
    dot = name.rfind(".")
    return _BY_ENDING.get(name[dot:], NEUTRAL) if dot > 0 else NEUTRAL
