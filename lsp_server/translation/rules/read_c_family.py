"""JavaScript, TypeScript, Java, C++, C and C# into the language between languages: their statements.

The grammars differ in names, not in shape, so one reader serves them all; what calls mean is in `calls`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_server.languages import Language
from lsp_server.languages.parsing import parse
from lsp_server.translation.outline import IMPORTS, outline_source
from lsp_server.translation.rules.expressions import ExpressionReader
from lsp_server.translation.rules.loops import counting
from lsp_server.translation.rules.tree import (
    Expr,
    Function,
    Stmt,
    Unsupported,
    all_expressions,
    all_statements,
    name,
    op,
)
from lsp_server.translation.syntax import field, node_text
from lsp_server.translation.types import UNKNOWN, VOID, Type, read_type

if TYPE_CHECKING:
    from tree_sitter import Node

PARSE_MS = 500.0
_UNSIGNED = re.compile(r"\bunsigned\b|\buint(?:\d+_t)?\b|\bulong\b")
_FUNCTIONS = frozenset(
    [
        "function_definition",
        "function_declaration",
        "method_declaration",
        "arrow_function",
        "function_expression",
        "local_function_statement",
    ]
)
_BLOCKS = frozenset(["statement_block", "block", "compound_statement"])
_DECLARATIONS = frozenset(
    [
        "lexical_declaration",
        "variable_declaration",
        "local_variable_declaration",
        "declaration",
        "local_declaration_statement",
    ]
)


def read_c_family(text: str, language: Language) -> Function:
    """The one function that `text` defines. Raises `Unsupported`."""
    inside = text if language.id not in ("java", "csharp") or "class " in text else f"class C {{\n{text}\n}}"
    units = outline_source(inside, language).units
    if len(units) != 1 or units[0].kind != "function":
        raise Unsupported("it is not one plain function")
    unit = units[0]
    starts = unit.name in ("main", "Main")
    tree = parse(inside.encode("utf-8", "replace"), language, limit_ms=PARSE_MS)
    if tree is None or tree.root_node.has_error:
        raise Unsupported("it does not parse")
    function = _find(tree.root_node)
    body = field(function, "body") if function is not None else None
    if body is None:
        raise Unsupported("it has no body")
    if any(parameter.default for parameter in unit.parameters):
        raise Unsupported("its parameters are not plain")
    parameters = [(item.name, read_type(item.type, language.id)) for item in unit.parameters]
    returns = read_type(unit.return_type, language.id) if unit.return_type else UNKNOWN
    reader = _Reader(language, _outliving(body))
    if starts and language.id not in ("javascript", "typescript"):
        found = _main(reader.block(body), parameters)
    elif body.type not in _BLOCKS:
        return Function(unit.name, parameters, returns, [Stmt("return", [reader.expressions.read(body)])])
    else:
        found = Function(unit.name, parameters, returns, reader.block(body))
    _check_unsigned(found, {item.name for item in unit.parameters if _UNSIGNED.search(item.type)} | reader.unsigned)
    if language.id == "cpp" and function is not None:
        by_value, by_reference = _passed(function)
        if (by_value | reader.copied) & (by_reference | reader.shared):
            raise Unsupported("a name of a copy and of a reference")
        found.copied, found.shared = by_value | reader.copied, by_reference | reader.shared
    return found


def _main(body: list[Stmt], parameters: list[tuple[str, Type]]) -> Function:
    """Where a program begins: nobody gives it anything, and nobody looks at what it gives back."""
    used = {part.value for part in all_expressions(body) if part.op == "name"}
    if used & {label for label, _ in parameters}:
        raise Unsupported("arguments of a program")
    if body and body[-1].op == "return":
        body.pop()
    if any(statement.op == "return" and statement.exprs for statement in all_statements(body)):
        raise Unsupported("a program that says how it went")
    return Function("main", [], VOID, body)


def read_c_statements(text: str, language: Language) -> Function:
    """What stands between definitions. Raises `Unsupported`."""
    tree = parse(text.encode("utf-8", "replace"), language, limit_ms=PARSE_MS)
    if tree is None or tree.root_node.has_error:
        raise Unsupported("it does not parse")
    reader = _Reader(language, _outliving(tree.root_node))
    body: list[Stmt] = []
    for node in tree.root_node.named_children:
        inner = node.named_children[0] if node.type in ("global_statement", "export_statement") else node
        body += reader.statement(inner)
    if body and all(statement.op == "declare" and statement.exprs for statement in body):
        body = [Stmt("assign", [name(one.name), *one.exprs], type=one.type) for one in body]
    return Function("", [], VOID, body, "statements")


def _find(node: Node) -> Node | None:
    if node.type in _FUNCTIONS:
        return node
    for child in node.named_children:
        if child.type not in IMPORTS:
            found = _find(child)
            if found is not None:
                return found
    return None


def _passed(function: Node) -> tuple[set[str], set[str]]:
    """Parameters of a function in C++ that are copies, and those that are references."""
    found: dict[str, set[str]] = {"identifier": set(), "reference_declarator": set()}
    declarator = field(function, "declarator")
    while declarator is not None and field(declarator, "parameters") is None:
        declarator = field(declarator, "declarator") or next(iter(declarator.named_children), None)
    holder = field(declarator, "parameters") if declarator is not None else None
    for node in holder.named_children if holder is not None else ():
        place = field(node, "declarator")
        if place is not None and place.type in found:
            found[place.type].add(node_text(place).lstrip("& "))
    return found["identifier"], found["reference_declarator"]


def _check_unsigned(function: Function, unsigned: set[str]) -> None:
    """Raises `Unsupported` where an unsigned number may fall below zero: there it starts again from above.

    Counting down and taking bits off (`n & (n - 1)`) do the same with a sign.
    """
    for statement in all_statements(function.body):
        counts = statement.op == "assign" and statement.exprs[1].op == "-" and statement.exprs[1].args[1].op == "int"
        pending = [] if counts else list(statement.exprs)
        while pending:
            part = pending.pop()
            if part.op in ("-", "neg") and any(one.op == "name" and one.value in unsigned for one in part.args):
                raise Unsupported("unsigned numbers that are subtracted")
            pending += part.args if part.op != "&" else []


def _outliving(body: Node) -> frozenset[str]:
    """Variables that JavaScript's `var` makes in the head of a loop and that stand outside its loops too."""
    made: set[str] = set()
    outside: set[str] = set()
    pending: list[tuple[Node, frozenset[str]]] = [(body, frozenset())]
    while pending:
        node, own = pending.pop()
        if node.type == "identifier" and node_text(node) not in own:
            outside.add(node_text(node))
        if node.type == "for_statement" or (node.type == "for_in_statement" and field(node, "kind") is not None):
            start = field(node, "initializer") or node
            is_var = start.type == "variable_declaration" or any(child.type == "var" for child in start.children)
            places = (
                [field(child, "name") for child in start.named_children] if start != node else [field(node, "left")]
            )
            names = {node_text(place) for place in places if place is not None}
            own |= names
            made |= names if is_var else set()
        pending += [(child, own) for child in node.named_children]
    return frozenset(made & outside)


class _Reader:
    def __init__(self, language: Language, outliving: frozenset[str]) -> None:
        """`outliving` are the variables of loops that are there after them."""
        self._language = language
        self._outliving = outliving
        self.copied: set[str] = set()
        """Variables of loops that are copies of what the loop goes over."""
        self.shared: set[str] = set()
        self.unsigned: set[str] = set()
        self.expressions = ExpressionReader(language)

    def block(self, node: Node) -> list[Stmt]:
        """A block, or the single statement that stands where one could."""
        if node.type == "else_clause":
            return self.block(node.named_children[-1])
        if node.type not in _BLOCKS:
            return self.statement(node)
        return [statement for child in node.named_children for statement in self.statement(child)]

    def statement(self, node: Node) -> list[Stmt]:
        kind = node.type
        if "comment" in kind or kind in ("empty_statement", ";"):
            return []
        if kind in _BLOCKS:
            return self.block(node)
        if kind in _DECLARATIONS:
            return self._declaration(node)
        if kind == "expression_statement":
            return self.expressions.effects(node.named_children[0]) if node.named_children else []
        if kind == "return_statement":
            return [Stmt("return", [self.expressions.read(child) for child in node.named_children[:1]])]
        if kind in ("break_statement", "continue_statement") and not node.named_children:
            return [Stmt(kind.removesuffix("_statement"))]
        if kind == "if_statement":
            other = field(node, "alternative")
            return [
                Stmt(
                    "if",
                    [self._condition(node)],
                    [self.block(_needed(node, "consequence")), self.block(other) if other is not None else []],
                )
            ]
        if kind == "while_statement":
            return [Stmt("while", [self._condition(node)], [self.block(_needed(node, "body"))])]
        if kind == "do_statement":
            body = self.block(_needed(node, "body"))
            end = Stmt("if", [op("not", self._condition(node))], [[Stmt("break")], []])
            return [Stmt("while", [Expr("bool", value=True)], [[*body, end]])]
        if kind == "for_statement":
            return self._for(node)
        if kind in ("for_in_statement", "enhanced_for_statement", "for_range_loop", "foreach_statement"):
            return self._foreach(node)
        raise Unsupported(kind)

    def _condition(self, node: Node) -> Expr:
        return self.expressions.read(_needed(node, "condition"))

    def _declaration(self, node: Node) -> list[Stmt]:
        kind_node = field(node, "type")
        if kind_node is None:  # C# has a declaration inside its statement
            inner = next((child for child in node.named_children if child.type == "variable_declaration"), None)
            if inner is not None:
                return self._declaration(inner)
        kind = read_type(node_text(kind_node), self._language.id) if kind_node is not None else UNKNOWN
        found: list[Stmt] = []
        for child in node.named_children:
            if child.type in ("variable_declarator", "init_declarator"):
                found.append(self._declarator(child, kind))
                if kind_node is not None and _UNSIGNED.search(node_text(kind_node)):
                    self.unsigned.add(found[-1].name)
            elif child.type == "identifier" and child != kind_node:
                found.append(Stmt("declare", self._empty(kind), name=node_text(child), type=kind))
            elif child.type in ("array_declarator", "pointer_declarator", "function_declarator"):
                raise Unsupported(child.type)
        return found

    def _empty(self, kind: Type) -> list[Expr]:
        """What a C++ variable holds that is given nothing: its collections and texts are there, and empty."""
        holds = self._language.id == "cpp" and kind.kind in ("list", "map", "set", "str")
        return [self.expressions.constructed(kind, [])] if holds else []

    def _declarator(self, node: Node, kind: Type) -> Stmt:
        place = field(node, "name") or field(node, "declarator")
        annotation = field(node, "type")
        if annotation is not None:
            kind = read_type(node_text(annotation), self._language.id)
        value = field(node, "value")
        if value is None and self._language.id == "csharp" and len(node.named_children) > 1:
            value = node.named_children[-1]
        if place is None or place.type != "identifier":
            raise Unsupported("a pattern")
        if value is None:
            return Stmt("declare", [], name=node_text(place), type=kind)
        if value.type == "argument_list":  # vector<int> v(n, 0)
            given = [self.expressions.read(child) for child in value.named_children]
            read = self.expressions.constructed(kind, given)
        else:
            read = self.expressions.read(value, kind)
        return Stmt("declare", [read], name=node_text(place), type=kind)

    def _for(self, node: Node) -> list[Stmt]:
        start_node = next((found for part in ("initializer", "init") if (found := field(node, part)) is not None), None)
        start = [] if start_node is None else self._start(start_node)
        test = field(node, "condition")
        if test is not None and test.type == "expression_statement":
            test = test.named_children[0]
        step_node = next((found for part in ("increment", "update") if (found := field(node, part)) is not None), None)
        step = self.expressions.effects(step_node) if step_node is not None else []
        body = self.block(_needed(node, "body"))
        condition = self.expressions.read(test) if test is not None and test.type != "empty_statement" else None
        outlives = bool(start) and start[0].name in self._outliving
        if outlives and start[0].exprs:
            start[0] = Stmt("assign", [name(start[0].name), *start[0].exprs])
        if len(start) == 1 and not outlives:
            return counting(start[0], condition, step, body)
        return [*start, *counting(None, condition, step, body)]

    def _start(self, node: Node) -> list[Stmt]:
        if node.type in _DECLARATIONS:
            return self._declaration(node)
        if node.type in ("expression_statement", "empty_statement"):
            return self.expressions.effects(node.named_children[0]) if node.named_children else []
        return self.expressions.effects(node)

    def _foreach(self, node: Node) -> list[Stmt]:
        if node.type == "for_in_statement" and not any(child.type == "of" for child in node.children):
            raise Unsupported("for in")
        place = next(
            (found for part in ("left", "name", "declarator") if (found := field(node, part)) is not None), None
        )
        over = next((found for part in ("right", "value") if (found := field(node, part)) is not None), None)
        kind_node = field(node, "type")
        if place is None or over is None:
            raise Unsupported(node.type)
        by = self.copied
        if place.type == "reference_declarator":
            place, by = place.named_children[-1], self.shared
        if place.type != "identifier":
            raise Unsupported("a pattern")
        if node_text(place) in self._outliving:
            raise Unsupported("a variable that outlives its loop")
        kind = read_type(node_text(kind_node), self._language.id) if kind_node is not None else UNKNOWN
        by.add(node_text(place))
        body = self.block(_needed(node, "body"))
        return [Stmt("foreach", [self.expressions.read(over)], [body], node_text(place), kind)]


def _needed(node: Node, part: str) -> Node:
    found = field(node, part)
    if found is None:
        raise Unsupported(f"{node.type} without {part}")
    return found
