"""The reference rules by hand in Polars, as a peer: `python benchmarks/reference/in_polars.py LOG [RULES]`.

Reads Parquet or NDJSON, and prints the findings, one a line: rule, practitioner, client, the trigger's id. It trusts
its log: nothing is typed or checked, no id is looked for twice.
"""

from __future__ import annotations

import polars as pl
from copies import ALWAYS, Copy, copies
from findings import Finding, main

SCHEMA = {
    **dict.fromkeys(("id", "at", "type", "practitioner", "client", "by", "with", "invoice"), pl.String()),
    **dict.fromkeys(("framework", "consent"), pl.Boolean()),
    **dict.fromkeys(("fee", "amount"), pl.Float64()),
}
KEY = ["practitioner", "client"]
SHOWN = [*KEY, "id"]
TRIGGER = [*SHOWN, "at"]


def scanned(path: str) -> pl.LazyFrame:
    """The columns that the rules speak of; those that the log does not have are empty."""
    if path.endswith(".parquet"):
        log = pl.scan_parquet(path)
        there = log.collect_schema()
        return log.with_columns(pl.lit(None, kind).alias(name) for name, kind in SCHEMA.items() if name not in there)
    return pl.scan_ndjson(path, schema=SCHEMA).with_columns(
        pl.col("at").str.to_datetime(time_unit="us", time_zone="UTC")
    )


def findings(path: str, rules: int = 6) -> list[Finding]:
    """The findings of a log, in no order."""
    log = scanned(path)
    at, event = pl.col("at"), pl.col("type")
    touch = log.filter(event == "contact.touch", ~pl.col("framework") | ~pl.col("consent")).select(TRIGGER)
    social = log.filter(event == "contact.social", pl.col("with").fill_null("client") == "client").select(TRIGGER)
    moved = log.filter(event == "session.moved", pl.col("by") == "practitioner").select(TRIGGER).sort("at")
    moved = moved.with_columns((at - at.shift(2).over(KEY)).alias("span"))  # of three moves, this the last
    moved = moved.with_columns(pl.col("span").min().over(*KEY, "at"))  # moves of one instant count for each other
    terms = log.filter(event == "agreement.made").select(*TRIGGER, "fee").sort("at", "id").drop("id")
    first = terms.group_by(KEY).agg(at.min().alias("first"))
    held = log.filter(event == "session.held").select(TRIGGER)
    unagreed = held.join(first, on=KEY, how="left").filter(pl.col("first").is_null() | (pl.col("first") > at))
    issued = log.filter(event == "invoice.issued").select(*TRIGGER, "invoice", "amount").sort("at")
    priced = issued.join_asof(terms, on="at", by=KEY, check_sortedness=False)
    other = priced.filter(pl.col("amount") != pl.col("fee"))
    paid = log.filter(event == "payment.received").select(*KEY, "invoice", at.alias("paid"))
    answered = issued.join(paid, on=[*KEY, "invoice"]).select(*TRIGGER, (pl.col("paid") - at).alias("after"))
    answered = answered.filter(pl.col("after") >= pl.duration())
    soonest = answered.group_by(TRIGGER).agg(pl.col("after").min())
    unpaid = issued.join(soonest, on=TRIGGER, how="left").select(*TRIGGER, "after")
    frames = [touch, social, moved, unagreed, other, unpaid]
    *bases, last = pl.collect_all([*frames, log.select(at.max())])
    end = last.item()

    def judged(form: int, copy: Copy) -> pl.DataFrame:
        frame = bases[form - 1]
        if form == 3:
            frame = frame.filter(pl.col("span") <= copy.window)
        elif form == 6:
            late = pl.col("after").is_null() | (pl.col("after") > copy.window)
            frame = frame.filter(at + copy.window < end, late)
        if copy.start != ALWAYS:
            frame = frame.filter(at >= copy.start)
        return frame.select(pl.lit(copy.rule).alias("rule"), *SHOWN)

    found = pl.concat([judged(form, copy) for form, each in copies(rules).items() for copy in each])
    return list(found.iter_rows())


if __name__ == "__main__":
    main(findings)
