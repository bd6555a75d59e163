"""The store behind a monitor: what was acknowledged stays, whoever asks and whatever happens."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from click.testing import CliRunner
from hypothesis import given, reject
from hypothesis import strategies as st
from postgresql import server
from shipped import touch
from sqlalchemy import event as listening
from strategies import Situation, situations

from ethics_engine import ConfigError, EventError, Monitor, StoreError, check, load_rules
from ethics_engine.cli import main
from ethics_engine.store.chain import START, canonical, link
from ethics_engine.store.database import Store
from ethics_engine.store.evidence import verify
from ethics_engine.store.exports import EVENTS, export, heads_of, verify_export

KEY = bytes(range(32))
RULES = load_rules()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    with server() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'practice.db'}"
    base = request.getfixturevalue("postgresql")
    return schema_of(base, f"t{abs(hash(str(tmp_path)))}")


def schema_of(base: str, name: str) -> str:
    """A part of a database of its own, where a store can be made."""
    import psycopg

    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return base.replace("/postgres?", f"/{name}?")


def sessions(count: int, practitioner: str = "p1", client: str = "c1") -> list[dict[str, Any]]:
    """Sessions held, one a week, with nothing agreed before."""
    start = datetime.fromisoformat("2026-01-05T17:00:00+01:00")
    return [
        {
            "id": f"s{number}",
            "at": (start + timedelta(weeks=number)).isoformat(),
            "type": "session.held",
            "practitioner": practitioner,
            "client": client,
            "minutes": 50,
        }
        for number in range(count)
    ]


def test_a_store_that_is_opened_again_goes_on_where_it_was(address: str) -> None:
    log = sessions(12)
    with Monitor(RULES, address) as monitor:
        for event in log[:6]:
            monitor.observe(event)
        before = monitor.report()
    with Monitor(RULES, address) as monitor:
        assert before == monitor.report()
        assert monitor.rejudged is None
        monitor.observe_many(log[6:])
        monitor.advance("2026-06-30")
        assert check(log, RULES, as_of=monitor.as_of) == monitor.report()
    with Monitor(RULES, address) as monitor:
        assert check(log, RULES, as_of=monitor.as_of) == monitor.report()


def test_two_monitors_of_one_store_see_each_others_events(address: str) -> None:
    log = sessions(10) + sessions(10, "p2", "c9")
    with Monitor(RULES, address) as one, Monitor(RULES, address) as other:
        for number, event in enumerate(log):
            (one if number % 2 else other).observe(event)
        assert check(log, RULES, as_of=one.as_of) == one.report()
        assert one.report() == other.report()


def test_time_that_another_monitor_let_pass_is_settled_before_a_late_event(address: str) -> None:
    log = sessions(8)
    with Monitor(RULES, address) as one, Monitor(RULES, address) as other:
        one.observe_many(log[:6])
        other.report()
        one.advance("2026-12-31")
        other.observe(log[6])
        one.observe(log[7])
        for monitor in (one, other):
            assert check(log, RULES, as_of="2026-12-31") == monitor.report()


def test_an_id_taken_by_another_content_is_refused_also_after_opening_again(address: str) -> None:
    with Monitor(RULES, address) as monitor:
        monitor.observe(touch())
    with Monitor(RULES, address) as monitor:
        assert monitor.observe(touch()).duplicate == 1
        with pytest.raises(EventError, match="another content"):
            monitor.observe_many([touch(id="e2"), touch(kind="hold")])
        assert monitor.report().log.accepted == 1


def test_other_rules_judge_the_store_anew_and_the_earlier_verdicts_stay(tmp_path: Path) -> None:
    file = tmp_path / "practice.db"
    address = f"sqlite:///{file}"
    log = sessions(12)
    with Monitor(RULES, address) as monitor:
        monitor.observe_many(log)
        before = {finding.id for finding in monitor.findings()}
    few = load_rules(disabled=["agreement.missing"])
    with Monitor(few, address) as monitor:
        changes = monitor.rejudged
        assert changes is not None
        after = {finding.id for finding in monitor.findings()}
        assert {finding.id for finding in changes.withdrawn} == before - after
        assert {finding.id for finding in changes.new} == after - before
        assert check(log, few) == monitor.report()
    rows = sqlite3.connect(file).execute(
        "select r.digest, count(*) from rule_sets r join verdicts v using (judged_by) "
        "where kind = 'finding' group by r.number order by r.number"
    )
    assert [(RULES.digest, len(before)), (few.digest, len(after))] == list(rows)


def test_a_monitor_with_rules_that_are_no_longer_the_stores_is_told_so(address: str) -> None:
    with Monitor(RULES, address) as monitor:
        monitor.observe(touch())
        with Monitor(load_rules(disabled=["touch.without-consent"]), address):
            pass
        with pytest.raises(ConfigError, match="judged by other rules now"):
            monitor.observe(touch(id="e2"))


def test_a_store_of_an_earlier_version_is_refused_and_it_is_told_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "practice.db"
    Monitor(RULES, f"sqlite:///{file}").close()
    with sqlite3.connect(file) as connection:
        connection.execute("update ethics_engine set value = '1' where name = 'version'")
    with pytest.raises(ConfigError, match=r"version 1, .* export it with the one that made it"):
        Monitor(RULES, f"sqlite:///{file}")


def test_a_store_of_a_later_version_is_refused(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'practice.db'}"
    Monitor(RULES, address).close()
    with sqlite3.connect(tmp_path / "practice.db") as connection:
        connection.execute("update ethics_engine set value = '99' where name = 'version'")
    with pytest.raises(ConfigError, match="version 99"):
        Monitor(RULES, address)


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("create table events (x)")
    with pytest.raises(ConfigError, match="of something else"):
        Monitor(RULES, f"sqlite:///{tmp_path / 'other.db'}")
    (tmp_path / "no.db").write_bytes(b"this is a letter, and no database at all" * 40)
    with pytest.raises(StoreError, match="not a database"):
        Monitor(RULES, f"sqlite:///{tmp_path / 'no.db'}")


@pytest.mark.parametrize(
    "address", ["practice.db", "sqlite://", "sqlite:///:memory:", "mysql://host/name", "oracle://x", ""]
)
def test_an_address_that_is_none_is_refused_in_words(address: str) -> None:
    with pytest.raises(ConfigError, match="store: "):
        Monitor(RULES, address)


def test_a_full_disk_is_told_and_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'practice.db'}"
    observed = []
    with Monitor(RULES, address) as monitor:
        engine = monitor._keeping._store._engine  # type: ignore[attr-defined]
        full = "PRAGMA max_page_count = 60"
        listening.listen(engine, "checkout", lambda connection, *_: connection.execute(full))
        log = iter(sessions(2000))

        def observe_all() -> None:
            for event in log:
                monitor.observe(event)
                observed.append(event)

        with pytest.raises(StoreError, match="is full") as full_disk:
            observe_all()
        assert not full_disk.value.temporary
        assert check(observed, RULES) == monitor.report()
    with Monitor(RULES, address) as monitor:
        assert check(observed, RULES) == monitor.report()


def test_a_store_that_cannot_be_written_is_told_so(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'practice.db'}"
    with Monitor(RULES, address) as monitor:
        monitor.observe(touch())
        engine = monitor._keeping._store._engine  # type: ignore[attr-defined]
        listening.listen(engine, "checkout", lambda connection, *_: connection.execute("PRAGMA query_only = 1"))
        with pytest.raises(StoreError, match="cannot be written"):
            monitor.observe(touch(id="e2"))


def test_a_store_on_a_disk_that_cannot_be_written_is_verified(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    with closing(Store(f"sqlite:///{recorded}", make=False)) as store:
        assert (verify(store).events, verify(store).faults) == (9, ())
    (recorded.parent / "practice.db-wal").write_bytes(b"left")
    with pytest.raises(ConfigError, match="was not closed when it was copied"):
        Store(f"sqlite:///{recorded}", make=False)
    (recorded.parent / "practice.db-wal").unlink()


def test_a_writer_waits_for_another_one_of_the_practitioner_no_longer_than_it_was_told(address: str) -> None:
    with Monitor(RULES, address) as monitor:
        monitor.observe(touch())
    with closing(Store(address)) as slow, Monitor(RULES, address, wait=0.3) as monitor, slow.transaction() as record:
        record.lock(["p1"])
        with pytest.raises(StoreError, match=r"another process writes .* within 0\.3 seconds") as locked:
            monitor.observe(touch(id="e2"))
        assert locked.value.temporary
    with Monitor(RULES, address) as monitor:
        assert monitor.observe(touch(id="e2")).accepted == 1


def test_a_server_that_cannot_be_reached_is_temporary_and_a_database_that_is_not_there_is_not(
    postgresql: str,
) -> None:
    with pytest.raises(StoreError) as away:
        Monitor(RULES, "postgresql://ethics@/postgres?host=/nowhere")
    assert away.value.temporary
    with pytest.raises(StoreError, match="does not exist") as missing:
        Monitor(RULES, postgresql.replace("/postgres?", "/none?"))
    assert not missing.value.temporary


def test_a_writer_waits_for_a_process_that_judges_the_store_by_other_rules(address: str) -> None:
    with Monitor(RULES, address) as monitor:
        monitor.observe(touch())
    with closing(Store(address)) as slow, Monitor(RULES, address, wait=0.3) as monitor, slow.transaction() as record:
        record.open_alone()
        with pytest.raises(StoreError, match="another process writes"):
            monitor.observe(touch(practitioner="p2"))


def test_writers_to_other_practitioners_do_not_wait_on_postgresql(postgresql: str, tmp_path: Path) -> None:
    address = schema_of(postgresql, f"w{abs(hash(str(tmp_path)))}")
    with Monitor(RULES, address) as monitor:
        monitor.observe(touch())
    with closing(Store(address)) as slow, Monitor(RULES, address, wait=5) as monitor, slow.transaction() as record:
        record.lock(["p1"])
        assert monitor.observe(touch(practitioner="p2")).accepted == 1


def test_those_whom_a_writer_left_out_are_judged_before_anything_is_told_of_them(
    postgresql: str, tmp_path: Path
) -> None:
    address = schema_of(postgresql, f"l{abs(hash(str(tmp_path)))}")
    log = [*sessions(3), *sessions(1, "p2", "c2"), {**sessions(60, "p2", "c2")[-1], "id": "late"}]
    with closing(Store(address)) as slow, Monitor(RULES, address) as monitor:
        monitor.observe_many(log[:4])
        before = monitor.due("365d")
        with slow.transaction() as record:
            record.lock(["p1"])
            monitor.observe(log[4])
        batch = check(log, RULES)
        assert before != batch.obligations
        assert [one for one in before if one.practitioner == "p1"] != [
            one for one in batch.obligations if one.practitioner == "p1"
        ]
        assert batch.obligations == monitor.obligations()
        assert batch.findings == monitor.findings()
        assert batch == monitor.report()
        assert [finding.id for finding in batch.findings] == [finding.id for finding in monitor.findings()]


@pytest.mark.parametrize("cached", [None, 1])
def test_threads_may_share_a_monitor(address: str, cached: int | None) -> None:
    logs = [sessions(6, f"p{number}", f"c{number}") for number in range(4)]
    with Monitor(RULES, address, cached=cached) as monitor:

        def feed(log: list[dict[str, Any]]) -> None:
            for event in log:
                monitor.observe(event)

        threads = [threading.Thread(target=feed, args=(log,)) for log in logs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert check([event for log in logs for event in log], RULES) == monitor.report()


def test_a_process_that_is_forked_off_goes_on_with_connections_of_its_own(address: str) -> None:
    with Monitor(RULES, address) as monitor:
        monitor.observe(touch())
        child = os.fork()
        if child == 0:
            try:
                monitor.observe(touch(id="e2"))
                os._exit(0)
            except BaseException:
                os._exit(1)
        assert (os.waitpid(child, 0)[1], 0) == (0, 0)
        monitor.observe(touch(id="e3"))
        assert monitor.report().log.accepted == 3


# --- evidence -------------------------------------------------------------------------------------------------------


def test_what_was_recorded_holds_and_an_export_can_be_verified_and_judged_without_the_store(
    address: str, tmp_path: Path
) -> None:
    log = sessions(5) + sessions(4, "p2", "c2")
    with Monitor(RULES, address, key=KEY) as monitor:
        monitor.observe_many(log)
        report = monitor.report()
    store = Store(address, KEY, make=False)
    told = verify(store)
    assert (told.practitioners, told.events, told.sealed, told.faults) == (2, 9, True, ())
    folder = tmp_path / "board"
    export(store, folder)
    assert verify_export(folder, KEY).faults == ()
    assert report.findings == check(folder / EVENTS, RULES).findings
    described = json.loads((folder / "chains.json").read_text())
    assert RULES.digest == described["rules"]["digest"]
    with Monitor(RULES, address, key=KEY) as monitor:
        monitor.observe_many(sessions(7))
    assert verify(store, heads_of(folder)).faults == ()
    store.close()


def test_a_seal_that_is_expected_and_missing_is_a_failure(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'practice.db'}"
    with Monitor(RULES, address, key=KEY) as monitor:
        monitor.observe(touch())
    with pytest.raises(ConfigError, match="is sealed"):
        Monitor(RULES, address)
    with sqlite3.connect(tmp_path / "practice.db") as connection:
        connection.execute("update practitioners set seal = null")
    store = Store(address, KEY, make=False)
    assert [str(fault) for fault in verify(store).faults] == ["`p1`: its seal is missing"]
    with pytest.raises(StoreError, match="no valid seal"), Monitor(RULES, address, key=KEY) as monitor:
        monitor.observe(touch(id="e2"))
    store.close()
    with closing(Store(address, bytes(32), make=False)) as wrong:
        assert [fault.practitioner for fault in verify(wrong).faults] == ["the list of practitioners", "p1"]


@pytest.mark.parametrize("damage", ["substr(content, 1, 50)", "'{}'", "'5'"])
def test_what_was_said_and_cannot_be_read_is_told_in_words(damage: str, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'practice.db'}"
    with Monitor(RULES, address) as monitor:
        monitor.observe(touch(consent=False))
    with sqlite3.connect(tmp_path / "practice.db") as connection:
        connection.execute(f"update verdicts set content = {damage}")
    with Monitor(RULES, address) as monitor, pytest.raises(StoreError, match="the store was altered outside"):
        monitor.findings()
    with pytest.raises(StoreError, match="the store was altered outside"):
        Monitor(load_rules(disabled=["touch.without-consent"]), address)


def test_a_relative_address_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Monitor(RULES, "sqlite:///practice.db") as monitor:
        (tmp_path / "below").mkdir()
        monkeypatch.chdir(tmp_path / "below")
        child = os.fork()
        if child == 0:
            try:
                monitor.observe(touch())
                os._exit(0)
            except BaseException:
                os._exit(1)
        assert (os.waitpid(child, 0)[1], monitor.report().log.accepted) == (0, 1)


@pytest.mark.parametrize("key", [None, KEY])
def test_a_chain_that_was_taken_out_whole_is_missed(key: bytes | None, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'practice.db'}"
    with Monitor(RULES, address, key=key) as monitor:
        monitor.observe_many([*sessions(3), *sessions(2, "p2", "c2")])
        monitor.observe(touch(practitioner="p3"))
    with closing(Store(address, key, make=False)) as store:
        export(store, tmp_path / "board")
        assert verify(store).faults == verify_export(tmp_path / "board").faults == ()
        with sqlite3.connect(tmp_path / "practice.db") as connection:
            for table in ("events", "practitioners", "verdicts"):
                connection.execute(f"delete from {table} where practitioner = 'p2'")
        told = "`the list of practitioners`: a chain was removed or added: there are 2, and 3 were recorded"
        assert [str(fault) for fault in verify(store).faults] == [told]
    described = json.loads((tmp_path / "board" / "chains.json").read_text())
    described["chains"] = [one for one in described["chains"] if one["practitioner"] != "p2"]
    (tmp_path / "board" / "chains.json").write_text(json.dumps(described))
    kept = [line for line in (tmp_path / "board" / EVENTS).read_text().splitlines(True) if '"p2"' not in line]
    (tmp_path / "board" / EVENTS).write_text("".join(kept))
    assert [str(fault) for fault in verify_export(tmp_path / "board").faults] == [told]


def test_with_a_key_no_other_chain_stands_for_one_that_was_taken_out(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'practice.db'}"
    with Monitor(RULES, address, key=KEY) as monitor:
        monitor.observe(touch())
    with sqlite3.connect(tmp_path / "practice.db") as connection:
        connection.execute("update ethics_engine set value = '0 ' || substr(value, 3) where name = 'roster'")
        connection.execute("delete from events")
        connection.execute("delete from practitioners")
    with closing(Store(address, KEY, make=False)) as store:
        told = "`the list of practitioners`: a chain was replaced by another one, or this is not the key"
        assert [str(fault) for fault in verify(store).faults] == [told]


def test_new_practitioners_of_several_writers_are_all_on_the_list(address: str) -> None:
    def write(number: int) -> None:
        with Monitor(RULES, address) as monitor:
            for each in range(5):
                monitor.observe(touch(practitioner=f"p{number}-{each}"))

    Monitor(RULES, address).close()
    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with closing(Store(address, make=False)) as store:
        told = verify(store)
        assert (told.practitioners, told.faults) == (20, ())


@pytest.mark.parametrize(
    "chains",
    [
        "[" * 200_000,
        '{"chains": [{"practitioner": "p1", "count": "1", "head": "a", "seal": null}], "roster": "1 0"}',
        '{"chains": [{"practitioner": "p1", "count": 1, "head": "a", "seal": 5}], "roster": "1 0", "sealed": true}',
    ],
)
def test_an_export_whose_chains_cannot_be_read_is_none(chains: str, tmp_path: Path) -> None:
    (tmp_path / "chains.json").write_text(chains)
    (tmp_path / EVENTS).touch()
    with pytest.raises(ConfigError, match="holds no export"):
        verify_export(tmp_path, KEY)


@pytest.mark.parametrize("line", ["[" * 200_000, '{"practitioner":"\\ud800"}', '{"practitioner":5}', "[]"])
def test_a_line_of_an_export_that_is_no_event_is_named(line: str, address: str, tmp_path: Path) -> None:
    with Monitor(RULES, address) as monitor:
        monitor.observe(touch())
    with closing(Store(address, make=False)) as store:
        export(store, tmp_path / "board")
    with open(tmp_path / "board" / EVENTS, "a") as file:
        file.write(line + "\n")

    assert [str(fault) for fault in verify_export(tmp_path / "board").faults] == [
        "`events.ndjson`, row 2: the line is no event"
    ]


def test_a_seal_that_is_no_seal_does_not_hold(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'practice.db'}"
    with Monitor(RULES, address, key=KEY) as monitor:
        monitor.observe(touch())
    with closing(Store(address, KEY, make=False)) as store:
        export(store, tmp_path / "board")
    path = tmp_path / "board" / "chains.json"
    described = json.loads(path.read_text())
    described["chains"][0]["seal"] = "é"
    path.write_text(json.dumps(described))
    (fault,) = verify_export(tmp_path / "board", KEY).faults

    assert fault.what == "its seal is not that of this key"


def test_a_store_without_a_seal_is_not_opened_with_a_key(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'practice.db'}"
    Monitor(RULES, address).close()
    with pytest.raises(ConfigError, match="made without a seal"):
        Monitor(RULES, address, key=KEY)


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store with two practitioners, nothing left in its write-ahead log."""
    file = tmp_path_factory.mktemp("recorded") / "practice.db"
    with Monitor(RULES, f"sqlite:///{file}") as monitor:
        monitor.observe_many(sessions(6) + sessions(3, "p2", "c2"))
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    return file


def faults_after(recorded: Path, statement: str, *values: Any) -> list[str]:
    """What verify tells after one row was changed from outside."""
    file = recorded.parent / "changed.db"
    file.write_bytes(recorded.read_bytes())
    with sqlite3.connect(file) as connection:
        connection.execute("drop index event_ids")
        try:
            assert connection.execute(statement, values).rowcount == 1
        except sqlite3.IntegrityError:  # the row would be another one's double
            reject()
    connection.close()
    store = Store(f"sqlite:///{file}", make=False)
    try:
        return [str(fault) for fault in verify(store).faults]
    finally:
        store.close()
        for left in recorded.parent.glob("changed.db*"):
            left.unlink()


@given(data=st.data())
def test_any_one_byte_of_any_stored_event_that_is_another_is_found(recorded: Path, data: st.DataObject) -> None:
    with sqlite3.connect(recorded) as connection:
        rows = connection.execute("select rowid, practitioner, id, content, hash from events").fetchall()
    row = data.draw(st.sampled_from(rows))
    column = data.draw(st.sampled_from([1, 2, 3, 4]))
    given_bytes = row[column].encode()
    index = data.draw(st.integers(0, len(given_bytes) - 1))
    flip = data.draw(st.integers(1, 255))
    altered = given_bytes[:index] + bytes([given_bytes[index] ^ flip]) + given_bytes[index + 1 :]
    name = ["", "practitioner", "id", "content", "hash"][column]
    told = faults_after(recorded, f"update events set {name} = cast(? as text) where rowid = ?", altered, row[0])
    assert told != []


@given(data=st.data())
def test_any_row_that_is_removed_is_found(recorded: Path, data: st.DataObject) -> None:
    table = data.draw(st.sampled_from(["events", "practitioners"]))
    with sqlite3.connect(recorded) as connection:
        rows = [row for (row,) in connection.execute(f"select rowid from {table}")]
    assert faults_after(recorded, f"delete from {table} where rowid = ?", data.draw(st.sampled_from(rows))) != []


def test_the_first_row_that_was_altered_removed_or_moved_is_named(recorded: Path) -> None:
    altered = "update events set content = replace(content, '50', '55') where practitioner = 'p1' and seq = 3"
    assert (faults_after(recorded, altered)) == [
        "`p1`, row 3: the row is not what was recorded: it was altered, or moved from another place"
    ]
    removed = "delete from events where practitioner = 'p1' and seq = 4"
    assert faults_after(recorded, removed) == ["`p1`, row 4: the row is missing; the next one there is row 5"]
    last = "delete from events where practitioner = 'p1' and seq = 6"
    assert faults_after(recorded, last) == ["`p1`, row 6: the row is missing; the chain had 6 rows"]
    moved = "update events set seq = 9 where practitioner = 'p2' and seq = 3"
    assert faults_after(recorded, moved) == ["`p2`, row 3: the row is missing; the next one there is row 9"]


def test_a_broken_chain_is_not_built_upon(recorded: Path, tmp_path: Path) -> None:
    file = tmp_path / "practice.db"
    file.write_bytes(recorded.read_bytes())
    with sqlite3.connect(file) as connection:
        connection.execute("update events set content = replace(content, '50', '55') where practitioner = 'p1'")
    with Monitor(RULES, f"sqlite:///{file}") as monitor, pytest.raises(StoreError, match="broken at row 1"):
        monitor.observe(sessions(8)[7])


def test_the_commands_tell_what_holds_and_what_does_not(recorded: Path, tmp_path: Path) -> None:
    address = f"sqlite:///{recorded}"
    run = CliRunner().invoke
    held = run(main, ["verify", address])
    assert (held.exit_code, held.stdout) == (0, "All holds: 2 chains, 9 events; no seal was checked.\n")
    folder = tmp_path / "board"
    assert run(main, ["export", address, "-o", str(folder)]).exit_code == 0
    assert run(main, ["verify", str(folder)]).exit_code == 0
    lines = (folder / EVENTS).read_text().splitlines(keepends=True)
    (folder / EVENTS).write_text("".join(lines[:2] + lines[3:]))
    broken = run(main, ["verify", str(folder)])
    assert (broken.exit_code, "the row is missing; the chain had 6 rows" in broken.stdout) == (1, True)
    assert run(main, ["export", address, "-o", str(folder)]).exit_code == 2
    assert run(main, ["verify", f"sqlite:///{tmp_path / 'none.db'}"]).exit_code == 2
    short = tmp_path / "short.key"
    short.write_bytes(b"x")
    assert run(main, ["verify", address, "--key-file", str(short)]).exit_code == 2


def test_the_commands_tell_one_of_something_as_one(tmp_path: Path) -> None:
    address, folder = f"sqlite:///{tmp_path / 'practice.db'}", tmp_path / "board"
    with Monitor(RULES, address) as monitor:
        monitor.observe(sessions(1)[0])
    told = CliRunner().invoke(main, ["export", address, "-o", str(folder)]).stdout
    assert told == f"1 event in {folder / EVENTS}, 1 chain beside it.\n"


def test_a_folder_that_is_no_export_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def told() -> str:
        result = CliRunner().invoke(main, ["verify", str(folder)])
        assert result.exit_code == 2
        return result.stderr

    monkeypatch.chdir(tmp_path)  # a long path would be cut in a complaint
    folder = Path("board")
    folder.mkdir()
    none = f"error: `{folder}` holds no export: chains.json"
    assert told() == f"{none} cannot be read: no such file or directory\n"
    (folder / "chains.json").write_bytes(b"\xff")
    assert told() == f"{none} cannot be read: it is not UTF-8\n"
    for text in ("[", "{}", '{"chains": [{"name": "p1"}]}', '{"chains": [{"practitioner": 1}]}'):
        (folder / "chains.json").write_text(text)
        assert told() == f"{none} is not as an export has it\n"
    (folder / "chains.json").write_text('{"chains": [], "roster": "0 0", "sealed": false}')
    assert told() == f"error: `{folder / EVENTS}` cannot be read: no such file or directory\n"


# --- canonical JSON -------------------------------------------------------------------------------------------------


@given(situation=situations())
def test_an_event_that_is_read_back_is_the_one_that_was_observed(situation: Situation) -> None:
    for record in situation.log:
        again = json.loads(canonical(record))
        assert record == again


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals()


@given(record=st.dictionaries(st.text(), VALUES | st.lists(VALUES) | st.dictionaries(st.text(), VALUES)))
def test_what_is_written_faster_is_what_rfc_8785_says(record: dict[str, Any]) -> None:
    try:
        text = canonical(record)
    except EventError:
        reject()
    plain = {
        name: (int(value) if value == int(value) else float(value)) if isinstance(value, Decimal) else value
        for name, value in record.items()
    }
    assert rfc8785.dumps(plain).decode() == text


@given(name=st.text())
def test_a_link_names_its_practitioner_as_rfc_8785_says(name: str) -> None:
    row = rfc8785.dumps({"event": {"a": 1}, "practitioner": name, "previous": START, "seq": 1})
    assert hashlib.sha256(row).hexdigest() == link(START, name, 1, '{"a":1}')


def test_a_link_is_that_of_rfc_8785_and_sha_256() -> None:
    # printf '{"event":{"a":1},"practitioner":"p","previous":"00…0","seq":1}' | sha256sum
    row = '{"event":{"a":1},"practitioner":"p","previous":"' + "0" * 64 + '","seq":1}'
    assert hashlib.sha256(row.encode()).hexdigest() == link(START, "p", 1, '{"a":1}')


@pytest.mark.parametrize(
    "value", [2**60, Decimal("0.1234567890123456789"), Decimal("1E+999999999"), Decimal("NaN"), float("nan"), "nul\0"]
)
def test_a_value_that_has_no_exact_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(EventError):
        canonical({"id": "e1", "x_value": value})


def test_a_backslash_before_u0000_is_no_nul() -> None:
    assert canonical({"x": "\\u0000"}) == '{"x":"\\\\u0000"}'
