"""The language between languages as Rust: units and statements."""

from lsp_server.translation.rules.brace import INDENT, loop_source, step_of
from lsp_server.translation.rules.rust_values import COPIED, PLACES, RustValues
from lsp_server.translation.rules.scopes import rebinds
from lsp_server.translation.rules.templating import ADD, COND, PRIMARY, quoted
from lsp_server.translation.rules.tree import Class, Expr, Function, Stmt, Unsupported, members
from lsp_server.translation.types import CHAR, FLOAT, STR, UNKNOWN, VOID, Type

_ANNOTATED = ("Vec::new", "HashMap::new", "HashSet::new", "vec![", "String::new", "None", "Some(", "f64::")


class RustWriter(RustValues):
    main = "fn main()"
    condition = "{}"

    # --- units ---

    def signature(self, function: Function, called: str) -> str:
        parts = [self.parameters(function)] if function.parameters else []
        if function.kind == "method":
            parts = ["&mut self" if "self" in self.scope.effects.of(function) else "&self", *parts]
        returns = "" if function.returns == VOID else f" -> {self.returns(function)}"
        return f"fn {called}({', '.join(parts)}){returns}"

    def constructor(self, made: Class, function: Function) -> str:
        return f"fn new({self.parameters(function)}) -> Self"

    def parameter(self, name: str, kind: Type, function: Function) -> str:
        label = next((own for own, _ in function.parameters if self.name(own) == name), name)
        text = self.needed_type(kind)
        mode = self.mode_of_parameter(label, kind, function)
        before = "mut " if mode == "owned" and self.changes(function, label) else ""
        return f"{before}{name}: { {'str': '&str', 'ref': f'&{text}', 'mut': f'&mut {text}'}.get(mode, text) }"

    def class_lines(self, made: Class) -> list[str]:
        kind = self.names.type(made.name)
        fields = [f"{INDENT}{self.names.field(made.name, f)}: {self.needed_type(k)}," for f, k in made.fields.items()]
        lines = ["#[derive(Clone)]", f"struct {kind} {{", *fields, "}", "", f"impl {kind} {{"]
        for number, function in enumerate(members(made)):
            self.function = function
            if function.kind == "constructor":
                inside = self._constructed(made, function)
                body = [f"{self.constructor(made, function)} {{", *(INDENT + line for line in inside), "}"]
            else:
                body = self.definition(self.signature(function, self.method_name(made, function)), function)
            lines += [*([""] if number else []), *(INDENT + line for line in body)]
        return [*lines, "}"]

    def _constructed(self, made: Class, function: Function) -> list[str]:
        """Fields become variables first; the object is made of them at the end."""
        lines: list[str] = []
        missing = dict(made.fields)
        for statement in function.body:
            place = statement.exprs[0] if statement.op == "assign" else None
            if place is not None and place.op == "field" and place.args[0].op == "self":
                name = self.names.field(made.name, place.value)
                kind = made.fields[place.value]
                text = self.expr(statement.exprs[1], COND, kind)
                moved = text.removesuffix(".clone()") if statement.exprs[1].op == "name" else text
                if moved != name or place.value not in missing:
                    lines.append(f"let {name}: {self.needed_type(kind)} = {text};")
                missing.pop(place.value, None)
            else:
                lines += self.statement(statement)
        if missing:
            raise Unsupported("a field that has no first value")
        inside = ", ".join(self.names.field(made.name, field) for field in made.fields)
        return [*lines, f"Self {{ {inside} }}" if inside else "Self {}"]

    def constant(self, statement: Stmt) -> str:
        place, value = statement.exprs
        kind = self.kind_of(place.value)
        name = self.names.constant(place.value)
        if kind == STR and value.op == "str":
            return f"const {name}: &str = {quoted(value.value, chr(34))};"
        if kind.kind not in COPIED:
            raise Unsupported("a constant that is no plain value")
        return f"const {name}: {self.needed_type(kind)} = {self.expr(value, COND, kind)};"

    # --- statements ---

    def printed(self, text: Expr, *, line: bool) -> str:
        parts = [part for part in text.args if not (part.op == "str" and not part.value)]
        pattern, given = self.pattern(parts)
        pattern = "" if pattern == '""' else pattern
        return f"{'println' if line else 'print'}!({', '.join(([pattern] if pattern else []) + given)})"

    def returned(self, value: Expr) -> str:
        self.moves = value.op == "name"
        try:
            return super().returned(value)
        finally:
            self.moves = False

    def change(self, statement: Stmt) -> list[str]:
        place, *given = statement.exprs
        if statement.op in ("append", "appendstr") and place.type == STR and len(given) == 1 and given[0].type == CHAR:
            return [f"{self.look(place)}.push({self.expr(given[0], COND, CHAR)});"]
        return super().change(statement)

    def declare(self, name: str, kind: Type, value: str | None) -> str:
        label = next((own for own in self.function.variables if self.name(own) == name), name)
        mut = "mut " if value is None or self.changes(self.function, label) or name not in self._known() else ""
        mut = mut if not name.startswith("next") or value is None else ""
        if value is None:
            zero = {"int": "0", "long": "0", "float": "0.0", "bool": "false", "char": "' '", "str": "String::new()"}
            empty = {"list": "Vec::new()", "map": "HashMap::new()", "set": "HashSet::new()"}
            value = zero.get(kind.kind) or empty.get(kind.kind)
            if value is None:
                raise Unsupported("a variable without a value")
        plain = value[:1].isdigit() or value.startswith(("-", *_ANNOTATED))
        return f"let {mut}{name}{f': {self.needed_type(kind)}' if plain else ''} = {value};"

    def _known(self) -> set[str]:
        return {self.name(own) for own in self.function.variables}

    def set_text(self, place: Expr, value: str) -> str:
        if place.op == "index" and place.args[0].type.kind == "map":
            holder, key = place.args
            return f"{self.look(holder)}.insert({self.expr(key, COND, holder.type.of[0])}, {value})"
        return f"{self.place(place)} = {value}"

    def place(self, place: Expr) -> str:
        if place.op == "index" and place.args[0].type.kind == "map":
            holder, key = place.args
            return f"*{self.look(holder)}.get_mut({self.borrow(key)}).unwrap()"
        stars = "*" if place.op == "name" and self.borrowed.get(place.value) == "mut" else ""
        return f"{stars}{self.look(place)}"

    def augment(self, place: Expr, value: Expr) -> str:
        if place.type == STR and value.op == "+" and value.args[0].op in PLACES:
            right = value.args[1]
            if right.type == CHAR and right.op != "str":
                return f"{self.look(place)}.push({self.expr(right)})"
            return f"{self.look(place)}.push_str({self.borrow(right)})"
        return super().augment(place, value)

    def while_header(self, test: Expr) -> str:
        text = self.truth(test)
        return "loop" if text == "true" else f"while {text}"

    def range_header(self, statement: Stmt) -> str:
        start, stop, step = statement.exprs
        by = step_of(step)
        mut = "mut " if rebinds(statement.blocks[0], statement.name) else ""
        first, last = self.expr(start, ADD), self.expr(stop, ADD)
        first = f"{first}_i64" if start.op == "int" and start.value >= 0 and stop.op == "int" else first
        if by > 0:
            over = f"{first}..{last}" if by == 1 else f"({first}..{last}).step_by({by})"
        else:
            end = str(stop.args[0].value * -1 + 1) if stop.op == "neg" and stop.args[0].op == "int" else f"{last} + 1"
            over = f"({end}..={first}).rev()" + (f".step_by({-by})" if by < -1 else "")
        return f"for {mut}{self.name(statement.name)} in {over}"

    def each_header(self, statement: Stmt) -> str:
        what, over = loop_source(statement)
        name, label = self.name(statement.name), statement.name
        text = self.look(over)
        mut = "mut " if rebinds(statement.blocks[0], label) else ""
        if what == "chars":
            return f"for {mut}{name} in {text}.chars()"
        if what == "keys" or over.type.kind == "set":
            raise Unsupported("the order of a map")
        kind = over.type.of[0] if over.type.of else UNKNOWN
        if kind.kind in COPIED:
            return f"for {mut}{name} in {text}.iter().copied()"
        if mut:
            return f"for mut {name} in {text}.clone()"
        changed = label in self.scope.effects.of(self.function)
        self.borrowed[label] = "mut" if changed else "ref"
        return f"for {name} in {text}.iter{'_mut' if changed else ''}()"

    def sorted_plainly(self, place: Expr, item: Type, *, reverse: bool) -> str:
        text = self.look(place)
        if item == FLOAT:
            a, b = ("b", "a") if reverse else ("a", "b")
            return f"{text}.sort_by(|a, b| {a}.partial_cmp({b}).unwrap())"
        if not item.known or item.kind in ("map", "set", "named"):
            raise Unsupported("a sort of something that is not plain")
        return f"{text}.sort_by(|a, b| b.cmp(a))" if reverse else f"{text}.sort()"

    def _key(self, key: Expr, variable: str, label: str) -> str:
        copied = self.kind_of_item(key, variable)
        self.borrowed[variable] = "ref"
        before = self.names.rename(self.function, variable, f"(*{label})" if copied else label)
        try:
            return self.expr(key, PRIMARY)
        finally:
            self.names.rename(self.function, variable, before)
            self.borrowed.pop(variable, None)

    @staticmethod
    def kind_of_item(key: Expr, variable: str) -> bool:
        """Whether the item that is sorted is a plain value."""
        return any(part.op == "name" and part.value == variable and part.type.kind in COPIED for part in key.walk())

    def sorted_by(
        self, place: Expr, item: Type, names: tuple[str, str], keys: list[tuple[str, str, Expr]], *, reverse: bool
    ) -> list[str]:
        chain = ""
        for number, (a, b, _) in enumerate(keys):
            first, second = (b, a) if reverse else (a, b)
            compare = f"{first}.partial_cmp(&{second}).unwrap()"
            chain += f".then({compare})" if number else compare
        return [f"{self.look(place)}.sort_by(|{', '.join(names)}| {chain});"]
