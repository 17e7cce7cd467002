"""Types of everything in a function, as far as they follow from its parameters, literals and operations.

Twice over the body: an empty list is known by what is put into it further below. What stays unknown is left to the
target's own inference (`auto`, `var`).
"""

from collections.abc import Callable

from lsp_server.translation.rules.tree import Expr, Function, Stmt, op
from lsp_server.translation.types import BOOL, CHAR, FLOAT, INT, LONG, STR, UNKNOWN, VOID, Type, join, list_of

ROUNDS = 3
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
_INTEGER = frozenset(["len", "ord", "toint", "find", "count", "indexof", "codeat", "round", "roundhalfup", "gcd"])
_TEXT = frozenset(["tostr", "upper", "lower", "strip", "replace", "join", "swapcase"])
_SAME_LIST = frozenset(["sorted", "reversed", "listof", "step", "filter"])
_ARITHMETIC = frozenset(
    ["+", "-", "*", "/", "cdiv", "truncdiv", "floordiv", "truncmod", "floormod", "pow", "&", "|", "^", "<<", ">>"]
)
_NUMBERS_OF_CHARACTERS = ("java", "cpp", "c", "csharp")
"""Languages in which a character counts as a number in arithmetic."""


class Inference:
    """The types of one function's variables."""

    def __init__(self, function: Function, source: str) -> None:
        self._function = function
        self._characters_count = source in _NUMBERS_OF_CHARACTERS
        self._rounds_to_float = source in _NUMBERS_OF_CHARACTERS
        self.variables: dict[str, Type] = dict(function.parameters)
        self._given = dict(function.parameters)

    def run(self) -> dict[str, Type]:
        """Set the type of every expression; the types of the variables."""
        for _ in range(ROUNDS):
            self._block(self._function.body)
        return self.variables

    def _block(self, body: list[Stmt]) -> None:
        for statement in body:
            self._statement(statement)

    def _statement(self, statement: Stmt) -> None:
        if statement.op == "foreach":
            over = self.of(statement.exprs[0])
            self._note(statement.name, statement.type if statement.type.known else element(over))
        elif statement.op == "forrange":
            kinds = [self.of(part) for part in statement.exprs[:2]]
            self._note(statement.name, INT if join(*kinds).kind not in _NUMERIC else join(*kinds))
        elif statement.op == "declare":
            if statement.type.known:
                self._note(statement.name, statement.type)
            for value in statement.exprs:
                self._note(statement.name, self.of(value))
        elif statement.op == "assign":
            place, value = statement.exprs
            kind = self.of(value)
            self._assign(place, statement.type if statement.type.known else kind)
        elif statement.op == "assigns":
            half = len(statement.exprs) // 2
            kinds = [self.of(part) for part in statement.exprs[half:]]
            for place, kind in zip(statement.exprs[:half], kinds, strict=True):
                self._assign(place, kind)
        else:
            for expression in statement.exprs:
                self.of(expression)
            self._learn(statement)
        for block in statement.blocks:
            self._block(block)

    def _learn(self, statement: Stmt) -> None:
        """What is put into a collection says what it holds."""
        if not statement.exprs or statement.exprs[0].op != "name":
            return
        holder = statement.exprs[0].value
        known = self.variables.get(holder, UNKNOWN)
        kinds = [part.type for part in statement.exprs[1:]]
        if statement.op == "append" and known.kind in ("list", "set", "unknown") and kinds:
            kind = known.kind if known.kind != "unknown" else "list"
            self._note(holder, Type(kind, (kinds[0],), known.name))
        elif statement.op == "add" and kinds:
            self._note(holder, Type("set", (kinds[0],)))
        elif statement.op in ("extend",) and kinds and kinds[0].kind == "list":
            self._note(holder, kinds[0])
        elif statement.op == "put" and known.kind == "map" and len(kinds) == 2:
            self._note(holder, Type("map", (kinds[0], kinds[1])))

    def _assign(self, place: Expr, kind: Type) -> None:
        if place.op == "name":
            self._note(place.value, kind)
            place.type = self.variables[place.value]
        else:
            self.of(place)
            holder = place.args[0]
            if holder.op == "name":
                known = self.variables.get(holder.value, UNKNOWN)
                if known.kind == "map":
                    self._note(holder.value, Type("map", (place.args[1].type, kind)))
                elif known.kind == "list" and not known.known:
                    self._note(holder.value, list_of(kind))

    def _note(self, variable: str, kind: Type) -> None:
        if variable in self._given and self._given[variable].known:
            self.variables[variable] = self._given[variable]
            return
        self.variables[variable] = join(self.variables.get(variable, UNKNOWN), kind)

    def of(self, expression: Expr) -> Type:
        """The type of an expression; sets it, and those of its parts."""
        if expression.op == "comp":
            expression.type = self._comprehension(expression)
            return expression.type
        if expression.op == "lambda":
            return UNKNOWN
        kinds = [self.of(part) for part in expression.args]
        if expression.op in _ARITHMETIC and self._characters_count:
            self._count_characters(expression, kinds)
        kind = self._kind(expression, kinds)
        if kind.kind != "unknown" or expression.type.kind == "unknown":
            expression.type = join(kind, expression.type) if expression.op in ("list", "map", "emptyset") else kind
        return expression.type

    def _count_characters(self, expression: Expr, kinds: list[Type]) -> None:
        if STR in kinds:
            return
        for place, kind in enumerate(kinds):
            if kind == CHAR:
                expression.args[place] = op("ord", expression.args[place])
                expression.args[place].type = kinds[place] = INT

    def _comprehension(self, expression: Expr) -> Type:
        _, loop = expression.value
        self._statement(loop)
        self.of(expression.args[1])
        return list_of(self.of(expression.args[0]))

    def _with_lambda(self, function: Expr, kinds: list[Type]) -> Type:
        for variable, kind in zip(function.value, kinds, strict=False):
            self.variables[variable] = kind
        return self.of(function.args[0])

    def _kind(self, expression: Expr, kinds: list[Type]) -> Type:
        kind = expression.op
        first = kinds[0] if kinds else UNKNOWN
        if kind in _LITERALS:
            return _LITERALS[kind]
        if kind == "int":
            return INT if abs(expression.value) < 2**31 else LONG
        if kind == "name":
            return self.variables.get(expression.value, UNKNOWN)
        if kind in ("list", "map"):
            return _collection(expression, kinds)
        if kind in _BOOLEAN:
            if kind in ("some", "every"):
                self._with_lambda(expression.args[1], [element(first)])
            return BOOL
        if kind in _INTEGER:
            return INT
        if kind in _TEXT:
            return STR
        if kind in _ARITHMETIC:
            return self._arithmetic(expression, kinds)
        if kind in _SAME_LIST:
            if kind == "filter":
                self._with_lambda(expression.args[1], [element(first)])
            return first if first.kind == "str" and kind != "listof" else list_of(element(first))
        if kind == "mapped":
            return list_of(self._with_lambda(expression.args[1], [element(first), INT]))
        if kind == "reduce":
            start = kinds[2] if len(kinds) > 2 else element(first)
            self._with_lambda(expression.args[1], [start, element(first)])
            return start
        if kind == "call":
            return self._function.returns if expression.value == self._function.name else UNKNOWN
        return self._other(kind, expression, kinds, first)

    def _other(self, kind: str, expression: Expr, kinds: list[Type], first: Type) -> Type:
        joined = UNKNOWN
        for one in kinds[-2:] if kind == "cond" else kinds:
            joined = join(joined, one)
        rules: dict[str, Callable[[], Type]] = {
            "and": lambda: joined,
            "or": lambda: joined,
            "cond": lambda: joined,
            "min": lambda: joined,
            "max": lambda: joined,
            "neg": lambda: first,
            "abs": lambda: first,
            "index": lambda: first.of[1] if first.kind == "map" and len(first.of) == 2 else element(first),
            "slice": lambda: first,
            "sqrt": lambda: FLOAT,
            "tofloat": lambda: FLOAT,
            "floor": lambda: FLOAT if self._rounds_to_float else INT,
            "ceil": lambda: FLOAT if self._rounds_to_float else INT,
            "split": lambda: list_of(STR),
            "words": lambda: list_of(STR),
            "chars": lambda: list_of(CHAR),
            "chr": lambda: CHAR,
            "tochar": lambda: CHAR,
            "upperchar": lambda: CHAR,
            "lowerchar": lambda: CHAR,
            "minof": lambda: element(first),
            "maxof": lambda: element(first),
            "sum": lambda: element(first) if element(first) != BOOL else INT,
            "poplast": lambda: element(first),
            "getor": lambda: join(kinds[-1], first.of[1] if len(first.of) == 2 else UNKNOWN),
            "setof": lambda: Type("set", (element(first),)),
            "emptyset": lambda: Type("set", (UNKNOWN,)),
            "keys": lambda: list_of(element(first)),
            "values": lambda: list_of(first.of[1] if len(first.of) == 2 else UNKNOWN),
            "range": lambda: list_of(INT),
            "filled": lambda: self._filled(expression, kinds),
            "repeat": lambda: first if first.kind != "char" else STR,
        }
        return rules[kind]() if kind in rules else UNKNOWN

    def _filled(self, expression: Expr, kinds: list[Type]) -> Type:
        """`vector<int>(n)` fills, `vector<int>(other)` copies: only the type of what is given tells."""
        if kinds[0].kind in ("list", "set", "str", "map"):
            expression.op, expression.args = "listof", expression.args[:1]
            return list_of(element(kinds[0]))
        return list_of(kinds[-1])

    def _arithmetic(self, expression: Expr, kinds: list[Type]) -> Type:
        left, right = kinds
        if expression.op == "+" and any(kind.kind in ("str", "char") for kind in kinds):
            return STR
        if expression.op == "*" and left.kind in ("str", "list", "char"):
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
            return FLOAT
        joined = join(left, right)
        return INT if joined == BOOL else joined


def element(kind: Type) -> Type:
    """What a loop over a value of this type gives."""
    if kind.kind == "str":
        return CHAR
    return kind.of[0] if kind.kind in ("list", "set", "map") and kind.of else UNKNOWN


def _collection(expression: Expr, kinds: list[Type]) -> Type:
    if expression.op == "map":
        return Type("map", (_joined(kinds[::2]), _joined(kinds[1::2])))
    return list_of(_joined(kinds))


def _joined(kinds: list[Type]) -> Type:
    found = UNKNOWN
    for kind in kinds:
        found = join(found, kind)
    return found


_LITERALS = {"float": FLOAT, "str": STR, "char": CHAR, "bool": BOOL, "none": VOID}
