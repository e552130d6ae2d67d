"""Refuses, before it is sent, every statement that could reach a workspace other than the one it is run for.

Each table with a workspace must be tied to it by `table.c.workspace == <value>` among the conditions that all hold, or by
`table.c.workspace == other.c.workspace` to a table that is. Every SELECT is judged alone, nested ones too, and the ON of an outer
join ties nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import Alias, Column, Connection, Delete, Engine, Insert, Join, Select, Table, Update, event
from sqlalchemy.engine.interfaces import Compiled
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import (
    BinaryExpression,
    BindParameter,
    BooleanClauseList,
    ClauseElement,
    ColumnClause,
    ColumnElement,
    ReleaseSavepointClause,
    RollbackToSavepointClause,
    SavepointClause,
    TextClause,
)
from sqlalchemy.sql.selectable import CTE, CompoundSelect, FromClause, Subquery, TableClause, TextualSelect

from bot.storage.errors import UnscopedQuery
from bot.storage.schema import METADATA

WORKSPACE: Final = "workspace"  # the column, and the execution option that says for which workspace statements run
EVERY_WORKSPACE: Final = object()  # the option's value for maintenance
BEGINS: Final = ("BEGIN IMMEDIATE", "BEGIN DEFERRED")

_STATEMENTS = (Select, CompoundSelect, Insert, Update, Delete)
_SAVEPOINTS = (SavepointClause, RollbackToSavepointClause, ReleaseSavepointClause)
_WELL_READ: Final = WeakSet[ClauseElement]()  # over all workspaces a statement counts alone; those of the workers are sent often
_Rows = Sequence[Mapping[str, Any]]


def guard(engine: Engine) -> None:
    """From now on nothing passes through the engine unchecked.

    A statement that SQLAlchemy compiled before has the shape of one that was checked: then only its workspaces are looked at.
    """
    known: WeakKeyDictionary[Compiled, tuple[str, ...]] = WeakKeyDictionary()

    def before_execute(connection: Connection, statement: Any, rows: _Rows, row: Mapping[str, Any], options: Mapping[str, Any]) -> None:
        if (rows or row) and isinstance(statement, Select | Update | Delete) and options.get(WORKSPACE) is not EVERY_WORKSPACE:
            raise UnscopedQuery("values belong into the statement: those sent beside it could replace its workspace")

    def before_cursor_execute(connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        compiled: Compiled | None = getattr(context, "compiled", None)
        if compiled is None:
            if statement not in BEGINS:
                raise UnscopedQuery("SQL as text is for migrations only")
            return
        workspace, rows = context.execution_options.get(WORKSPACE), context.compiled_parameters
        names = known.get(compiled)
        if names is None or workspace is EVERY_WORKSPACE:
            check(context.invoked_statement, rows if context.isinsert else [], workspace)
            if workspace is not EVERY_WORKSPACE:
                known[compiled] = tuple(_workspaces_in(compiled))
        elif not all(row[name] == workspace for row in rows for name in names):
            raise UnscopedQuery("the statement names another workspace")

    event.listen(engine, "before_execute", before_execute)
    event.listen(engine, "before_cursor_execute", before_cursor_execute)


def _workspaces_in(compiled: Compiled) -> Iterator[str]:
    """The parameters that a compiled statement compares with a workspace, or writes into one."""
    names = getattr(compiled, "bind_names", {})
    for element in visitors.iterate(cast(ClauseElement, compiled.statement)):
        if isinstance(element, BinaryExpression):
            for column, value in ((element.left, element.right), (element.right, element.left)):
                if _workspace_of(column) is not None and isinstance(value, BindParameter):
                    yield names[value]
        elif isinstance(element, Insert) and WORKSPACE in element.table.c:
            yield WORKSPACE


def check(statement: object, rows: _Rows, workspace: object) -> None:
    """Raises UnscopedQuery unless the statement stays inside the workspace. `rows` are the parameters it is sent with."""
    if isinstance(statement, _SAVEPOINTS):
        return
    if not isinstance(statement, _STATEMENTS):
        raise UnscopedQuery(f"{type(statement).__name__} is for migrations only")
    if workspace is EVERY_WORKSPACE and statement in _WELL_READ:
        return
    elements = list(visitors.iterate(statement))
    for element in elements:
        _refuse_text(element)
    if workspace is EVERY_WORKSPACE:
        _WELL_READ.add(statement)
        return
    for element in elements:
        if isinstance(element, Insert):
            _check_insert(element, rows, workspace)
        elif isinstance(element, Select | Update | Delete):
            _check_conditions(element, rows, workspace)


def _refuse_text(element: visitors.ExternallyTraversible) -> None:
    """Words that the guard cannot read: SQL as text, and tables under our names that are not ours."""
    literal = isinstance(element, ColumnClause) and element.is_literal and element.name != "*"
    if literal or isinstance(element, TextClause | TextualSelect):
        raise UnscopedQuery("SQL as text is for migrations only")
    if isinstance(element, TableClause):
        ours = METADATA.tables.get(element.name.lower())
        if ours is not None and element is not ours:
            raise UnscopedQuery(f"{element.name} is not the table of the schema")


def _check_conditions(statement: Select[Any] | Update | Delete, rows: _Rows, workspace: object) -> None:
    if rows:
        raise UnscopedQuery("values belong into the statement: those sent beside it could replace its workspace")
    if isinstance(statement, Update) and any(_name(key) == WORKSPACE for key in statement._values or ()):
        raise UnscopedQuery("a row never moves to another workspace")
    sources = _sources(statement)
    tied = _tied(list(_conditions(statement, sources)), workspace)
    for table in (leaf for source in sources for leaf in _leaves(source)):
        if WORKSPACE in table.c and table not in tied:
            raise UnscopedQuery(f"{table} is not tied to the workspace")


def _sources(statement: Select[Any] | Update | Delete) -> Sequence[FromClause]:
    if isinstance(statement, Select):
        return statement.get_final_froms()
    # UPDATE ... FROM and DELETE ... USING name their further tables only by columns.
    parts = [part for part in (statement.whereclause, *(getattr(statement, "_values", None) or {}).values()) if part is not None]
    return [statement.table, *(column.table for part in parts for column in _columns(part))]


def _columns(part: Any) -> Iterator[Column[Any]]:
    """The columns of an expression, nested selects aside: those are judged alone."""
    if isinstance(part, Column):
        yield part
    elif not isinstance(part, Select | CompoundSelect):
        for child in part.get_children():
            yield from _columns(child)


def _leaves(source: FromClause) -> Iterator[FromClause]:
    """The tables and aliases of a FROM. What a subquery selects from is judged with the subquery."""
    if isinstance(source, Join):
        yield from _leaves(source.left)
        yield from _leaves(source.right)
    elif isinstance(source, TableClause) or (isinstance(source, Alias) and isinstance(source.element, Table)):
        yield source
    elif not isinstance(source, Subquery | CTE):
        raise UnscopedQuery(f"the guard cannot read {type(source).__name__} in a FROM")


def _conditions(statement: Select[Any] | Update | Delete, sources: Sequence[FromClause]) -> Iterator[ColumnElement[Any]]:
    """The conditions that hold of every row: those of WHERE and of inner joins, split at AND."""
    if statement.whereclause is not None:
        yield from _conjuncts(statement.whereclause)
    for source in sources:
        yield from _joined_on(source)


def _joined_on(source: FromClause) -> Iterator[ColumnElement[Any]]:
    if isinstance(source, Join) and not source.isouter and not source.full:
        if source.onclause is not None:
            yield from _conjuncts(source.onclause)
        yield from _joined_on(source.left)
        yield from _joined_on(source.right)


def _conjuncts(condition: ClauseElement) -> Iterator[ColumnElement[Any]]:
    if isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
        for part in condition.clauses:
            yield from _conjuncts(part)
    elif isinstance(condition, ColumnElement):
        yield condition


def _tied(conditions: list[ColumnElement[Any]], workspace: object) -> set[FromClause]:
    """The tables that the conditions hold to this workspace, at once or through another table."""
    equal = [c for c in conditions if isinstance(c, BinaryExpression) and c.operator is operators.eq]
    pairs = [(_workspace_of(c.left), _workspace_of(c.right)) for c in equal]
    values = [(c.right.effective_value if isinstance(c.right, BindParameter) else None) for c in equal]
    tied = {left for (left, _), value in zip(pairs, values, strict=True) if left is not None and _is(value, workspace)}
    while more := {b for a, b in (*pairs, *((b, a) for a, b in pairs)) if a in tied and b is not None} - tied:
        tied |= more
    return tied


def _workspace_of(side: ColumnElement[Any]) -> FromClause | None:
    return side.table if isinstance(side, Column) and side.name == WORKSPACE else None


def _is(value: object, workspace: object) -> bool:
    return isinstance(value, str) and value == workspace


def _check_insert(statement: Insert, rows: _Rows, workspace: object) -> None:
    table = statement.table
    if WORKSPACE not in table.c:
        return
    if statement.select is not None or statement._multi_values:
        raise UnscopedQuery("rows are given one by one, or beside the statement")
    conflict = getattr(statement, "_post_values_clause", None)
    if any(_name(key) == WORKSPACE for key in getattr(conflict, "update_values_to_set", None) or ()):
        raise UnscopedQuery("a row never moves to another workspace")
    written = {_name(key): getattr(value, "effective_value", None) for key, value in (statement._values or {}).items()}
    for row in rows or [{}]:
        if not _is(row.get(WORKSPACE, written.get(WORKSPACE)), workspace):
            raise UnscopedQuery(f"a row of {table} is not given this workspace")


def _name(key: Any) -> str:
    return str(getattr(key, "name", key))
