"""The language between languages as Java: lists are `List`, or arrays where the declaration says so."""

from lsp_server.translation.rules.tree import Expr, Stmt, Unsupported, op
from lsp_server.translation.rules.writer import ADD, COND, MULTIPLY, PRIMARY, UNARY, Writer, quoted
from lsp_server.translation.type_names import write_type
from lsp_server.translation.types import CHAR, FLOAT, INT, LONG, STR, UNKNOWN, Type

_BOXES = {"int": "Integer", "long": "Long", "float": "Double", "char": "Character", "bool": "Boolean", "str": "String"}


class JavaWriter(Writer):
    language = "java"
    templates = {  # noqa: RUF012 - read only
        "abs": "Math.abs({=0})",
        "min": "Math.min({=0}, {=1})",
        "max": "Math.max({=0}, {=1})",
        "minof": "Collections.min({=0})",
        "maxof": "Collections.max({=0})",
        "sqrt": "Math.sqrt({=0})",
        "round": "(int) Math.rint({=0})",
        "roundhalfup": "(int) Math.round({=0})",
        "tochar": "(char) ({=0})",
        "upper": "{0}.toUpperCase()",
        "lower": "{0}.toLowerCase()",
        "upperchar": "Character.toUpperCase({=0})",
        "lowerchar": "Character.toLowerCase({=0})",
        "strip": "{0}.trim()",
        "join": "String.join({=1}, {=0})",
        "startswith": "{0}.startsWith({=1})",
        "endswith": "{0}.endsWith({=1})",
        "find": "{0}.indexOf({=1})",
        "indexof": "{0}.indexOf({=1})",
        "chr": "(char) ({=0})",
        "codeat": "(int) {0}.charAt({=1})",
        "getor": "{0}.getOrDefault({=1}, {=2})",
        "emptyset": "new HashSet<>()",
        "floordiv": "Math.floorDiv({=0}, {=1})",
        "floormod": "Math.floorMod({=0}, {=1})",
        "sort!1": "Collections.sort({=0})",
        "sort!2": "{0}.sort(Collections.reverseOrder())",
        "reverse!1": "Collections.reverse({=0})",
        "append!2": "{0}.add({=1})",
        "add!2": "{0}.add({=1})",
        "extend!2": "{0}.addAll({=1})",
        "insert!3": "{0}.add({=1}, {=2})",
        "clear!1": "{0}.clear()",
        "pop!1": "{0}.remove({0}.size() - 1)",
        "poplast": "{0}.remove({0}.size() - 1)",
        "appendstr!2": "{0} += {=1}",
    }

    def special(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        first = args[0].type if args else UNKNOWN
        if kind == "list":
            inside = expression.type.of[0] if expression.type.of else UNKNOWN
            items = ", ".join(self.expr(part, COND, inside) for part in args)
            return (f"new ArrayList<>(Arrays.asList({items}))" if args else "new ArrayList<>()"), PRIMARY
        if kind == "map" and not args:
            return "new HashMap<>()", PRIMARY
        if kind == "len":
            call = ".length()" if first.kind == "str" else ".length" if first.name == "array" else ".size()"
            return f"{self.expr(args[0], PRIMARY)}{call}", PRIMARY
        if kind == "index":
            return self._index(args[0], args[1]), PRIMARY
        if kind in ("==", "!=") and self._by_equals(args):
            left, right = args
            wanted = self.common_text(args)
            text = f"{self.text_of(left, wanted)}.equals({self.text_of(right, wanted)})"
            return (text, PRIMARY) if kind == "==" else (f"!{text}", UNARY)
        if kind in ("/", "cdiv", "truncdiv"):
            left = self.expr(args[0], MULTIPLY)
            if kind == "/" and all(part.type.kind in ("int", "long") for part in args):
                left = f"(double) {self.expr(args[0], UNARY)}"
            return f"{left} / {self.expr(args[1], UNARY)}", MULTIPLY
        if kind == "truncmod" or (kind == "floormod" and expression.type == FLOAT):
            left, right = self.expr(args[0], MULTIPLY), self.expr(args[1], UNARY)
            return f"{left} % {right}", MULTIPLY
        if kind == "pow":
            text = f"Math.pow({self.expr(args[0])}, {self.expr(args[1])})"
            cast = {"int": "(int) ", "long": "(long) "}.get(expression.type.kind, "")
            return f"{cast}{text}", UNARY if cast else PRIMARY
        if kind in ("floor", "ceil"):
            cast = "(int) " if expression.type == INT else ""
            return f"{cast}Math.{kind}({self.expr(args[0])})", UNARY
        return self._texts(expression) or self._lists(expression)

    def _texts(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        first = args[0].type if args else UNKNOWN
        if kind == "toint":
            if first == STR:
                return f"Integer.parseInt({self.expr(args[0])})", PRIMARY
            if first == CHAR:
                return f"Character.getNumericValue({self.expr(args[0])})", PRIMARY
            return f"(int) {self.expr(args[0], UNARY)}", UNARY
        if kind == "tofloat":
            if first == STR:
                return f"Double.parseDouble({self.expr(args[0])})", PRIMARY
            return f"(double) {self.expr(args[0], UNARY)}", UNARY
        if kind == "tostr":
            return f"String.valueOf({self.expr(args[0])})", PRIMARY
        if kind == "ord":
            return f"(int) {self.text_of(args[0], CHAR)}", UNARY
        if kind in ("isdigit", "isalpha", "isupper", "islower", "isspace", "isalnum"):
            return self._of_characters(kind, args[0])
        if kind == "slice" and first.kind == "str":
            end = "" if args[2].op == "none" else f", {self.expr(args[2])}"
            return f"{self.expr(args[0], PRIMARY)}.substring({self.expr(args[1])}{end})", PRIMARY
        if kind == "reversed" and first.kind == "str":
            return f"new StringBuilder({self.expr(args[0])}).reverse().toString()", PRIMARY
        if kind == "repeat" and first.kind in ("str", "char"):
            return f"{self.text_of(args[0], STR)}.repeat({self.expr(args[1])})", PRIMARY
        if kind == "replace":
            return f"{self.expr(args[0], PRIMARY)}.replace({self.expr(args[1])}, {self.expr(args[2])})", PRIMARY
        if kind == "split" and args[1].op == "str":
            return f"Arrays.asList({self.expr(args[0], PRIMARY)}.split({self.expr(args[1])}))", PRIMARY
        if kind == "words":
            return f'Arrays.asList({self.expr(args[0], PRIMARY)}.trim().split("\\\\s+"))', PRIMARY
        if kind == "contains":
            call = "containsKey" if first.kind == "map" else "contains"
            wanted = STR if first.kind == "str" else first.of[0] if first.of else UNKNOWN
            return f"{self.expr(args[0], PRIMARY)}.{call}({self.text_of(args[1], wanted)})", PRIMARY
        if kind == "+" and expression.type == STR and not any(part.type == STR for part in args):
            return f"{self.text_of(args[0], STR)} + {self.expr(args[1], MULTIPLY)}", ADD
        return None

    def _lists(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        text = self.expr(args[0], PRIMARY) if args and args[0].op != "lambda" else ""
        if kind in ("slice", "reversed", "sorted", "listof", "setof", "keys", "values"):
            return self._copies(expression, text)
        if kind == "sum":
            item = expression.type
            mapper = {"float": "mapToDouble(Double::doubleValue)", "long": "mapToLong(Long::longValue)"}
            return f"{text}.stream().{mapper.get(item.kind, 'mapToInt(Integer::intValue)')}.sum()", PRIMARY
        if kind == "count" and args[0].type.kind == "list":
            return f"Collections.frequency({self.expr(args[0])}, {self.expr(args[1])})", PRIMARY
        if kind in ("filled", "repeat"):
            times, item = (args[0], args[1]) if kind == "filled" else (args[1], args[0])
            if kind == "repeat":
                if item.op != "list" or len(item.args) != 1:
                    raise Unsupported("a repeated list")
                item = item.args[0]
            if item.type.kind in ("list", "map", "set"):
                raise Unsupported("a list of lists of one length")
            box = _BOXES.get(expression.type.of[0].kind, "") if expression.type.of else ""
            value = self.expr(item, COND, expression.type.of[0] if expression.type.of else UNKNOWN)
            return (
                f"new ArrayList<>(Collections.{f'<{box}>' if box else ''}nCopies({self.expr(times)}, {value}))",
                PRIMARY,
            )
        return None

    def _copies(self, expression: Expr, text: str) -> tuple[str, int]:
        kind, args = expression.op, expression.args
        if args[0].type.kind not in ("list", "set", "map") or args[0].type.name == "array":
            raise Unsupported(f"{kind} of what is no list")
        if kind == "slice":
            end = f"{text}.size()" if args[2].op == "none" else self.expr(args[2])
            return f"new ArrayList<>({text}.subList({self.expr(args[1])}, {end}))", PRIMARY
        if kind in ("reversed", "sorted"):
            raise Unsupported(f"{kind} as a value")
        inside = {"keys": f"{text}.keySet()", "values": f"{text}.values()"}.get(kind, self.expr(args[0]))
        return f"new {'HashSet' if kind == 'setof' else 'ArrayList'}<>({inside})", PRIMARY

    def _of_characters(self, kind: str, argument: Expr) -> tuple[str, int]:
        call = {
            "isdigit": "isDigit",
            "isalpha": "isLetter",
            "isupper": "isUpperCase",
            "islower": "isLowerCase",
            "isspace": "isWhitespace",
            "isalnum": "isLetterOrDigit",
        }[kind]
        if argument.type == STR:
            text = self.expr(argument, PRIMARY)
            return f"{text}.chars().allMatch(Character::{call})", PRIMARY
        return f"Character.{call}({self.expr(argument)})", PRIMARY

    def _index(self, holder: Expr, place: Expr) -> str:
        text = self.expr(holder, PRIMARY)
        if holder.type.kind == "str":
            return f"{text}.charAt({self.expr(place)})"
        if holder.type.name == "array":
            return f"{text}[{self.expr(place)}]"
        return f"{text}.get({self.expr(place)})"

    def _by_equals(self, args: list[Expr]) -> bool:
        kinds = [part.type.kind for part in args]
        if "none" in (part.op for part in args) or self.common_text(args) == CHAR:
            return False
        boxed = all(part.op == "index" and part.args[0].type.kind in ("list", "map") for part in args)
        boxed = boxed and all(part.args[0].type.name != "array" for part in args)
        return "str" in kinds or "list" in kinds or "map" in kinds or boxed

    def text_of(self, expression: Expr, wanted: Type) -> str:
        """An expression as a string or a character, whichever is wanted."""
        if wanted == STR and expression.type == CHAR and expression.op not in ("str", "char"):
            return f"String.valueOf({self.expr(expression)})"
        if wanted == CHAR and expression.type == STR and expression.op not in ("str", "char"):
            return f"{self.expr(expression, PRIMARY)}.charAt(0)"
        return self.expr(expression, PRIMARY, wanted)

    def _convert(self, expression: Expr, wanted: Type) -> tuple[str, int]:
        if wanted == STR and expression.type == CHAR and expression.op not in ("str", "char"):
            return f"String.valueOf({self.expr(expression)})", PRIMARY
        if wanted == FLOAT and expression.type in (INT, LONG) and expression.op == "int":
            return f"{expression.value}.0", PRIMARY
        if wanted.kind in ("int", "long") and expression.type == FLOAT:
            return f"({'int' if wanted == INT else 'long'}) {self.expr(expression, UNARY)}", UNARY
        if wanted == INT and expression.type == LONG and expression.op != "int":
            return f"(int) {self.expr(expression, UNARY)}", UNARY
        return self._write(expression, wanted)

    def literal(self, text: str, kind: Type) -> str:
        return quoted(text, "'") if kind == CHAR and len(text) == 1 else quoted(text, '"')

    def declare(self, name: str, kind: Type, value: str | None) -> str:
        text = write_type(kind, "java")
        if not text or kind.kind == "void":
            if value is None:
                raise Unsupported("a variable of unknown type")
            return f"var {name} = {value};"
        if value is None:
            zero = {"bool": "false", "int": "0", "long": "0", "float": "0", "char": "' '"}.get(kind.kind, "null")
            value = zero
        return f"{text} {name} = {value};"

    def each_header(self, statement: Stmt) -> str:
        over = statement.exprs[0]
        kind = self.variables.get(statement.name, UNKNOWN)
        text = self.expr(over)
        if over.type.kind == "str":
            text = f"{self.expr(over, PRIMARY)}.toCharArray()"
        elif over.op == "chars":
            text = f"{self.expr(over.args[0], PRIMARY)}.toCharArray()"
        elif over.op == "keys" or over.type.kind == "map":
            inner = over.args[0] if over.op == "keys" else over
            text = f"{self.expr(inner, PRIMARY)}.keySet()"
        return f"for ({write_type(kind, 'java') or 'var'} {self.name(statement.name)} : {text})"

    def set_text(self, place: Expr, value: str) -> str:
        if place.op == "index" and place.args[0].type.name != "array":
            call = "put" if place.args[0].type.kind == "map" else "set"
            return f"{self.expr(place.args[0], PRIMARY)}.{call}({self.expr(place.args[1])}, {value})"
        return f"{self.expr(place)} = {value}"

    def assign(self, place: Expr, value: Expr) -> str:
        return self.set_text(place, self.expr(value, COND, place.type))

    def change(self, statement: Stmt) -> list[str]:
        exprs = statement.exprs
        if statement.op == "put":
            item = op("index", exprs[0], exprs[1])
            return [self.set_text(item, self.expr(exprs[2])) + ";"]
        if statement.op in ("append", "add") and exprs[0].type.of:
            text = self.expr(exprs[1], COND, exprs[0].type.of[0])
            return [f"{self.expr(exprs[0], PRIMARY)}.add({text});"]
        if statement.op == "sort" and exprs[0].type.name == "array":
            return [f"Arrays.sort({self.expr(exprs[0])});"]
        return super().change(statement)
