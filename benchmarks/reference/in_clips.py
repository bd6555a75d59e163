"""The reference rules in CLIPS, as a peer: `python benchmarks/reference/in_clips.py LOG.ndjson [RULES]`.

Each rule is one `defrule`, with its windows and absences in CLIPS itself (`exists`, `not`). One practitioner's events
are facts at a time; the rules run, and the facts are cleared away for the next. Prints the findings as `in_polars.py`
does. It trusts its log.
"""

from __future__ import annotations

from collections.abc import Iterator

import clips
from copies import ALWAYS, Copy, copies
from findings import Finding, main
from lines import Event, microseconds, read

TEMPLATES = """
(deftemplate touch (slot client) (slot id) (slot at) (slot framework) (slot consent))
(deftemplate social (slot client) (slot id) (slot at) (slot with))
(deftemplate moved (slot client) (slot id) (slot at) (slot by))
(deftemplate held (slot client) (slot id) (slot at))
(deftemplate terms (slot client) (slot id) (slot at) (slot fee))
(deftemplate issued (slot client) (slot id) (slot at) (slot invoice) (slot amount))
(deftemplate paid (slot client) (slot id) (slot at) (slot invoice))
(deftemplate log (slot last))
"""
PATTERNS = {
    1: """
    (touch (client ?c) (id ?id) (at ?at{start}) (framework ?framework) (consent ?consent))
    (test (or (eq ?framework no) (eq ?consent no)))""",
    2: """
    (social (client ?c) (id ?id) (at ?at{start}) (with "client"))""",
    3: """
    (moved (client ?c) (id ?id) (at ?at{start}) (by "practitioner"))
    (exists
        (moved (client ?c) (by "practitioner") (id ?a&~?id) (at ?x&:(<= (- ?at {window}) ?x ?at)))
        (moved (client ?c) (by "practitioner") (id ?b&~?id&~?a) (at ?y&:(<= (- ?at {window}) ?y ?at))))""",
    4: """
    (held (client ?c) (id ?id) (at ?at{start}))
    (not (terms (client ?c) (at ?x&:(<= ?x ?at))))""",
    5: """
    (issued (client ?c) (id ?id) (at ?at{start}) (amount ?amount))
    (terms (client ?c) (id ?a) (at ?x&:(<= ?x ?at)) (fee ?fee&~none&:(<> ?fee ?amount)))
    (not (terms (client ?c) (id ?b) (at ?y&:(and (<= ?x ?y ?at) (or (> ?y ?x) (> (str-compare ?b ?a) 0))))))""",
    6: """
    (issued (client ?c) (id ?id) (at ?at{start}) (invoice ?invoice))
    (log (last ?last&:(> ?last (+ ?at {window}))))
    (not (paid (client ?c) (invoice ?invoice) (at ?x&:(<= ?at ?x (+ ?at {window})))))""",
}
FLAGS = {True: clips.Symbol("yes"), False: clips.Symbol("no"), None: clips.Symbol("unknown")}
NONE = clips.Symbol("none")


def defined(form: int, copy: Copy) -> str:
    """One rule; what it finds it hands to `found`, a function of this process."""
    start = "" if copy.start == ALWAYS else f"&:(>= ?at {microseconds(copy.start)})"
    window = copy.window.days * 86_400_000_000
    patterns = PATTERNS[form].format(start=start, window=window)
    return f'(defrule {copy.rule}{patterns}\n    =>\n    (found "{copy.rule}" ?c ?id))'


def told(event: Event) -> tuple[str, dict[str, object]]:
    """The template and the slots of an event's fact."""
    slots: dict[str, object] = {"client": event.client, "id": event.id, "at": event.at}
    match event.type:
        case "contact.touch":
            return "touch", slots | {"framework": FLAGS[event.framework], "consent": FLAGS[event.consent]}
        case "contact.social":
            return "social", slots | {"with": event.other}
        case "session.moved":
            return "moved", slots | {"by": event.by}
        case "session.held":
            return "held", slots
        case "agreement.made":
            return "terms", slots | {"fee": NONE if event.fee is None else event.fee}
        case "invoice.issued":
            return "issued", slots | {"invoice": event.invoice, "amount": event.amount}
        case _:
            return "paid", slots | {"invoice": NONE if event.invoice is None else event.invoice}


def findings(path: str, rules: int = 6) -> Iterator[Finding]:
    """The findings of a log, in no order."""
    log = read(path)
    environment = clips.Environment()
    found: list[tuple[str, str, str]] = []
    environment.define_function(lambda *told: found.append(told), name="found")
    for part in TEMPLATES.strip().splitlines():
        environment.build(part)
    for form, each in copies(rules).items():
        for copy in each:
            environment.build(defined(form, copy))
    templates = {template.name: template for template in environment.templates()}
    for practitioner, events in log.practitioners.items():
        environment.reset()
        templates["log"].assert_fact(last=log.last)
        for event in events:
            name, slots = told(event)
            templates[name].assert_fact(**slots)
        environment.run()
        for rule, client, trigger in found:
            yield rule, practitioner, client, trigger
        found.clear()


if __name__ == "__main__":
    main(findings)
