"""No query without its workspace: good statements pass, every other one is refused before it is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    and_,
    bindparam,
    column,
    delete,
    event,
    exists,
    false,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    table,
    text,
    true,
    tuple_,
    union,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable, DropTable

import bot.storage
from bot.storage import Database, UnscopedQuery, open_database
from bot.storage.engines import PATIENCE, make_engine, read_url
from bot.storage.guard import EVERY_WORKSPACE, WORKSPACE, check, guard
from bot.storage.schema import METADATA, conversations, posts, rulebooks, seen, settings, verdicts
from tests.bot.storage.conftest import MovedClock
from tests.bot.storage.kept import NOON

c, v, p = conversations.c, verdicts.c, posts.c
OURS, THEIRS = "T1", "T2"
HERE = c.workspace == OURS
ROW = {"workspace": OURS, "key": "k"}
other = conversations.alias("other")
twin = conversations.alias("twin")
ours = select(c.id, c.workspace).where(HERE)
highest = select(func.max(c.version))
joined = conversations.join(verdicts, and_(v.workspace == c.workspace, v.conversation == c.id))

GOOD: dict[str, Any] = {
    "select": select(c.id).where(HERE),
    "select, one of several wheres": select(c.id).where(c.id == "x").where(c.stage == "y", HERE),
    "select, within AND": select(c.id).where(and_(c.id == "x", and_(HERE, or_(c.stage == "y", c.stage == "z")))),
    "select, turned round": select(c.id).where(c.workspace == OURS),
    "all columns": select(conversations).where(HERE).order_by(c.updated_at.desc()).limit(3).with_for_update(read=True),
    "count": select(func.count()).select_from(conversations).where(HERE),
    "join on the workspace": select(c.id, v.id).select_from(joined).where(HERE),
    "join, tied at the other end": select(c.id).select_from(joined).where(v.workspace == OURS),
    "join of three in a row": select(c.id)
    .select_from(joined.join(posts, and_(p.workspace == v.workspace, p.conversation == v.conversation)))
    .where(HERE),
    "two tables, each tied": select(c.id, v.id).where(HERE, v.workspace == OURS),
    "two tables, tied to each other": select(c.id, v.id).where(HERE, v.workspace == c.workspace),
    "alias": select(other.c.id).where(other.c.workspace == OURS),
    "table and its alias": select(c.id).where(HERE, other.c.workspace == c.workspace, other.c.id == c.owner),
    "outer join, tied in where": select(c.id)
    .select_from(conversations.outerjoin(verdicts, v.conversation == c.id))
    .where(HERE, v.workspace == OURS),
    "subquery": select(ours.subquery().c.id),
    "IN": select(v.id).where(v.workspace == OURS, v.conversation.in_(select(c.id).where(HERE))),
    "EXISTS": select(v.id).where(v.workspace == OURS, exists().where(HERE, c.id == v.conversation, v.workspace == OURS)),
    "UNION": union(select(c.id).where(HERE), select(v.id).where(v.workspace == OURS)),
    "CTE": select(ours.cte("mine").c.id),
    "update": update(conversations).where(HERE, c.version == 3).values(version=4),
    "update from a table": update(verdicts).where(v.workspace == OURS, HERE, c.id == v.conversation).values(asked_by=c.owner),
    "update by a subquery": update(verdicts).where(v.workspace == OURS).values(number=highest.where(HERE).scalar_subquery()),
    "delete": delete(conversations).where(c.owner == "U1", HERE),
    "delete using": delete(verdicts).where(v.workspace == c.workspace, HERE, v.conversation == c.id),
    "insert": insert(seen).values(ROW),
    "insert on conflict": sqlite.insert(seen).values(ROW).on_conflict_do_nothing(),
    "upsert": postgresql.insert(seen).values(ROW).on_conflict_do_update(index_elements=["workspace", "key"], set_={"at": None}),
    "a table for everybody": select(rulebooks.c.snapshot).where(rulebooks.c.version == "r1"),
    "insert for everybody": insert(rulebooks).values(version="r1"),
    "no table": select(func.now(), literal("x")),
    "revisions": select(table("alembic_version", column("version_num")).c.version_num),
}  # fmt: skip

BAD: dict[str, Any] = {
    "select": select(c.id),
    "select by id": select(c.id).where(c.id == "x"),
    "another workspace": select(c.id).where(c.workspace == THEIRS),
    "another workspace as well": select(c.id).where(c.workspace == THEIRS).union(select(c.id).where(HERE)),
    "within OR": select(c.id).where(or_(HERE, c.id == "x")),
    "within OR in AND": select(c.id).where(and_(c.id == "x", or_(HERE, true()))),
    "within NOT": select(c.id).where(~HERE),
    "unequal": select(c.id).where(c.workspace != OURS),
    "LIKE": select(c.id).where(c.workspace.like("T%")),
    "IN a list": select(c.id).where(c.workspace.in_([OURS, THEIRS])),
    "a tuple": select(c.id).where(tuple_(c.workspace, c.id) == tuple_(OURS, "x")),
    "NULL": select(c.id).where(c.workspace == None),  # noqa: E711  IS NULL is written so
    "a number": select(c.id).where(c.workspace == literal(1)),
    "itself": select(c.id).where(c.workspace == c.workspace),
    "another column": select(c.id).where(c.id == OURS),
    "a function": select(c.id).where(c.workspace == func.lower(OURS)),
    "a changed column": select(c.id).where(func.lower(c.workspace) == OURS),
    "a value to come": select(c.id).where(c.workspace == bindparam("workspace", type_=String)),
    "a comparison compared": select(c.id).where(false() == HERE),
    "only as a column": select(c.id, HERE),
    "only in HAVING": select(func.count(c.id)).group_by(c.workspace).having(HERE),
    "only in ORDER BY": select(c.id).order_by(HERE),
    "join, neither tied": select(c.id).select_from(joined),
    "join on the id alone": select(c.id).select_from(conversations.join(verdicts, v.conversation == c.id)).where(HERE),
    "two tables, one tied": select(c.id, v.id).where(HERE, v.conversation == c.id),
    "two tables tied only to each other": select(c.id, v.id).where(v.workspace == c.workspace),
    "cross join": select(c.id, p.slot).where(HERE),
    "outer join, tied in ON": select(c.id).select_from(conversations.outerjoin(verdicts, and_(HERE, v.workspace == OURS))),
    "outer join, right side": select(c.id).select_from(conversations.outerjoin(verdicts, v.workspace == c.workspace)).where(HERE),
    "full join": select(c.id).select_from(conversations.join(verdicts, and_(HERE, v.workspace == OURS), full=True)),
    "alias beside a tied table": select(other.c.id).where(HERE),
    "two aliases, one tied": select(other.c.id).where(other.c.workspace == OURS, twin.c.id == other.c.id),
    "subquery": select(select(c.id).subquery().c.id),
    "subquery tied outside": select(select(c.id, c.workspace).subquery()).where(HERE),
    "IN": select(v.id).where(v.workspace == OURS, v.conversation.in_(select(c.id))),
    "NOT IN": delete(conversations).where(HERE, c.id.not_in(select(v.conversation))),
    "EXISTS": select(v.id).where(v.workspace == OURS, exists().where(c.id == v.conversation)),
    "scalar subquery": select(select(func.count(v.id)).scalar_subquery()).where(HERE),
    "subquery in the columns": select(c.id, select(func.count(v.id)).scalar_subquery()).where(HERE),
    "subquery in ORDER BY": select(c.id).where(HERE).order_by(select(func.max(v.number)).scalar_subquery()),
    "lateral": select(c.id, select(v.id).where(v.workspace == OURS).lateral().c.id).where(HERE),
    "UNION": union(select(c.id).where(HERE), select(v.id)),
    "CTE": select(select(c.id).cte("all").c.id),
    "CTE that deletes": select(literal(1)).add_cte(delete(conversations).returning(c.id).cte("gone")),
    "update": update(conversations).values(stage="x"),
    "update by id": update(conversations).where(c.id == "x").values(stage="x"),
    "update moves the row": update(conversations).where(HERE).values(workspace=THEIRS),
    "update moves the row, by column": update(conversations).where(HERE).values({c.workspace: THEIRS}),
    "update moves the row, in order": update(conversations).where(HERE).ordered_values((c.workspace, THEIRS)),
    "update from a table": update(verdicts).where(v.workspace == OURS, c.id == v.conversation).values(asked_by=c.owner),
    "update from a column": update(verdicts).where(v.workspace == OURS).values(asked_by=c.owner),
    "update by a subquery": update(verdicts).where(v.workspace == OURS).values(number=highest.scalar_subquery()),
    "update, tied through the table it reads": update(verdicts).where(HERE, c.id == v.conversation).values(asked_by=c.owner),
    "delete": delete(settings),
    "delete another's": delete(settings).where(settings.c.workspace == THEIRS),
    "delete using": delete(verdicts).where(v.workspace == OURS, v.conversation == c.id),
    "insert without": insert(seen).values(key="k"),
    "insert for another": insert(seen).values(workspace=THEIRS, key="k"),
    "insert NULL": insert(seen).values(workspace=None, key="k"),
    "insert nothing": insert(seen),
    "insert many": insert(seen).values([ROW, ROW]),
    "insert from a select": insert(seen).from_select(["workspace", "key"], select(c.workspace, c.id).where(HERE)),
    "insert what a select gives": insert(seen).values(workspace=select(c.workspace).where(HERE).scalar_subquery(), key="k"),
    "insert a function": insert(seen).values(workspace=func.lower(OURS), key="k"),
    "upsert moves the row": sqlite.insert(seen).values(ROW).on_conflict_do_update(index_elements=["key"], set_={"workspace": THEIRS}),
    "upsert reads another table": sqlite.insert(seen)
    .values(ROW)
    .on_conflict_do_update(index_elements=["workspace", "key"], set_={"at": select(func.max(c.updated_at)).scalar_subquery()}),
    "text": text("SELECT 1"),
    "text with columns": text("SELECT id FROM conversations").columns(c.id),
    "text as a condition": select(c.id).where(HERE, text("1=1")),
    "text as a table": select(text("*")).select_from(text("conversations")),
    "text as a column": select(literal_column("(SELECT count(*) FROM conversations)")),
    "text as an order": select(c.id).where(HERE).order_by(text("id")),
    "a table of the same name": select(table("conversations", column("id")).c.id),
    "a table of nearly the same name": select(table("Conversations", column("id")).c.id),
    "a table of another schema": select(Table("conversations", MetaData(), Column("workspace", String)).c.workspace),
    "a function in FROM": select(func.json_each("[]").table_valued("value").c.value),
    "CREATE": CreateTable(seen),
    "DROP": DropTable(seen),
    "a function alone": func.now(),
}  # fmt: skip


@pytest.mark.parametrize("statement", GOOD.values(), ids=GOOD)
def test_a_statement_within_its_workspace_passes(statement: Any) -> None:
    check(statement, [], OURS)


@pytest.mark.parametrize("statement", BAD.values(), ids=BAD)
def test_a_statement_that_could_leave_its_workspace_is_refused(statement: Any) -> None:
    with pytest.raises(UnscopedQuery):
        check(statement, [], OURS)


@pytest.mark.parametrize("name", [name for name, statement in GOOD.items() if "WORKSPACE" in repr(statement.compile().params).upper()])
@pytest.mark.parametrize("workspace", [THEIRS, None, ""])
def test_what_is_good_in_one_workspace_is_refused_in_any_other(name: str, workspace: str | None) -> None:
    with pytest.raises(UnscopedQuery):
        check(GOOD[name], [], workspace)


INSERT = insert(seen)
ROWS: dict[str, tuple[Any, list[Mapping[str, Any]], bool]] = {
    "rows with it": (INSERT, [ROW, {**ROW, "key": "l"}], True),
    "rows without it that the statement has": (INSERT.values(workspace=OURS), [{"key": "k"}], True),
    "one row without it": (INSERT, [ROW, {"key": "l"}], False),
    "one row of another": (INSERT, [ROW, {**ROW, "workspace": THEIRS}], False),
    "a row that replaces it": (INSERT.values(workspace=OURS), [{"workspace": THEIRS, "key": "k"}], False),
    "a value to come": (select(c.id).where(c.workspace == bindparam("w")), [{"w": OURS}], False),
    "a value that replaces it": (select(c.id).where(HERE), [{"workspace_1": THEIRS}], False),
    "values beside an update": (update(conversations).where(HERE), [{"stage": "x"}], False),
}


@pytest.mark.parametrize(("statement", "rows", "passes"), ROWS.values(), ids=ROWS)
def test_what_is_sent_beside_a_statement_counts(statement: Any, rows: list[Mapping[str, Any]], passes: bool) -> None:
    if passes:
        check(statement, rows, OURS)
    else:
        with pytest.raises(UnscopedQuery):
            check(statement, rows, OURS)


@pytest.mark.parametrize("name", ["text", "text as a condition", "text as a table", "CREATE", "a table of the same name"])
def test_maintenance_may_reach_every_workspace_but_sends_no_text(name: str) -> None:
    check(BAD["select"], [], EVERY_WORKSPACE)
    check(BAD["delete"], [], EVERY_WORKSPACE)
    with pytest.raises(UnscopedQuery):
        check(BAD[name], [], EVERY_WORKSPACE)


# -- on an engine ------------------------------------------------------------------------------------------------------


@pytest.fixture
def sent() -> list[str]:
    return []


@pytest.fixture
def engine(url: str, clock: MovedClock, sent: list[str]) -> Iterator[Engine]:
    """Guarded, on a database with its tables; what reaches the driver is written down."""
    open_database(url, clock).close()
    engine = make_engine(read_url(url), PATIENCE)
    guard(engine)

    @event.listens_for(engine, "before_cursor_execute")
    def write_down(_connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    yield engine
    engine.dispose()


def test_a_refused_statement_is_never_sent(engine: Engine, sent: list[str]) -> None:
    with engine.connect().execution_options(**{WORKSPACE: OURS}) as connection:
        for statement in (BAD["select"], BAD["update"], BAD["delete"], BAD["text"], BAD["insert for another"]):
            with pytest.raises(UnscopedQuery):
                connection.execute(statement)
        with pytest.raises(UnscopedQuery):
            connection.exec_driver_sql("SELECT * FROM conversations")
        assert connection.execute(GOOD["select"]).all() == []
    assert [statement for statement in sent if not statement.startswith("BEGIN")] == [str(GOOD["select"].compile(engine))]


def test_without_a_workspace_only_what_is_for_everybody_is_reached(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.execute(GOOD["a table for everybody"]).all() == []
        with pytest.raises(UnscopedQuery):
            connection.execute(GOOD["select"])


# -- what the guard relies on ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [t for t in METADATA.sorted_tables if "workspace" in t.c], ids=str)
def test_no_key_reaches_across_workspaces(table: Table) -> None:
    keys = [list(each.columns) for each in table.constraints if isinstance(each, PrimaryKeyConstraint | UniqueConstraint)]
    keys += [list(index.columns) for index in table.indexes if index.unique]
    references = [list(each.columns) for each in table.foreign_key_constraints]
    queue = METADATA.tables["jobs"].c.id  # a number that only says which job came first
    assert [key for key in (*keys, *references) if key[0].name != "workspace" and key != [queue]] == []
    assert not table.c.workspace.nullable


def test_maintenance_alone_reaches_every_workspace() -> None:
    folder = Path(bot.storage.__file__).parent
    found = {path.name for path in folder.parent.rglob("*.py") if re.search("EVERY_WORKSPACE", path.read_text(encoding="utf-8"))}
    assert found == {"guard.py", "maintenance.py"}
    setting = {path.name for path in folder.parent.rglob("*.py") if re.search(r"\.execution_options\(", path.read_text(encoding="utf-8"))}
    assert setting == {"database.py", "maintenance.py"}


@pytest.mark.parametrize(
    "shape",
    {
        "select": lambda workspace: select(c.id).where(c.workspace == workspace, c.id == "x"),
        "join": lambda workspace: select(c.id).select_from(joined).where(v.workspace == workspace),
        "IN": lambda workspace: select(v.id).where(v.workspace == OURS, v.conversation.in_(select(c.id).where(c.workspace == workspace))),
        "update": lambda workspace: update(conversations).where(c.workspace == workspace, c.id == "x").values(version=2),
        "delete": lambda workspace: delete(conversations).where(c.workspace == workspace, c.id == "x"),
        "insert": lambda workspace: insert(seen).values(workspace=workspace, key=uuid4().hex, at=NOON),
    }.items(),
    ids=lambda pair: pair[0],
)
def test_a_shape_that_was_checked_before_is_still_held_to_its_workspace(database: Database, shape: Any) -> None:
    """SQLAlchemy compiles a shape once; the guard then looks at its workspaces alone."""
    _, made = shape
    for _ in range(2):
        with database.workspace(OURS) as work:
            work._connection.execute(made(OURS))
    with pytest.raises(UnscopedQuery), database.workspace(OURS) as work:
        work._connection.execute(made(THEIRS))
    with pytest.raises(UnscopedQuery), database.workspace(THEIRS) as work:
        work._connection.execute(made(OURS))
    with database.workspace(OURS) as work:
        work._connection.execute(made(OURS))
