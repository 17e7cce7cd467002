"""What a text in the target language must import for the names that it uses, as data."""

import re
from collections.abc import Sequence

from lsp_server.languages import Language

_PYTHON = {
    r"\b(?:List|Dict|Set|Tuple|Optional|Any|Callable|Iterable|Union)\b": "from typing import *",
    r"\b(?:Counter|defaultdict|deque|OrderedDict)\b": "from collections import Counter, OrderedDict, defaultdict, deque",  # noqa: E501 - one pattern
    **{
        rf"\b{name}\.": f"import {name}"
        for name in [
            "math",
            "re",
            "sys",
            "itertools",
            "functools",
            "heapq",
            "random",
            "json",
            "os",
            "string",
            "bisect",
            "collections",
            "copy",
            "datetime",
            "hashlib",
            "operator",
            "statistics",
            "time",
        ]
    },
}
_JAVA = {
    r"\b(?:List|ArrayList|Map|HashMap|Set|HashSet|Arrays|Collections|Deque|ArrayDeque|Queue|LinkedList|Stack|Scanner|Random"
    r"|TreeMap|TreeSet|PriorityQueue|Optional|Objects|Iterator|LinkedHashMap|LinkedHashSet|StringJoiner)\b": "import java.util.*;",  # noqa: E501 - one pattern
    r"\b(?:Collectors|IntStream|Stream|LongStream|DoubleStream)\b": "import java.util.stream.*;",
    r"\b(?:Function|BiFunction|Predicate|Supplier|Consumer|UnaryOperator|BinaryOperator)\b": "import java.util.function.*;",  # noqa: E501 - one pattern
    r"\b(?:BigInteger|BigDecimal)\b": "import java.math.*;",
    r"\b(?:IOException|BufferedReader|InputStreamReader|File)\b": "import java.io.*;",
}
_CPP = {
    r"\bvector\b": "#include <vector>",
    r"\bstring\b|\bto_string\b|\bstoi\b": "#include <string>",
    r"\b(?:unordered_map)\b": "#include <unordered_map>",
    r"\b(?:unordered_set)\b": "#include <unordered_set>",
    r"(?<!_)\bmap\s*<": "#include <map>",
    r"(?<!_)\bset\s*<": "#include <set>",
    r"\b(?:cout|cin|cerr|endl|getline)\b": "#include <iostream>",
    r"\b(?:sort|reverse|max|min|find|count|max_element|min_element|swap|transform|all_of|any_of|none_of|unique|replace"
    r"|stable_sort)\b": "#include <algorithm>",
    r"\b(?:pow|sqrt|abs|fabs|floor|ceil|log|exp|sin|cos|tan|round|nearbyint|fmod|atan2|hypot|log2|log10)\b": (
        "#include <cmath>"
    ),
    r"\b(?:accumulate|iota|gcd|lcm)\b": "#include <numeric>",
    r"\b(?:stringstream|ostringstream|istringstream)\b": "#include <sstream>",
    r"\b(?:stack)\s*<": "#include <stack>",
    r"\b(?:queue|priority_queue)\s*<": "#include <queue>",
    r"\bdeque\s*<": "#include <deque>",
    r"\b(?:tuple|make_tuple)\b": "#include <tuple>",
    r"\b(?:pair|make_pair)\b": "#include <utility>",
    r"\b(?:optional|nullopt)\b": "#include <optional>",
    r"\b(?:shared_ptr|make_shared|unique_ptr|make_unique)\b": "#include <memory>",
    r"\b(?:function)\s*<": "#include <functional>",
    r"\b(?:INT_MAX|INT_MIN|LLONG_MAX|LLONG_MIN)\b": "#include <climits>",
    r"\bnumeric_limits\b": "#include <limits>",
    r"\b(?:isdigit|isalpha|isalnum|isspace|tolower|toupper|isupper|islower|ispunct)\b": "#include <cctype>",
    r"\b(?:runtime_error|invalid_argument|out_of_range|logic_error)\b": "#include <stdexcept>",
    r"\bu?int(?:8|16|32|64)_t\b": "#include <cstdint>",
    r"\bs?n?printf\b": "#include <cstdio>",
}
_GO = {
    rf"\b{package.rpartition('/')[2]}\.": package
    for package in [
        "fmt",
        "strings",
        "strconv",
        "sort",
        "math",
        "errors",
        "os",
        "bufio",
        "unicode",
        "reflect",
        "time",
        "bytes",
        "regexp",
        "slices",
        "maps",
        "math/rand",
    ]
}
_RUST = {
    rf"(?<!::)\b{name}\b": f"use std::collections::{name};"
    for name in ["HashMap", "HashSet", "BTreeMap", "BTreeSet", "VecDeque", "BinaryHeap"]
} | {r"\bRc\b": "use std::rc::Rc;", r"\bRefCell\b": "use std::cell::RefCell;"}
_CSHARP = {
    r"\b(?:Console|Math|Exception|Func|Action|Array|Convert|String|Random|DateTime|Tuple|Int32|ArgumentException|StringComparison|StringComparer|StringSplitOptions|BitConverter)\b": "using System;",  # noqa: E501 - one pattern
    r"\b(?:List|Dictionary|HashSet|Queue|Stack|IEnumerable|IList|SortedDictionary|SortedSet|KeyValuePair|EqualityComparer)\b": "using System.Collections.Generic;",  # noqa: E501 - one pattern
    r"\.(?:Select|Where|Sum|Max|Min|ToList|ToArray|Any|All|Count\(|OrderBy|Distinct|Aggregate|Zip|Take|Skip|First|Last|Average"
    r"|Reverse|Concat|SequenceEqual|Contains|ThenBy|SelectMany)\b|\bEnumerable\b": "using System.Linq;",
    r"\bStringBuilder\b": "using System.Text;",
    r"\bBigInteger\b": "using System.Numerics;",
    r"\bRegex\b": "using System.Text.RegularExpressions;",
}
_SCRIPT = {
    rf"\b{name}\.(?=\w)": f'const {name} = require("{name}");'
    for name in ["fs", "path", "crypto", "assert", "util", "os"]
}
_TYPESCRIPT = {
    rf"\b{name}\.(?=\w)": f'import * as {name} from "{name}";' for name in ["fs", "path", "crypto", "util", "os"]
}

_TABLES = {
    "python": _PYTHON,
    "java": _JAVA,
    "cpp": _CPP,
    "go": _GO,
    "rust": _RUST,
    "csharp": _CSHARP,
    "javascript": _SCRIPT,
    "typescript": _TYPESCRIPT,
}
_IMPORT_LINE = {
    "python": re.compile(r"^(?:import|from)\s.*$", re.MULTILINE),
    "java": re.compile(r"^import\s.*;[ \t]*$", re.MULTILINE),
    "cpp": re.compile(r"^(?:#\s*include.*|using namespace \w+;)[ \t]*$", re.MULTILINE),
    "go": re.compile(r'^(?:package \w+|import\s+(?:"[^"]*"|\((?:[^)]*)\)))[ \t]*$', re.MULTILINE),
    "rust": re.compile(r"^use\s.*;[ \t]*$", re.MULTILINE),
    "csharp": re.compile(r"^using\s[\w.]+;[ \t]*$", re.MULTILINE),
    "javascript": re.compile(r"^(?:import\s.*|const \S+ = require\(.*\);?)[ \t]*$", re.MULTILINE),
    "typescript": re.compile(r"^import\s.*$", re.MULTILINE),
}


def split_imports(text: str, language: Language) -> tuple[list[str], str]:
    """The import lines of a text, and the text without them."""
    pattern = _IMPORT_LINE.get(language.id)
    if pattern is None:
        return [], text
    lines = [found.group().strip() for found in pattern.finditer(text)]
    return lines, pattern.sub("", text).strip("\n") + "\n" if lines else text


def imports_for(text: str, target: Language) -> list[str]:
    """The import lines that `text`, which has none, needs for the names of the standard library that it uses."""
    needed = [line for pattern, line in _TABLES[target.id].items() if re.search(pattern, text)]
    needed = list(dict.fromkeys(needed))
    if (
        target.id == "cpp"
        and needed
        and re.search(r"(?<!::)\b(?:vector|string|cout|map|set|pair|sort)\b", _unqualified(text))
    ):
        needed.append("using namespace std;")
    return needed


def header(lines: Sequence[str], target: Language) -> str:
    """Import lines as the top of a file, with the blank line that follows them; empty where there is nothing to say."""
    lines = list(dict.fromkeys(lines))
    if target.id != "go":
        return "\n".join(lines) + "\n\n" if lines else ""
    packages = [line for line in lines if not line.startswith(("package", "import"))]
    for line in lines:
        packages += re.findall(r'"([^"]*)"', line) if line.startswith("import") else []
    packages = sorted(set(packages))
    block = "import (\n" + "".join(f'\t"{package}"\n' for package in packages) + ")\n\n" if packages else ""
    return f"package main\n\n{block}"


def _unqualified(text: str) -> str:
    """C++ text without what is qualified already, and without includes."""
    return re.sub(r"std::\w+|^\s*#.*$", "", text, flags=re.MULTILINE)
