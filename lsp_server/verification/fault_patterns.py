"""What compilers and interpreters of our languages say, by the category of fault that it points to."""

import re

from lsp_server.verification.verdict import Fault


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.M)


def _words(names: str) -> str:
    return r"\b(?:" + "|".join(names.split()) + r")\b"


STANDARD_NAMES = re.compile(
    _words(
        "List ArrayList LinkedList Map HashMap TreeMap Set HashSet TreeSet Arrays Collections Collectors Scanner "
        "Optional Stream IntStream Deque ArrayDeque PriorityQueue Pattern Matcher BigInteger Objects Random "
        "vector string map unordered_map unordered_set set sort cout cin endl INT_MAX INT_MIN to_string stack queue "
        "math re sys collections itertools functools heapq string random defaultdict Counter deque "
        "Dict Tuple Any fmt strings strconv os errors bufio unicode VecDeque BTreeMap Rc RefCell Dictionary Console"
    )
)
"""Names that are there once something is imported or included."""

FOREIGN_NAMES = {
    "python": _words("null true false System console std let const var String Math nil println push_back parseInt"),
    "java": _words("None True False len range str console std def let elif print nil auto nullptr self"),
    "cpp": _words("None True False len range str console System def let elif print String boolean null self ArrayList"),
    "javascript": _words("None True False len range str System std print nil elif self ArrayList vector"),
    "typescript": _words("None True False len range str System std print nil elif self ArrayList vector int float"),
    "go": _words("None True False str System std print null elif self List vector while let"),
    "rust": _words("True False len range str System std print null elif List vector int float string"),
    "csharp": _words("None True False len range str console std def let elif print nil auto nullptr self boolean"),
}
"""Names of other languages, which a compiler does not find in this one."""

ERROR = _any(r"error(?:\[\w+\]|\s\w+)?:", r"Error:", r"^\./?\w+\.go:\d+")
NOT_FOUND = _any(
    r"cannot find symbol|undefined: |cannot find (?:type|value|function|macro)|was not declared|does not name a type",
    r"is not a member of|Cannot find name|is not defined|does not exist in the current context|could not be found",
)
UNKNOWN_NAME = re.compile(
    r"(?:symbol:\s+(?:class|variable|method)\s+|undefined: |cannot find (?:type|value|function|macro)[^`\n]*`|name '"
    r"|[‘']|The name [`'])([\w.:]+)"
)
MEMBER = re.compile(r"location: (?:interface|variable)")

_BUILD: dict[Fault, re.Pattern[str]] = {
    "missing_import": _any(
        r"No module named|package [\w.]+ does not exist|fatal error: .*: No such file|Cannot find module",
        r"cannot find package|unresolved import|could not import|missing an assembly|no required module provides",
    ),
    "removed_logic": _any(r"undefined reference|missing return|not all code paths return|control reaches end"),
    "data_type": _any(
        r"incompatible types|cannot convert|cannot be converted|mismatched types|invalid conversion|not assignable to",
        r"cannot use .* as|possible lossy|no match for call|could not convert|cannot be applied to given types",
        r"mismatched types|Cannot implicitly convert|no suitable (?:method|constructor)|no matching function",
        r"Argument of type|invalid types|dereferenced|is not iterable|invalid argument type",
    ),
    "operator": _any(
        r"no match for .operator|bad operand types?|invalid operands|operator .* cannot be applied|binary operation",
        r"Operator .* (?:cannot|is not)|operator .* not defined",
    ),
    "api_mismatch": _any(
        r"has no member|no member named|no method named|no field|undefined \(type .* has no|no field or method",
        r"symbol:\s+method \w+\(|Property .* does not exist|does not contain a definition|unknown field",
    ),
    "target_language_requirements": _any(
        r"declared and not used|declared but not used|imported and not used|unreported exception|is abstract",
        r"might not have been initialized|borrow|lifetime|moved value|static context|non-static|must be declared",
        r"should be declared in a file|unreachable|duplicate class|already (?:been )?(?:declared|defined)|redefinition",
        r"redeclared|cannot assign|const(?:ant)? variable|does not override|IndentationError|TabError",
    ),
}
BUILD = tuple(_BUILD.items())

_RUN: dict[Fault, re.Pattern[str]] = {
    "missing_import": _any(r"ModuleNotFoundError|ImportError|Cannot find module|NoClassDefFoundError"),
    "api_mismatch": _any(r"is not a function|has no attribute|AttributeError|NoSuchMethod|is not iterable"),
    "missing_definition": _any(r"NameError|ReferenceError|is not defined|UnboundLocalError"),
    "data_type": _any(r"TypeError|ClassCast|cannot be cast|interface conversion|InvalidCast|[Oo]verflow(?!.*[Ss]tack)"),
    "input_parsing": _any(
        r"NumberFormat|invalid literal for|NoSuchElement|InputMismatch|EOFError|FormatException|ParseIntError"
    ),
    "loop_or_condition": _any(
        r"out of range|out of bounds|OutOfBounds|IndexError|KeyError|RecursionError|StackOverflow|Maximum call stack"
    ),
    "operator": _any(r"ZeroDivision|divide by zero|/ by zero|division by zero"),
}
RUN = tuple(_RUN.items())

SYNTAX = _any(
    r"SyntaxError|expected|unexpected|syntax error|Unexpected token|illegal start|not a statement|stray|missing '",
    r"TS1\d\d\d|CS10\d\d|CS15\d\d",
)
CUT_OFF = _any(
    r"reached end of file|unexpected EOF|was never closed|unclosed|expected '}'|Unexpected end of input|unterminated",
    r"expected an indented block after .* on line \d+\s*$|at end of input|unexpected end",
)
PROSE = _any(r"^\s*(?:```|Here (?:is|are)\b|Sure\b|Note that\b|The (?:above|following)\b|This (?:code|function)\b)")
LOOPS = re.compile(_words("for while loop forEach map filter reduce"))
CONDITIONS = re.compile(_words("if elif case switch match when unless") + r"|\?")
OPERATORS = re.compile(r"//|\*\*|<=|>=|[%*/]|&&|\|\||\b(?:and|or|not)\b")
