"""What the pairs of an expectation compare a trigger with: the latest reference before it, in columns."""

from __future__ import annotations

import polars as pl

from ethics_engine.engines.bulk.pairs import column
from ethics_engine.engines.bulk.questions import Picks, reads_findings
from ethics_engine.plan import Expectation, Rule, Scope, Source


class References:
    """The references of one part."""

    def __init__(self, picks: Picks) -> None:
        self._picks = picks
        self._compared: dict[int, set[str]] = {}  # of each reference, what some rule compares
        for rule in picks.plan.rules.values():
            for variant in rule.variants:
                if isinstance(variant.form, Expectation) and variant.form.reference is not None:
                    names = self._compared.setdefault(variant.form.reference.number, set())
                    names.update(pair.reference for pair in variant.form.pairs)
        self._found: dict[tuple[int, Scope], pl.DataFrame | None] = {}

    def beside(self, form: Expectation, source: Source, rule: Rule, triggers: pl.DataFrame) -> pl.DataFrame | None:
        """The triggers with the attributes of the latest reference; None where columns cannot say which it is.

        `tied` marks those with another reference at their own instant, where the ids decide.
        """
        reference = form.reference
        assert reference is not None
        names = sorted({pair.reference for pair in form.pairs} | {"currency"})
        asked = (reference.number, rule.per)
        if asked not in self._found:
            self._found[asked] = self._reference(reference, rule.per)
        right = self._found[asked]
        if right is None:
            return None
        if not right.height:
            return triggers.with_columns(
                pl.lit(False).alias("#found"),
                pl.lit(False).alias("#tied"),
                *(pl.lit(None).alias(f"their {name}") for name in names),
            )
        same = reference.members[0].same
        by = [right.columns[0], *(f"same {index}" for index in range(len(same)))]
        left = triggers.with_columns(
            column(triggers, mine).cast(pl.String).alias(f"same {index}") for index, (_, mine) in enumerate(same)
        )
        exact = source.types.isdisjoint(reference.types)
        wanted = right.select(
            *by, "at", "#found", *(column(right, f"their {name}").alias(f"their {name}") for name in names)
        )
        joined = left.join_asof(
            wanted, on="at", by=by, strategy="backward", allow_exact_matches=exact, check_sortedness=False
        )
        if exact:
            tied = pl.lit(False)
        else:
            spans = right.group_by(*by, "at").agg(
                pl.col("#row").min().alias("#least"), pl.col("#row").max().alias("#most")
            )
            joined = joined.join(spans, on=[*by, "at"], how="left", maintain_order="left")
            tied = ((pl.col("#least") != pl.col("#row")) | (pl.col("#most") != pl.col("#row"))).fill_null(False)
        return joined.with_columns(pl.col("#found").fill_null(False), tied.alias("#tied"))

    def _reference(self, reference: Source, per: Scope) -> pl.DataFrame | None:
        """What triggers are compared with, in order: the key first, `same N`, at, #row, #found, and `their NAME`s.

        None where columns cannot say which it is, and empty where there is none.
        """
        sames = {member.same for member in reference.members}
        if reads_findings(reference) or len(sames) > 1:
            return None
        names = tuple(sorted(self._compared[reference.number] | {"currency"}))
        answers = self._picks.answers(reference, per, names)
        if answers is None:
            return None
        keys = {answer.key for answer in answers}
        if len(keys) > 1 or (keys == {"#prac"} and per == "relationship"):
            return None
        if not answers:
            return pl.DataFrame()
        found = answers[0].frame
        if len(answers) > 1:
            found = pl.concat([answer.frame for answer in answers], how="diagonal").unique("#row").sort("#row")
        (same,) = sames
        return found.select(
            answers[0].key,
            *(pl.col(theirs).cast(pl.String).alias(f"same {index}") for index, (theirs, _) in enumerate(same)),
            "at",
            "#row",
            pl.lit(True).alias("#found"),
            *(pl.col(name).alias(f"their {name}") for name in names if name in found.columns),
        )
