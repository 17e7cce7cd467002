"""What everything in a program is called in the target language: its conventions, its own words, no two alike."""

from dataclasses import replace

from lsp_server.translation.naming import function_name, type_name, variable_name
from lsp_server.translation.rules.tree import Function, Program, all_expressions, all_statements
from lsp_server.translation.targets import Target
from lsp_server.translation.types import Type

_TAKEN = {
    "python": "list set dict str int float bool len max min sum abs sorted range map filter any all ord chr print "
    "round type input math string enumerate zip tuple reversed object id hash next iter pow open",
    "go": "append len cap copy string int float64 rune byte bool error true false nil strings math fmt sort strconv "
    "panic print println new make complex real imag unicode _",
    "javascript": "Math Map Set String Number Array JSON console Object name require module process undefined",
    "java": "String Math List System Integer Map Set _",
    "csharp": "String Math Console List",
    "rust": "Vec String Some None Ok Err vec",
    "cpp": "std",
}
_TAKEN["typescript"] = _TAKEN["javascript"]
_SHOWN = {
    "python": "__str__",
    "java": "toString",
    "javascript": "toString",
    "typescript": "toString",
    "csharp": "ToString",
    "go": "String",
}
"""What the method is called that shows an object as text."""


class Names:
    """Spells names; a name is spelled alike wherever it is written."""

    def __init__(self, program: Program, target: Target) -> None:
        self._program = program
        self._target = target
        self._reserved = set(_TAKEN[target.id].split())
        self._locals: dict[int, dict[str, str]] = {}
        self._given: dict[int, dict[str, str]] = {}
        self._functions: dict[str, str] = {}

    def give(self, function: Function, own: str, parameters: dict[str, str]) -> None:
        """Names that somebody else has chosen for a function and its parameters."""
        self._functions[function.name] = own
        self._given[id(function)] = parameters

    def function(self, label: str) -> str:
        return self._functions.get(label) or function_name(label, self._target)

    def type(self, label: str) -> str:
        return type_name(label, self._target)

    def member(self, owner: str, label: str) -> str:
        """A method of a class."""
        if label == "__str__":
            return _SHOWN.get(self._target.id, "to_text")
        return function_name(label, self._target)

    def field(self, owner: str, label: str) -> str:
        """A field of a class; never named like one of its methods."""
        holder = self._program.classes.get(owner)
        spelled = variable_name(label, self._target)
        methods = {self.member(owner, method) for method in holder.methods} if holder is not None else set[str]()
        return f"{spelled}_" if spelled in methods else spelled

    def variable(self, function: Function, label: str) -> str:
        """A local variable, a parameter, or a constant of the file."""
        if label in self._program.constants and label not in function.variables and label not in function.names:
            return self.constant(label)
        return self._of(function).get(label) or self._plain(label)

    def constant(self, label: str) -> str:
        return self._plain(label)

    def fresh(self, function: Function, label: str) -> str:
        """A name that nothing in the function has; another one each time."""
        spelled = self.unused(function, label)
        self._of(function)[f"{label} {spelled}"] = spelled
        return spelled

    def unused(self, function: Function, label: str) -> str:
        """A name that nothing in the function has, for a variable of one expression alone."""
        taken = {*self._of(function).values(), *map(self.constant, self._program.constants)}
        taken |= set(map(self.function, self._program.functions))
        spelled, number = self._plain(label), 1
        while spelled in taken:
            number += 1
            spelled = f"{self._plain(label)}{number}"
        return spelled

    def rename(self, function: Function, label: str, spelled: str) -> str:
        """Call a variable something else. Gives what it was called, for who takes that back."""
        names = self._of(function)
        before = names.pop(label, "")
        if spelled:
            names[label] = spelled
        return before

    def spelled(self, kind: Type) -> Type:
        """A type with the names of the file's classes in it spelled."""
        if kind.kind == "named" and kind.name in self._program.classes:
            return replace(kind, name=self.type(kind.name))
        return replace(kind, of=tuple(map(self.spelled, kind.of)))

    def _plain(self, label: str) -> str:
        spelled = variable_name(label, self._target)
        return f"{spelled}_" if spelled in self._reserved else spelled

    def _of(self, function: Function) -> dict[str, str]:
        if id(function) not in self._locals:
            self._locals[id(function)] = self._spell_locals(function)
        return self._locals[id(function)]

    def _spell_locals(self, function: Function) -> dict[str, str]:
        names = dict(self._given.get(id(function), {}))
        used = {part.value for part in all_expressions(function.body) if part.op == "name"}
        used |= {statement.name for statement in all_statements(function.body) if statement.name}
        used |= set(function.names)
        taken = {self.function(part.value) for part in all_expressions(function.body) if part.op == "call"}
        taken |= {self.constant(label) for label in self._program.constants if label in used}
        taken |= {self.function(label) for label in self._program.functions}
        for label in sorted(used - set(names)):
            if label in self._program.constants and label not in function.variables:
                continue
            spelled = self._plain(label)
            while spelled in names.values() or spelled in taken:
                spelled += "_"
            names[label] = spelled
        return names
