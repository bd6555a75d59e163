"""The six reference rules written by hand in Polars, as a peer: `python benchmarks/reference/in_polars.py LOG.parquet`.

Prints the findings, one a line: rule, practitioner, client, the trigger's id. It trusts its log: nothing is typed or
checked, no id is looked for twice.
"""

from __future__ import annotations

import sys
from datetime import timedelta

import polars as pl

KEY = ["practitioner", "client"]
SHOWN = [*KEY, "id"]


def findings(path: str) -> pl.DataFrame:
    """The findings of a Parquet log, sorted."""
    log = pl.scan_parquet(path)
    at, event = pl.col("at"), pl.col("type")
    touch = log.filter(event == "contact.touch", ~pl.col("framework") | ~pl.col("consent")).select(SHOWN)
    social = log.filter(event == "contact.social").select(SHOWN)  # `with` is never written: a client by default
    moved = log.filter(event == "session.moved", pl.col("by") == "practitioner").select(*SHOWN, "at").sort("at")
    often = moved.filter(at - at.shift(2).over(KEY) <= timedelta(days=60)).select(SHOWN)
    terms = log.filter(event == "agreement.made").select(*KEY, "at", "fee").sort("at")
    first = terms.group_by(KEY).agg(at.min().alias("first"))
    held = log.filter(event == "session.held").select(*SHOWN, "at")
    unagreed = (
        held.join(first, on=KEY, how="left").filter(pl.col("first").is_null() | (pl.col("first") > at)).select(SHOWN)
    )
    issued = log.filter(event == "invoice.issued").select(*SHOWN, "at", "invoice", "amount").sort("at")
    priced = issued.join_asof(terms, on="at", by=KEY, check_sortedness=False)
    other = priced.filter(pl.col("amount") != pl.col("fee")).select(SHOWN)
    paid = log.filter(event == "payment.received").select(*KEY, "invoice", at.alias("paid"))
    due = at + timedelta(days=30)
    answered = issued.join(paid, on=[*KEY, "invoice"]).filter(pl.col("paid").is_between(at, due)).select(SHOWN)
    late = issued.filter(due < log.select(at.max()).collect().item()).select(SHOWN)
    overdue = late.join(answered, on=SHOWN, how="anti")
    found = pl.collect_all([touch, social, often, unagreed, other, overdue])
    named = [
        frame.select(pl.lit(f"reference.r{number}").alias("rule"), *SHOWN) for number, frame in enumerate(found, 1)
    ]
    return pl.concat(named).sort("rule", *SHOWN)


if __name__ == "__main__":
    for row in findings(sys.argv[1]).iter_rows():
        print("\t".join(row))
