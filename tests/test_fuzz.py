"""Broken files of every kind: each is judged or refused with an error of ours, quickly, and never with a traceback.

`FUZZ=full` tries 10,000 logs and 5,000 files of rules; by default it is a tenth.
"""

from __future__ import annotations

import gzip
import json
import os
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import yaml
from mutations import mutants, tree_mutants

from ethics_engine import EthicsEngineError, load_rules
from ethics_engine.api import RuleSet, judge_log
from ethics_engine.config import read_settings
from ethics_engine.logs import read_log, write_rejects
from ethics_engine.ruletests.reading import read_tests
from ethics_engine.ruletests.running import Runner

ROOT = Path(__file__).parent.parent
RULES = ROOT / "rules"
FULL = os.environ.get("FUZZ") == "full"
SLOWEST = 2.0  # seconds of this process that one file may take

SETTINGS = b"""\
timezone: Europe/Berlin
currency: EUR
profile: apa-2017
parameters:
  touch.document_within: 24h
  touch: {frequent_allowed: 4}
disabled: [touch.frequent]
rules: [rules]
fail_on: risk
"""

BOARD = b"""\
vocabulary: board
version: "2"
enumerations: {tool: [pen, tablet]}
areas:
  records:
    record.exported:
      client: may
      attributes:
        tool: {type: enum, values: tool, required: true, why: what it was made with}
        pages: {type: number, min: 0, max: 1000, default: 1}
        parts: {type: list, values: [letter, form]}
        sent: boolean
  research: {study.joined: {client: yes}}
states:
  in_study: {opened_by: study.joined, closed_by: {event: record.exported, where: {tool: pen}}, lapses_after: 30d}
"""


def test_a_broken_log_is_judged_or_refused_and_every_line_accounted_for(tmp_path: Path) -> None:
    rules = shipped()

    def judge(data: bytes, number: int) -> None:
        path = tmp_path / ("log.json" if data.lstrip().startswith(b"[") else "log.ndjson")
        path.write_bytes(data)
        log = read_log(path, rules.vocabulary)
        assert log.read == log.accepted + log.duplicate + len(log.rejected), "a line is lost"
        if path.suffix == ".ndjson" and b"\r" not in data:
            text = data.removeprefix(b"\xef\xbb\xbf")
            assert log.read == sum(bool(line) and not line.isspace() for line in text.split(b"\n")), "a line is lost"
        for line in log.rejected:
            assert all(char.isprintable() or char == "\n" for char in line.render()), "an unprintable complaint"
        report = judge_log(log, rules, matcher="python")
        report.to_json()
        if number % 20 == 0:
            write_rejects(tmp_path / "rejects", log.rejected)
            other = judge_log(log, rules, matcher="durable")
            assert (other.findings, other.cannot_tell) == (report.findings, report.cannot_tell), "matchers differ"

    assert not failures(judge, mutants(logs(), amount(9_700), seed=1))


def test_a_broken_compressed_log_is_judged_or_refused(tmp_path: Path) -> None:
    rules = shipped()
    packed = [gzip.compress(data, mtime=0) for data in logs()[:5]]

    def judge(data: bytes, number: int) -> None:
        path = tmp_path / "log.ndjson.gz"
        path.write_bytes(data)
        log = read_log(path, rules.vocabulary)
        assert log.read == log.accepted + log.duplicate + len(log.rejected), "a line is lost"
        judge_log(log, rules, matcher="python")

    assert not failures(judge, mutants(packed, amount(300), seed=2))


def test_a_broken_policy_is_loaded_or_refused_and_then_it_judges(tmp_path: Path) -> None:
    log = read_log(ROOT / "fixtures" / "cases" / "presents-and-visits.ndjson", shipped().vocabulary)
    seeds = [path.read_bytes() for path in sorted(RULES.glob("*.yaml")) if path.stem != "vocabulary"]
    pieces = [piece for data in seeds for piece in rules_of(data)]

    def load(data: bytes, number: int) -> None:
        path = tmp_path / "policy.yaml"
        path.write_bytes(data)
        report = judge_log(log, load_rules(path), matcher="python")
        report.to_json()

    assert not failures(load, mutants([*seeds, *pieces, *pieces], amount(1_500), seed=3))
    assert not failures(load, tree_mutants(pieces, amount(2_500), seed=13))


def test_a_broken_profile_is_put_on_the_rules_or_refused(tmp_path: Path) -> None:
    folder = few_rules(tmp_path)
    seeds = [path.read_bytes() for path in sorted((RULES / "profiles").glob("*.yaml"))]

    def load(data: bytes, number: int) -> None:
        (folder / "profiles" / "mine.yaml").write_bytes(data)
        load_rules(folder, profile="mine").in_use()

    assert not failures(load, mutants(seeds, amount(100), seed=4))
    assert not failures(load, tree_mutants(seeds, amount(200), seed=14))


def test_a_broken_vocabulary_is_read_or_refused(tmp_path: Path) -> None:
    folder = few_rules(tmp_path)
    vocabulary = (RULES / "vocabulary.yaml").read_bytes()

    def load(data: bytes, number: int) -> None:
        core = b"core" in data[:40]
        path = folder / "vocabulary.yaml" if core else tmp_path / "board.yaml"
        path.write_bytes(data)
        try:
            load_rules(folder, vocabulary=[] if core else [path])
        finally:
            (folder / "vocabulary.yaml").unlink(missing_ok=True)

    assert not failures(load, mutants([vocabulary, BOARD], amount(100), seed=5))
    assert not failures(load, tree_mutants([vocabulary, BOARD, BOARD], amount(200), seed=15))


def test_broken_settings_are_read_or_refused(tmp_path: Path) -> None:
    few_rules(tmp_path)

    def load(data: bytes, number: int) -> None:
        path = tmp_path / "ethics.yaml"
        path.write_bytes(data)
        settings = read_settings(path)
        load_rules(
            *settings.rules,
            profile=settings.profile,
            parameters=settings.parameters,
            disabled=settings.disabled,
            vocabulary=settings.vocabulary,
            timezone=settings.timezone or "UTC",
            currency=settings.currency,
            lines=settings.lines,
        )

    assert not failures(load, mutants([SETTINGS], amount(100), seed=6))
    assert not failures(load, tree_mutants([SETTINGS], amount(200), seed=16))


def test_broken_tests_of_rules_are_run_or_refused(tmp_path: Path) -> None:
    rules = load_rules(RULES / "touch.yaml")
    runner = Runner(rules, [RULES / "touch.yaml"])
    whole = yaml.load((ROOT / "fixtures/rules/touch.yaml").read_bytes(), Loader=yaml.CBaseLoader)["tests"]
    seeds = [yaml.dump({"tests": whole[at : at + 5]}, Dumper=yaml.CSafeDumper).encode() for at in range(0, 40, 5)]

    def run(data: bytes, number: int) -> None:
        path = tmp_path / "touch.yaml"
        path.write_bytes(data)
        for test in read_tests([path], rules):
            runner.run(test)

    assert not failures(run, mutants(seeds, amount(50), seed=7))
    assert not failures(run, tree_mutants(seeds, amount(150), seed=17))


def failures(judge: Callable[[bytes, int], None], inputs: Iterator[bytes]) -> list[str]:
    """What went wrong: anything raised that is not ours, a complaint that does not render, or too long a time."""
    found = []
    for number, data in enumerate(inputs):
        begun = time.process_time()
        try:
            judge(data, number)
        except EthicsEngineError as error:
            if not all(char.isprintable() or char == "\n" for char in str(error)):
                found.append(f"{number}: unprintable: {error} for {data[:200]!r}")
        except Exception as error:
            found.append(f"{number}: {type(error).__name__}: {error} for {data[:200]!r}")
        if (taken := time.process_time() - begun) > SLOWEST:
            found.append(f"{number}: {taken:.1f} s for {data[:200]!r}")
    return found


def amount(full: int) -> int:
    """How many files are tried."""
    return full if FULL else full // 10


@cache
def shipped() -> RuleSet:
    """The shipped rules."""
    return load_rules()


def few_rules(folder: Path) -> Path:
    """A folder of a few policies, with room for a profile."""
    (folder / "rules" / "profiles").mkdir(parents=True)
    for name in ("touch", "alliance", "language"):
        (folder / "rules" / f"{name}.yaml").write_bytes((RULES / f"{name}.yaml").read_bytes())
    return folder / "rules"


def rules_of(data: bytes) -> list[bytes]:
    """Each rule of a policy as a policy of its own, so that one change is more often all that is wrong."""
    tree = yaml.load(data, Loader=yaml.CBaseLoader)
    alone = [{**tree, "rules": {name: rule}} for name, rule in tree["rules"].items()]
    return [yaml.dump(each, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True).encode() for each in alone]


def logs() -> list[bytes]:
    """The case logs, and events of the tests of rules as logs; some as an array."""
    found = [path.read_bytes() for path in sorted((ROOT / "fixtures" / "cases").glob("*.ndjson"))]
    for path in sorted((ROOT / "fixtures" / "rules").glob("*.yaml")):
        tests = yaml.load(path.read_bytes(), Loader=yaml.CBaseLoader)["tests"][:12]
        events = [event for test in tests for event in test["events"]]
        found.append(b"\n".join(json.dumps(event_of(event, at)).encode() for at, event in enumerate(events)))
    arrays = [b"[" + data.strip().replace(b"\n", b",\n") + b"]" for data in found[:5]]
    return [*found, *arrays]


def event_of(event: dict[str, object], at: int) -> dict[str, object]:
    """An event of a test with an id, a practitioner and a client, its numbers and truth values as such."""
    typed = {
        name: yaml.safe_load(str(value)) if str(value) in ("true", "false") else value for name, value in event.items()
    }
    typed = {name: int(value) if str(value).isdigit() else value for name, value in typed.items()}
    return {"id": f"e{at}", "practitioner": "p1", "client": f"c{at % 3}", **typed}
