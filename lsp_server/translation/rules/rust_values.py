"""Rust's values: who owns one decides how it is written.

A value that is kept is owned: places are cloned for that, which `aliasing` has made sure is the same. What is only
looked at is borrowed: parameters that nobody changes, receivers of methods, the two sides of a comparison.
"""

from lsp_server.translation.rules.aliasing import kept
from lsp_server.translation.rules.brace import BraceWriter
from lsp_server.translation.rules.lower import SORTED
from lsp_server.translation.rules.rust_templates import TEMPLATES
from lsp_server.translation.rules.templating import ADD, COND, EQUAL, LESS, PRIMARY, UNARY, WHOLE, Scope, quoted
from lsp_server.translation.rules.tree import Expr, Function, Unsupported, all_statements
from lsp_server.translation.types import CHAR, FLOAT, STR, UNKNOWN, Type

COPIED = ("int", "long", "float", "bool", "char")
"""Kinds of values that are copied rather than moved."""
PLACES = ("name", "index", "field", "self")


def _is_kept(function: Function, label: str) -> bool:
    """Whether a function stores what it is given."""
    values = [value for statement in all_statements(function.body) for _, value in kept(statement)]
    values += [value for s in all_statements(function.body) if s.op == "return" for value in s.exprs]
    return any(value.op == "name" and value.value == label for value in values)


class RustValues(BraceWriter):
    """Expressions."""

    language = "rust"
    none = "None"
    strict_numbers = True
    templates = TEMPLATES

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._loops: dict[int, dict[str, str]] = {}
        self.moves = False
        """Whether variables may be moved, because the function ends here."""

    # --- who owns what ---

    def mode_of_parameter(self, label: str, kind: Type, function: Function) -> str:
        if kind.kind in COPIED:
            return "owned"
        rebound = self.scope.effects.rebinds(function, label)
        if kind.kind == "named" and _is_kept(function, label):
            return "owned"
        if label in self.scope.effects.of(function) and kind.kind != "str":
            return "owned" if rebound else "mut"
        if rebound or function.kind == "constructor":
            return "owned"
        return "str" if kind == STR else "ref"

    def mode(self, label: str) -> str:
        """`owned`, `ref` and `mut` for references, `str` for a `&str`."""
        function = self.function
        if label in self.borrowed:
            return self.borrowed[label]
        if label in function.names:
            return self.mode_of_parameter(label, self.kind_of(label), function)
        constant = label in self.program.constants and label not in function.variables
        return "str" if constant and self.kind_of(label) == STR else "owned"

    @property
    def borrowed(self) -> dict[str, str]:
        """Variables of loops that are references."""
        return self._loops.setdefault(id(self.function), {})

    def changes(self, function: Function, label: str) -> bool:
        return label in self.scope.effects.of(function) or self.scope.effects.rebinds(function, label)

    def look(self, expression: Expr) -> str:
        """A place to look into: what a method is called on, what an index is taken of. Nothing is copied."""
        kind, args = expression.op, expression.args
        if kind == "name":
            return self.name(expression.value)
        if kind == "self":
            return "self"
        if kind == "field":
            if self.function.kind == "constructor" and args[0].op == "self":
                return self.names.field(args[0].type.name, expression.value)  # a variable until all are there
            return f"{self.look(args[0])}.{self.field_text(expression)}"
        if kind == "index" and args[0].type.kind == "list":
            return f"{self.look(args[0])}[{self.place_in(args[1])}]"
        if kind == "index" and args[0].type.kind == "map":
            return f"{self.look(args[0])}[{self.borrow(args[1])}]"
        if kind == "index" and args[0].type.kind == "tuple":
            return f"{self.look(args[0])}.{args[1].value}"
        if kind == "str":
            return quoted(expression.value, '"')
        return self.expr(expression, PRIMARY)

    def borrow(self, expression: Expr) -> str:
        """A reference to a value."""
        if expression.op == "str":
            return quoted(expression.value, '"')
        if expression.op == "name" and self.mode(expression.value) in ("ref", "str"):
            return self.name(expression.value)
        if expression.op in PLACES:
            return f"&{self.look(expression)}" if expression.op != "self" else "self"
        return f"&{self.expr(expression, UNARY)}"

    def reference(self, expression: Expr) -> str:
        """A reference to a value of its full type: a `&String` rather than a `&str`."""
        plain = expression.op == "str" or (expression.op == "name" and self.mode(expression.value) == "str")
        return f"&{self.expr(expression, UNARY)}" if plain else self.borrow(expression)

    def place_in(self, expression: Expr) -> str:
        """A whole number as an index."""
        if expression.op == "int":
            return str(expression.value)
        return f"{self.expr(expression, UNARY)} as usize"

    def side(self, expression: Expr, *, ordered: bool = False) -> str:
        """One side of a comparison."""
        if expression.type.kind in COPIED:
            return self.expr(expression, ADD)
        mode = self.mode(expression.value) if expression.op == "name" else ""
        if ordered and expression.type == STR:
            text = self.look(expression)
            return text if expression.op == "str" or mode == "str" else f"{text}.as_str()"
        if expression.op in PLACES:
            return f"*{self.look(expression)}" if mode in ("ref", "mut") else self.look(expression)
        return self.look(expression)

    # --- expressions ---

    def _plain(self, expression: Expr, wanted: Type) -> tuple[str, int] | None:
        kind = expression.op
        if kind in ("name", "index", "field") and expression.type.kind not in COPIED:
            return self._owned(expression), PRIMARY
        if kind == "name" and self.borrowed.get(expression.value) == "mut":
            return f"*{self.name(expression.value)}", UNARY
        if kind == "field" or (kind == "index" and expression.args[0].type.kind != "str"):
            return self.look(expression), PRIMARY
        if kind == "self":
            raise Unsupported("an object that hands itself over")
        if kind == "str" and wanted != CHAR:
            text = quoted(expression.value, '"')
            return ("String::new()" if not expression.value else f"{text}.to_string()"), PRIMARY
        return super()._plain(expression, wanted)

    def _owned(self, expression: Expr) -> str:
        kind = expression.type
        if kind.kind == "unknown":
            raise Unsupported("something of unknown type")
        if expression.op == "index" and expression.args[0].type.kind == "str":
            return f"{self.look(expression.args[0])}.chars().nth({self.place_in(expression.args[1])}).unwrap()"
        mode = self.mode(expression.value) if expression.op == "name" else ""
        if kind.kind == "named":
            if expression.op != "name" or mode != "owned":
                raise Unsupported("an object with two owners")
            return self.name(expression.value)
        if mode == "str":
            return f"{self.name(expression.value)}.to_string()"
        field = expression.op == "field" and self.function.kind == "constructor"
        if self.moves and mode == "owned" and not field:
            return self.name(expression.value)
        return f"{self.look(expression)}.clone()"

    def convert(self, expression: Expr, wanted: Type) -> tuple[str, int]:
        if wanted.kind == "optional" and expression.type.kind not in ("optional", "void"):
            return f"Some({self.expr(expression, COND, wanted.of[0])})", PRIMARY
        if expression.type.kind == "optional" and wanted.kind not in ("optional", "unknown"):
            raise Unsupported("a value that may be missing")
        return super().convert(expression, wanted)

    def special(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        first = args[0].type if args else UNKNOWN
        if kind == "index" and first == STR:
            return self._owned(expression), PRIMARY
        if kind in ("list", "map"):
            return self._collection(expression), PRIMARY
        if kind in ("==", "!=", "<", "<=", ">", ">="):
            return self._compared(kind, args)
        if (
            kind in ("floordiv", "floormod")
            and expression.type.kind in WHOLE
            and args[1].op == "int"
            and args[1].value > 0
        ):
            call = "div_euclid" if kind == "floordiv" else "rem_euclid"
            return f"{self._method_on(args[0])}.{call}({self.expr(args[1])})", PRIMARY
        if kind in ("min", "max"):
            text = ", ".join(self.expr(part, COND, expression.type) for part in args)
            return f"{'f64' if expression.type == FLOAT else 'std::cmp'}::{kind}({text})", PRIMARY
        if kind == "slice":
            end = "None" if args[2].op == "none" else f"Some({self.expr(args[2])})"
            call = "py_slice_text" if first == STR else "py_slice"
            return f"{call}({self.borrow(args[0])}, {self.expr(args[1])}, {end})", PRIMARY
        if kind in ("keys", "listof") and first.kind == "map" and expression.value == SORTED:
            return f"{self.look(args[0])}.keys().cloned().collect::<Vec<_>>()", PRIMARY
        if kind in ("keys", "values", "items", "mapof") or (kind == "listof" and first.kind == "map"):
            raise Unsupported("the order of a map")
        if kind == "repeat" and first.kind == "list" and args[0].op == "list" and len(args[0].args) == 1:
            if first.of[0].kind in ("list", "map", "set"):
                raise Unsupported("a list that holds one list several times")
            item = self.expr(args[0].args[0], COND, expression.type.of[0])
            return f"vec![{item}; {self.place_in(args[1])}]", PRIMARY
        return None

    def _method_on(self, expression: Expr) -> str:
        """A number that a method is called on, whose type Rust must know."""
        text = self.expr(expression, PRIMARY)
        return f"{text}i64" if expression.op == "int" else text

    def _collection(self, expression: Expr) -> str:
        kind, args = expression.type, expression.args
        if kind.kind == "tuple":
            return f"({', '.join(self.expr(part, COND, of) for part, of in zip(args, kind.of, strict=True))})"
        if expression.op == "list":
            inside = kind.of[0] if kind.of else UNKNOWN
            return f"vec![{', '.join(self.expr(part, COND, inside) for part in args)}]" if args else "Vec::new()"
        texts = [self.expr(part, COND, kind.of[place % 2]) for place, part in enumerate(args)]
        pairs = ", ".join(f"({key}, {value})" for key, value in zip(texts[::2], texts[1::2], strict=True))
        return f"HashMap::from([{pairs}])" if pairs else "HashMap::new()"

    def _compared(self, kind: str, args: list[Expr]) -> tuple[str, int]:
        level = EQUAL if kind in ("==", "!=") else LESS
        if any(part.op == "none" for part in args):
            other = args[0] if args[1].op == "none" else args[1]
            return f"{self.look(other)}.{'is_none' if kind == '==' else 'is_some'}()", PRIMARY
        if self.common_text(args) == STR:
            if CHAR in (args[0].type, args[1].type):
                texts = [f"{self.expr(part, COND, STR)}" for part in args]
            else:
                texts = [self.side(part, ordered=level == LESS) for part in args]
            return f"{texts[0]} {kind} {texts[1]}", level
        if all(part.type.kind in COPIED for part in args):
            if kind in ("==", "!=") and self._plain_remainder(args):
                left = Expr("truncmod", args[0].args, type=args[0].type)
                return f"{self.expr(left, ADD)} {kind} 0", level
            return self.binary(kind, args, level)
        return f"{self.side(args[0])} {kind} {self.side(args[1])}", level

    def _slot(self, mark: str, argument: Expr, args: list[Expr]) -> str:
        if mark == "&":
            return self.borrow(argument)
        if mark == "r":
            return self.reference(argument)
        if mark == "u":
            return self.place_in(argument)
        if mark == "" and argument.type.kind not in COPIED:
            return self.look(argument)
        if mark == "" and argument.op in ("int", "float"):
            return f"({self.expr(argument)}{'i64' if argument.op == 'int' else 'f64'})"
        return super()._slot(mark, argument, args)

    def arguments(self, function: Function, args: list[Expr]) -> str:
        texts: list[str] = []
        for (label, kind), argument in zip(function.parameters, args, strict=True):
            mode = self.mode_of_parameter(label, kind, function)
            if mode == "mut":
                already = argument.op == "name" and self.mode(argument.value) == "mut"
                if argument.op not in ("name", "index", "field"):
                    raise Unsupported("a temporary value that is changed")
                texts.append(self.name(argument.value) if already else f"&mut {self.look(argument)}")
            elif mode in ("ref", "str") and not (kind == STR and argument.type == CHAR):
                if argument.op == "list" and not argument.type.known:
                    argument.type = kind
                texts.append(self.borrow(argument))
            elif mode == "str":
                texts.append(f"&{self.expr(argument, UNARY, STR)}")
            else:
                texts.append(self.expr(argument, COND, kind))
        return ", ".join(texts)

    def static_text(self, owner: str, method: str) -> str:
        return f"{self.names.type(owner)}::{method}"

    def method_text(self, receiver: Expr, method: str, arguments: str) -> str:
        return f"{self.look(receiver)}.{method}({arguments})"

    def made(self, label: str, arguments: str) -> str:
        has = self.program.classes[label].constructor is not None
        return f"{self.names.type(label)}::new({arguments})" if has else f"{self.names.type(label)} {{}}"

    def conditional(self, args: list[Expr], wanted: Type) -> str:
        yes, no = (self.expr(part, COND, wanted) for part in args[1:])
        return f"if {self.truth(args[0])} {{ {yes} }} else {{ {no} }}"

    def concat(self, parts: list[Expr]) -> tuple[str, int]:
        pattern, given = self.pattern(parts)
        return f"format!({', '.join([pattern, *given])})", PRIMARY

    def pattern(self, parts: list[Expr]) -> tuple[str, list[str]]:
        pattern, given = "", list[str]()
        for part in parts:
            if part.op == "str":
                pattern += part.value.replace("{", "{{").replace("}", "}}")
                continue
            inner = part.args[0] if part.op == "tostr" and part.args[0].type.kind in (*WHOLE, "str", "char") else part
            if part.op == "fixed":
                pattern += f"{{:.{part.value}}}"
                given.append(self.as_float(part.args[0])[0])
                continue
            pattern += "{}"
            given.append(self.look(inner) if inner.type == STR and inner.op in PLACES else self.expr(inner))
        return quoted(pattern, '"'), given
