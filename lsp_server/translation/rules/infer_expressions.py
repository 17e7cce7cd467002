"""Types of expressions, from those of their parts."""

from collections.abc import Callable

from lsp_server.translation.rules.calls import CAPACITY
from lsp_server.translation.rules.narrowing import is_half, is_to_32_bits
from lsp_server.translation.rules.resolve import placed
from lsp_server.translation.rules.tree import Class, Expr, Function, Program, Stmt, Unsupported, op
from lsp_server.translation.types import BOOL, CHAR, FLOAT, INT, LONG, STR, UNKNOWN, VOID, Type, join, list_of

_NUMERIC = ("int", "long", "float")
_BOOLEAN = frozenset(
    [
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "not",
        "contains",
        "startswith",
        "endswith",
        "isdigit",
        "isalpha",
        "isupper",
        "islower",
        "isspace",
        "isalnum",
        "any",
        "all",
        "some",
        "every",
        "tobool",
    ]
)
_INTEGER = frozenset(
    ["len", "ord", "toint", "tointof", "find", "count", "indexof", "codeat", "round", "roundhalfup", "gcd", "isqrt"]
)
_TEXT = frozenset(
    ["tostr", "upper", "lower", "strip", "replace", "join", "swapcase", "concat", "fixed", "pad", "padleft", "padright"]
)
_SAME_LIST = frozenset(["sorted", "reversed", "listof", "step", "filter"])
_ARITHMETIC = frozenset(
    ["+", "-", "*", "/", "cdiv", "truncdiv", "floordiv", "truncmod", "floormod", "pow", "&", "|", "^", "<<", ">>"]
)
_COMPARED = frozenset(["==", "!=", "<", "<=", ">", ">="])
_FIXED = {
    "float": FLOAT,
    "str": STR,
    "char": CHAR,
    "bool": BOOL,
    "none": VOID,
    "sqrt": FLOAT,
    "fpow": FLOAT,
    "tofloat": FLOAT,
    "split": list_of(STR),
    "words": list_of(STR),
    "chars": list_of(CHAR),
    "chr": CHAR,
    "tochar": CHAR,
    "upperchar": CHAR,
    "lowerchar": CHAR,
    "range": list_of(INT),
}
NUMBERS_OF_CHARACTERS = ("java", "cpp", "c", "csharp", "go")
"""Languages in which a character counts as a number in arithmetic."""


class ExpressionTypes:
    """Sets the types of expressions in one function."""

    def __init__(
        self,
        variable: Callable[[str], Type],
        program: Program,
        owner: Class | None,
        source: str,
        bind: Callable[[Stmt], None],
        called: Callable[[Function, list[Expr], list[Type]], None],
    ) -> None:
        """`bind` notes the variables of a loop, `called` what a function is given."""
        self._variable = variable
        self._program = program
        self._owner = owner
        self._characters_count = source in NUMBERS_OF_CHARACTERS
        self._rounds_to_float = source in NUMBERS_OF_CHARACTERS
        self._is_script = source in ("javascript", "typescript")
        self._bind = bind
        self._called = called
        self._bound: dict[str, Type] = {}

    def of(self, expression: Expr) -> Type:
        """The type of an expression; sets it, and those of its parts."""
        if expression.op == "comp":
            expression.type = self._comprehension(expression)
            return expression.type
        if expression.op == "lambda":
            return UNKNOWN
        kinds = [self.of(part) for part in expression.args]
        if kinds and kinds[0].kind == "named" and isinstance(expression.value, str) and expression.op != "method":
            holder = self._program.classes.get(kinds[0].name)
            if holder is not None and expression.value in holder.methods:  # `count` of a class of the file
                expression.args[1:] = placed(expression.args[1:], holder.methods[expression.value])
                expression.op = "method"
        if self._characters_count:
            self._count_characters(expression, kinds)
        if self._is_script and is_to_32_bits(expression) and is_half(expression.args[0]):
            expression.op, expression.args = "toint", expression.args[:1]
        kind = self._kind(expression, kinds)
        if kind.kind != "unknown" or expression.type.kind == "unknown":
            open_ended = expression.op in ("list", "map", "emptyset")
            expression.type = join(kind, expression.type) if open_ended else kind
        return expression.type

    def _count_characters(self, expression: Expr, kinds: list[Type]) -> None:
        mixed = expression.op in _COMPARED and {kind.kind for kind in kinds} & {"int", "long"}
        if expression.op == "toint" and kinds == [CHAR] and expression.value is not None:
            expression.op = "ord"
        is_place = expression.op == "index" and kinds[0].kind == "list"
        if STR in kinds or not (expression.op in _ARITHMETIC or mixed or is_place):
            return
        for place, kind in enumerate(kinds):
            if kind == CHAR:
                expression.args[place] = op("ord", expression.args[place])
                expression.args[place].type = kinds[place] = INT

    def _comprehension(self, expression: Expr) -> Type:
        made, loops = expression.value
        for loop in loops:
            self._bind(loop)
            for first in loop.blocks[0]:
                self._bind_first(first)
        *items, condition = expression.args
        self.of(condition)
        kinds = [self.of(item) for item in items]
        return Type("map", (kinds[0], kinds[1])) if made == "map" else list_of(kinds[0])

    def _bind_first(self, statement: Stmt) -> None:
        place, value = statement.exprs
        self._bound[place.value] = join(self._bound.get(place.value, UNKNOWN), self.of(value))
        place.type = self._bound[place.value]

    def with_lambda(self, function: Expr, kinds: list[Type]) -> Type:
        """The type of what a function gives for arguments of these types."""
        for variable, kind in zip(function.value, kinds, strict=False):
            self._bound[variable] = kind
        return self.of(function.args[0])

    def _kind(self, expression: Expr, kinds: list[Type]) -> Type:
        kind = expression.op
        first = kinds[0] if kinds else UNKNOWN
        if kind in _FIXED:
            return _FIXED[kind]
        if kind == "int":
            return INT if abs(expression.value) < 2**31 else LONG
        if kind == "name":
            found = self._variable(expression.value)
            return found if found.kind != "unknown" else self._bound.get(expression.value, UNKNOWN)
        if kind in ("list", "map"):
            return _collection(expression, kinds)
        if kind in _BOOLEAN:
            if kind in ("some", "every"):
                self.with_lambda(expression.args[1], [element(first)])
            return BOOL
        if kind in _INTEGER:
            return LONG if kind in ("gcd", "toint") and LONG in kinds and expression.value != "int" else INT
        if kind in _TEXT:
            return STR
        if kind in _ARITHMETIC:
            return self._arithmetic(expression, kinds)
        if kind in ("self", "field", "new", "call", "method", "static"):
            return self._of_program(expression, kinds)
        return self._of_collections(expression, kinds, first)

    def _of_collections(self, expression: Expr, kinds: list[Type], first: Type) -> Type:
        kind = expression.op
        if kind == "listof" and expression.value == "copy" and first.kind in ("map", "set"):
            expression.op = f"{first.kind}of"
            return first
        if kind in _SAME_LIST:
            if kind in ("filter", "sorted") and expression.args[-1].op == "lambda":
                self.with_lambda(expression.args[-1], [element(first)])
            return first if first.kind == "str" and kind in ("reversed", "step") else list_of(element(first))
        if kind == "mapped":
            return list_of(self.with_lambda(expression.args[1], [element(first), INT]))
        if kind == "reduce":
            start = kinds[2] if len(kinds) > 2 else element(first)
            self.with_lambda(expression.args[1], [start, element(first)])
            return start
        return self._other(expression, kinds, first)

    def _of_program(self, expression: Expr, kinds: list[Type]) -> Type:
        kind = expression.op
        if kind == "self":
            return Type("named", name=self._owner.name if self._owner else "")
        if kind == "field":
            holder = self._owner if expression.args[0].op == "self" else self._program.classes.get(kinds[0].name)
            return holder.fields.get(expression.value, UNKNOWN) if holder else UNKNOWN
        if kind == "new":
            made = self._program.classes[expression.value]
            if made.constructor is not None:
                self._called(made.constructor, expression.args, kinds)
            return Type("named", name=made.name)
        function = self.function_of(expression, kinds)
        if function is None:
            return UNKNOWN
        given, said = (expression.args[1:], kinds[1:]) if kind == "method" else (expression.args, kinds)
        self._called(function, given, said)
        return function.returns

    def function_of(self, expression: Expr, kinds: list[Type]) -> Function | None:
        """What a call calls; `None` where the type of the object is not known."""
        if expression.op == "call":
            return self._program.functions.get(expression.value)
        if expression.op == "static":
            owner, method = expression.value
            return self._program.classes[owner].methods.get(method)
        holder = self._program.classes.get(kinds[0].name)
        return holder.methods.get(expression.value) if holder else None

    def _other(self, expression: Expr, kinds: list[Type], first: Type) -> Type:
        kind = expression.op
        if kind in ("and", "or", "cond", "min", "max"):
            joined = UNKNOWN
            for one in kinds[-2:]:
                joined = join(joined, one)
            return joined
        if kind in ("neg", "abs", "slice", "substring", "substr", "~"):
            return INT if first == BOOL else first
        if kind == "index":
            return _indexed(expression, first)
        if kind in ("floor", "ceil"):
            return FLOAT if self._rounds_to_float else INT
        if kind in ("minof", "maxof", "poplast"):
            return element(first)
        if kind == "sum":
            return element(first) if element(first) != BOOL else INT
        if kind == "getor":
            return join(kinds[-1], first.of[1] if len(first.of) == 2 else UNKNOWN)
        if kind in ("setof", "emptyset"):
            return Type("set", (element(first),))
        if kind in ("keys", "values"):
            return list_of(element(first) if kind == "keys" else first.of[1] if len(first.of) == 2 else UNKNOWN)
        if kind in ("mapof",):
            return first if first.kind == "map" else UNKNOWN
        if kind == "filled":
            return self._filled(expression, kinds)
        if kind == "repeat":
            return first if first.kind != "char" else STR
        return UNKNOWN

    def _filled(self, expression: Expr, kinds: list[Type]) -> Type:
        """`vector<int>(n)` fills, `vector<int>(other)` copies: only the type of what is given tells."""
        if kinds[0].kind in ("list", "set", "str", "map"):
            expression.op, expression.args = "listof", expression.args[:1]
            return list_of(element(kinds[0]))
        if expression.value == CAPACITY:
            expression.op, expression.args, expression.value = "list", [], None
        return list_of(kinds[-1])

    def _arithmetic(self, expression: Expr, kinds: list[Type]) -> Type:
        left, right = kinds
        if STR in kinds and expression.op not in ("+", "*"):
            raise Unsupported("arithmetic with a text")
        if expression.op == "+" and any(kind.kind in ("str", "char") for kind in kinds):
            return STR
        if expression.op == "*" and (left.kind in ("str", "list", "char") or right.kind in ("str", "list", "char")):
            if right.kind in ("str", "list", "char"):
                expression.args.reverse()
                left = right
            expression.op = "repeat"
            return left if left.kind != "char" else STR
        if left.kind == "list":
            return join(left, right)
        whole = all(kind.kind in ("int", "long", "bool", "char") for kind in kinds)
        if expression.op == "cdiv" and whole:
            expression.op = "truncdiv"
        elif expression.op == "cdiv" and all(kind.kind in (*_NUMERIC, "char") for kind in kinds):
            expression.op = "/"
        if expression.op == "/":
            return FLOAT
        if expression.op == "pow" and not whole:
            return FLOAT if all(kind.known for kind in kinds) else UNKNOWN
        joined = join(left, right)
        return INT if joined == BOOL and expression.op not in ("&", "|", "^") else joined


def element(kind: Type) -> Type:
    """What a loop over a value of this type gives."""
    if kind.kind == "str":
        return CHAR
    return kind.of[0] if kind.kind in ("list", "set", "map") and kind.of else UNKNOWN


def _indexed(expression: Expr, holder: Type) -> Type:
    if holder.kind == "map":
        return holder.of[1] if len(holder.of) == 2 else UNKNOWN
    if holder.kind == "tuple":
        place = expression.args[1]
        return holder.of[place.value] if place.op == "int" and 0 <= place.value < len(holder.of) else UNKNOWN
    return element(holder)


def _collection(expression: Expr, kinds: list[Type]) -> Type:
    if expression.op == "map":
        return Type("map", (_joined(kinds[::2]), _joined(kinds[1::2])))
    joined = _joined(kinds)
    if expression.value is True and kinds and all(kind.known for kind in kinds) and not _of_one_kind(kinds):
        return Type("tuple", tuple(kinds))
    return list_of(joined)


def _of_one_kind(kinds: list[Type]) -> bool:
    """Whether the parts of a tuple can be the items of a list."""
    return all(kind == kinds[0] for kind in kinds) or {kind.kind for kind in kinds} <= {"char", "str"}


def _joined(kinds: list[Type]) -> Type:
    found = UNKNOWN
    for kind in kinds:
        found = join(found, kind)
    return found
