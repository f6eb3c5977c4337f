"""Which names a cell defines and which it needs from outside."""

from __future__ import annotations

import ast
import builtins
import symtable
from dataclasses import dataclass

BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__", "display", "get_ipython"}


@dataclass(frozen=True)
class Names:
    """The top-level names of one cell.

    Attributes
    ----------
    defined : frozenset of str
        Names that the cell binds: assignments, functions, classes, imports.
    needed : dict of str to int
        Names that it reads and does not define itself, each with the line of its first use.
    modules : dict of str to int
        Top-level packages that it imports anywhere, with the line.
    """

    defined: frozenset[str]
    needed: dict[str, int]
    modules: dict[str, int]


def names_of(code: str) -> Names:
    """Analyse one code cell.

    Parameters
    ----------
    code : str
        Python source; ``await`` at top level is allowed.

    Returns
    -------
    Names

    Raises
    ------
    SyntaxError
        If the code is not Python.
    """
    tree = ast.parse(code)
    table = symtable.symtable(code, "<cell>", "exec")
    defined = {s.get_name() for s in table.get_symbols() if _binds(s)}
    read = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    for scope in _scopes(table):
        for symbol in scope.get_symbols():
            if symbol.is_global():
                read.add(symbol.get_name())
                if symbol.is_declared_global() and symbol.is_assigned():
                    defined.add(symbol.get_name())
    needed = {name: _first_line(tree, name) for name in read - defined - BUILTINS}
    return Names(frozenset(defined), needed, _modules(tree))


def _binds(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def _scopes(table: symtable.SymbolTable) -> list[symtable.SymbolTable]:
    return [s for child in table.get_children() for s in [child, *_scopes(child)]]


def _first_line(tree: ast.AST, name: str) -> int:
    lines = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == name]
    return min(lines, default=1)


def _modules(tree: ast.AST) -> dict[str, int]:
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found.setdefault(alias.name.partition(".")[0], node.lineno)
        elif isinstance(node, ast.ImportFrom):
            found.setdefault((node.module or "").partition(".")[0], node.lineno)
    return found
