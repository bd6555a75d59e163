"""The reference rules by hand in DuckDB's SQL, as a peer: `python benchmarks/reference/in_duckdb.py LOG [RULES]`.

Reads Parquet or NDJSON, and prints the findings as `in_polars.py` does. It trusts its log.
"""

from __future__ import annotations

import duckdb
from copies import ALWAYS, Copy, copies
from findings import Finding, main

COLUMNS = {
    "id": "VARCHAR",
    "at": "TIMESTAMPTZ",
    "type": "VARCHAR",
    "practitioner": "VARCHAR",
    "client": "VARCHAR",
    "by": "VARCHAR",
    "with": "VARCHAR",
    "invoice": "VARCHAR",
    "framework": "BOOLEAN",
    "consent": "BOOLEAN",
    "fee": "DOUBLE",
    "amount": "DOUBLE",
}
# What each form finds but for the copies' own dates and windows: the trigger, and what a copy's test reads.
BASES = """
CREATE TEMP TABLE r1 AS FROM log
    WHERE type = 'contact.touch' AND (NOT framework OR NOT consent);
CREATE TEMP TABLE r2 AS FROM log
    WHERE type = 'contact.social' AND coalesce("with", 'client') = 'client';
CREATE TEMP TABLE r3 AS FROM log
    WHERE type = 'session.moved' AND "by" = 'practitioner';
CREATE TEMP TABLE terms AS FROM log WHERE type = 'agreement.made'
    QUALIFY row_number() OVER (PARTITION BY practitioner, client, moment ORDER BY id DESC) = 1;
CREATE TEMP TABLE r4 AS
    SELECT held.* FROM log AS held
    LEFT JOIN (SELECT practitioner, client, min(moment) AS first FROM terms GROUP BY ALL) USING (practitioner, client)
    WHERE type = 'session.held' AND (first IS NULL OR first > held.moment);
CREATE TEMP TABLE issued AS FROM log WHERE type = 'invoice.issued';
CREATE TEMP TABLE r5 AS
    SELECT issued.* FROM issued ASOF JOIN terms
    ON issued.practitioner = terms.practitioner AND issued.client = terms.client AND issued.moment >= terms.moment
    WHERE issued.amount <> terms.fee;
CREATE TEMP TABLE r6 AS
    SELECT issued.*, paid.moment AS paid FROM issued
    ASOF LEFT JOIN (FROM log WHERE type = 'payment.received') AS paid
    ON issued.practitioner = paid.practitioner AND issued.client = paid.client
    AND issued.invoice = paid.invoice AND issued.moment <= paid.moment;
"""


def judged(form: int, copy: Copy) -> str:
    """The query of one rule."""
    source, held = f"r{form}", []
    if copy.start != ALWAYS:
        held.append(f"moment >= TIMESTAMPTZ '{copy.start.isoformat()}'")
    window = f"INTERVAL {copy.window.days} DAY"  # of 24 hours: the zone is UTC
    if form == 3:
        over = f"PARTITION BY practitioner, client ORDER BY moment RANGE BETWEEN {window} PRECEDING AND CURRENT ROW"
        source = f"(SELECT *, count(*) OVER ({over}) AS moves FROM r3)"
        held.append("moves > 2")
    elif form == 6:
        held.append(f"moment + {window} < (SELECT last FROM span) AND (paid IS NULL OR paid > moment + {window})")
    where = f"WHERE {' AND '.join(held)}" if held else ""
    return f"SELECT '{copy.rule}' AS rule, practitioner, client, id FROM {source} {where}"


def findings(path: str, rules: int = 6) -> list[Finding]:
    """The findings of a log, in no order."""
    named = ", ".join('"at" AS moment' if name == "at" else f'"{name}"' for name in COLUMNS)
    empty = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in COLUMNS.items())
    told = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items())
    quoted = path.replace("'", "''")
    if path.endswith(".parquet"):  # scanned by each query; columns that the log does not have are empty
        log = f"SELECT {named} FROM (FROM read_parquet('{quoted}') UNION ALL BY NAME SELECT {empty} WHERE false)"
        made = "VIEW"
    else:  # parsed once
        log = f"SELECT {named} FROM read_json('{quoted}', format='newline_delimited', columns={{{told}}})"
        made = "TABLE"
    with duckdb.connect() as base:
        base.execute("SET TimeZone = 'UTC'")
        base.execute("SET preserve_insertion_order = false")
        base.execute(f"CREATE TEMP {made} log AS {log}")
        base.execute("CREATE TEMP TABLE span AS SELECT max(moment) AS last FROM log")
        base.execute(BASES)
        queries = [judged(form, copy) for form, each in copies(rules).items() for copy in each]
        found: list[Finding] = base.execute(" UNION ALL ".join(queries)).fetchall()
    return found


if __name__ == "__main__":
    main(findings)
