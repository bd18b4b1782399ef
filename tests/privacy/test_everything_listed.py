"""Whatever could carry a reporter's mark stands on a list, and what is new fails until it does.

A mark is what a reporter has left, or what tells when they did. Columns are listed in
tests/support/columns.py; answers and addresses of the API in tests/web/test_answer_walls.py; the
routes of the pages in tests/support/showing.py (tests/privacy/test_console_pages.py); messages, log
lines and jobs here.
"""

import ast
import re
from dataclasses import fields, is_dataclass
from inspect import signature
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from columns import WHY, allowed_columns, stored_columns
from showing import routes

import underseal
from underseal.core import message
from underseal.core.message import Message
from underseal.jobs.worker import Worker
from underseal.store.connection import session
from underseal.store.roles import Role

MARKS = {
    "pseudonym": {
        Role.CORE,
        Role.CONSOLE,
        Role.VAULT,
        Role.BACKTEST,
    },  # records; aliases; break-glass
    "tag": {
        Role.CORE,
        Role.CONSOLE,
        Role.BACKTEST,
    },  # commitments, receipts; aliases; a fixed order
    "written": {Role.CORE, Role.CONSOLE},  # notes and answers, encrypted; moderators read them
    "chosen": {Role.CORE, Role.CONSOLE, Role.BACKTEST},  # evidence; what moderators see of a report
    "law": {Role.CORE, Role.CONSOLE},
    "quarter": {Role.CORE, Role.CONSOLE, Role.BACKTEST},  # commitments; what is replayed
    "block": {Role.CORE},  # that nobody waits for ever
    "identity": {Role.VAULT},  # break-glass, and no running service
    "forgotten": {Role.VAULT},
}
"""The reasons of columns that hold a mark, and the only roles that may read such a column."""

MESSAGES = {
    "VisibilityChanged": "subject.kind subject.external_id visibility.level visibility.age_restricted "
    "visibility.labelled visibility.interaction_limited visibility.geo_blocked revision",
    "StatementIssued": "subject.kind subject.external_id statement_id kind",
    "AppealDecided": "subject.kind subject.external_id appeal_id statement_id is_granted",
    "SubjectCleared": "subject.kind subject.external_id version",
    "IncidentRaised": "subject.kind subject.external_id kind",
}
"""All that a webhook can say."""

LINES = {
    ("database server ended, starting it again: %s", "error"),  # how our own process ended
    ("assess_failed error=%s", "type(failure).__name__"),
    ("job_failed job=%s error=%s", "job.__name__, type(failure).__name__"),
    ("page_failed instance=%s error=%s", "name, type(error).__name__"),  # drawn for the problem
    ("report_refused error=%s", "name"),  # of the error's type
    ("reports_not_stored count=%d error=%s", "len(batch), name"),
    ("request_failed instance=%s error=%s", "instance, type(error).__name__"),
    ("ticks_stand_still until=restart clock_moved_s=%d", "moved_s"),
    ("year_key_missing year=%d", "(now + KEY_NOTICE).year"),
}
"""All that a log can say: the line, and what is put into it; never the text of an error."""

PLACES = {
    *("case_id", "decision_id", "draft_id", "question_id", "incident_id"),  # drawn at random
    *("item_id", "who"),  # these, too
    *("guideline_id", "name", "token"),  # a guideline, a file of ours, an invitation of staff
}
"""What stands in the addresses of pages, which others on the way may log."""

SPEAKING = {
    *("underseal.cli", "underseal.lab"),  # to whoever typed the command
    "underseal.scan.scanner",  # to the process that started it, in a sandbox
}
"""Where something is printed."""

PACKAGE = Path(underseal.__file__).parent
ASK = "Can it tell who reported, or when? If it cannot, list it in {}, with the reason; if it can: no."


async def test_every_column_is_listed(server, address):
    async with session(address, server.passwords.login(Role.OWNER)) as owner:
        found = await stored_columns(owner)
    listed = allowed_columns()
    pairs = {(table, *each) for table, columns in found.items() for each in columns.items()}
    known = {
        (table, name, type_)
        for table, columns in listed.items()
        for name, (type_, _) in columns.items()
    }
    new = [f"{table}.{name} {type_}" for table, name, type_ in sorted(pairs - known)]
    assert not new, f"{new} is new. {ASK.format('tests/support/columns.py')}"
    assert pairs == known, "of what is gone nothing is to be said"


def test_every_reason_is_some_column_s():
    used = {why for columns in allowed_columns().values() for _, why in columns.values()}
    assert used == set(WHY)
    assert set(MARKS) < used


async def test_marks_are_read_by_those_who_need_them(server, address):
    marked = {
        (table, name): MARKS[why]
        for table, columns in allowed_columns().items()
        for name, (_, why) in columns.items()
        if why in MARKS
    }
    async with session(address, server.passwords.login(Role.OWNER)) as owner:
        for (table, name), allowed in marked.items():
            rows = await owner.fetch(
                "select r.rolname from pg_roles r where r.rolname = any ($1) "
                "and has_schema_privilege(r.oid, split_part($2, '.', 1), 'usage') "
                "and has_column_privilege(r.oid, $2, $3, 'select')",
                [role for role in Role if role is not Role.OWNER],
                table,
                name,
            )
            readers = {row["rolname"] for row in rows}
            assert readers <= allowed, f"{table}.{name} holds a mark, and {readers} may read it"


def names_of(type_: type, hints: dict[str, object]) -> list[str]:
    """The fields of a record, down to those that have none below them."""
    found = []
    for field in fields(type_):
        inner = hints[field.name]
        if is_dataclass(inner):
            below = names_of(inner, get_type_hints(inner))
            found += [f"{field.name}.{name}" for name in below]
        else:
            found.append(field.name)
    return found


def test_every_field_of_every_message_is_listed():
    found = {
        each.__name__: " ".join(names_of(each, get_type_hints(each))) for each in get_args(Message)
    }
    assert found == MESSAGES, ASK.format(__file__)
    records = {
        name
        for name, each in vars(message).items()
        if isinstance(each, type) and is_dataclass(each) and each.__module__ == message.__name__
    }
    assert records == set(found), "every record of the module is a message"


def test_every_part_of_an_address_of_a_page_is_listed():
    found = {name for _, path in routes() for name in re.findall(r"{(\w+):", path)}
    assert found == PLACES, f"{found ^ PLACES} is new, or gone. {ASK.format(__file__)}"


def test_no_job_is_told_anything():
    """What is to be done stands in tables, whose columns are listed."""
    jobs = [
        name
        for name, each in vars(Worker).items()
        if callable(each) and not name.startswith("__") and name != "run"
    ]
    assert len(jobs) >= 6
    for name in jobs:
        arguments = set(signature(getattr(Worker, name)).parameters) - {"self", "began_at"}
        assert arguments == set(), f"{name} takes {arguments}. {ASK.format('a table')}"


def calls() -> list[tuple[str, ast.Call]]:
    """Every call in the package, with the name of its module."""
    return [
        (".".join(("underseal", *path.relative_to(PACKAGE).with_suffix("").parts)), node)
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    ]


def line_of(call: ast.Call) -> tuple[str, str]:
    """What a call logs: the line, and all that is put into it."""
    text, *given = call.args
    line = text.value if isinstance(text, ast.Constant) else ast.unparse(text)
    return str(line), ", ".join(map(ast.unparse, [*given, *(each.value for each in call.keywords)]))


def is_logging(call: ast.Call) -> bool:
    levels = {"debug", "info", "warning", "warn", "error", "exception", "critical", "log"}
    return (
        isinstance(call.func, ast.Attribute)
        and call.func.attr in levels
        and "log" in ast.unparse(call.func.value)
    )


def test_every_line_of_the_log_is_listed():
    found = {line_of(call) for _, call in calls() if is_logging(call)}
    assert found == LINES, ASK.format(__file__)


def test_nothing_is_said_past_the_log():
    speaking = {
        module
        for module, call in calls()
        if ast.unparse(call.func) in {"print", "warn", "warnings.warn", "traceback.print_exc"}
        or ast.unparse(call.func).endswith(("stderr.write", "stdout.write", "stdout.buffer.write"))
    }
    unknown = {each for each in speaking if not each.startswith(tuple(SPEAKING))}
    assert not unknown, ASK.format(__file__)


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("log.info('filed by %s', reporter)", True),
        ("self._log.exception('failed')", True),
        ("logging.getLogger('x').info('hello')", True),
        ("math.log(2)", False),
    ],
)
def test_what_is_logged_is_recognised(line, is_one):
    call = next(node for node in ast.walk(ast.parse(line)) if isinstance(node, ast.Call))
    assert is_logging(call) == is_one
