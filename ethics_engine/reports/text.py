"""`text`: the report for a therapist. Calm words: what happened, why it matters, what to do next.

Nothing is said by colour alone, and nothing that stands in a log can move the cursor of the terminal it is read on.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO

from rich.console import Console
from rich.text import Text

from ethics_engine.calendars import Zone
from ethics_engine.findings import Finding, Report
from ethics_engine.reports import Page
from ethics_engine.reports.duties import NONE_MISSED, due_in_words, in_lines, rests_on, soon_and_later
from ethics_engine.reports.story import (
    CORRECTED,
    IN_ORDER_OF_TIME,
    Fold,
    Group,
    corrections,
    groups,
    open_findings,
    rule_and_events,
    settled_findings,
    several_practitioners,
    unknowns,
)
from ethics_engine.reports.wording import (
    LEVEL_MEANINGS,
    NO_VERDICT,
    UNCHECKED_CLAUSES,
    account,
    clauses,
    date_in_words,
    inert,
    listed,
    override,
    overview,
    unchecked_clauses,
    without_effect,
)

MOST_REJECTED = 20
"""Rejected lines that are listed; stderr and `--rejects` have them all."""

UTC_HINT = "; weekdays and clock times are read so; --timezone NAME changes it"

NARROWEST = 40
LONGEST_LEAD = 11  # columns: what stands before a paragraph and is left free under it

_STYLES = {"violation": "bold red", "risk": "bold yellow", "notice": "bold cyan"}


def render(report: Report, page: Page) -> str:
    """The report as text, wrapped to the page's width."""
    return _Sheet(report, page).written()


class _Sheet:
    def __init__(self, report: Report, page: Page) -> None:
        self.report = report
        self.page = page
        self.zone = Zone(report.timezone)
        self.several = several_practitioners(report)
        self.width = max(page.width, NARROWEST)
        self.out = StringIO()
        self.console = Console(
            file=self.out,
            width=self.width,
            force_terminal=page.colour,
            color_system="standard" if page.colour else None,
            no_color=not page.colour,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )

    def written(self) -> str:
        self.summary()
        told = groups(open_findings(self.report))
        self.relationships(told)
        for group in told:
            self.group(group)
        self.settled()
        self.obligations()
        self.unknown()
        self.lines()
        self.corrected()
        self.cited()
        self.about()
        return self.out.getvalue()

    # What stands on a line

    def put(self, text: str | Text, *, indent: int = 0, lead: str | Text = "", style: str = "") -> None:
        """A paragraph after `lead`; its other lines are indented as far, or by two where the lead is long."""
        body = Text(text, style=style) if isinstance(text, str) else text
        lead = Text(lead) if isinstance(lead, str) else lead
        if lead.cell_len > LONGEST_LEAD:
            body, lead, hang = lead + body, Text(), 2
        else:
            hang = lead.cell_len
        room = self.width - indent - hang
        for number, line in enumerate(body.wrap(self.console, room)):
            line.rstrip()
            start = lead if number == 0 else Text(" " * hang)
            self.console.print(Text(" " * indent) + start + line, soft_wrap=True)

    def blank(self) -> None:
        self.out.write("\n")

    def heading(self, text: str) -> None:
        self.blank()
        self.put(text, style="bold")
        self.put("─" * min(Text(text).cell_len, self.width), style="dim")

    # The parts of the report

    def summary(self) -> None:
        first, *rest = overview(self.report, self.zone, UTC_HINT if self.report.timezone == "UTC" else "")
        self.put("Ethics check", style="bold")
        self.put(first)
        self.blank()
        for sentence in rest:
            self.put(sentence)
        counts = self.report.summary()
        if meanings := [f"a {level} is {meaning}" for level, meaning in LEVEL_MEANINGS.items() if counts[level]]:
            said = "; ".join(meanings)
            self.put(f"{said[0].upper()}{said[1:]}. {NO_VERDICT}", style="dim")

    def relationships(self, told: Sequence[Group]) -> None:
        if len(told) > 1:
            self.blank()
            for group in told:
                self.put(f"{group.heading(self.several)}: {group.counts(self.zone)}", indent=2)

    def group(self, group: Group) -> None:
        self.heading(group.heading(self.several))
        if group.is_long:
            self.put(f"{IN_ORDER_OF_TIME} Below, the gravest first.", style="dim")
            for day, named in group.unfolded(self.zone):
                self.put(named, indent=2, lead=f"{day}: ")
        for fold in group.folds:
            self.blank()
            self.fold(fold, per_practice=group.client is None)

    def fold(self, fold: Fold, per_practice: bool) -> None:
        latest, many = fold.latest, len(fold.findings) > 1
        mark = Text(latest.level.upper(), style=_STYLES.get(latest.level, ""))
        title = Text(inert(latest.title or latest.rule), style="bold")
        self.put(title.append(f" ({fold.often()})" if many else ""), indent=2, lead=mark + Text("  "))
        self.put(inert(latest.message), indent=4, lead="Most recently: " if many else "")
        if latest.why:
            self.put(inert(latest.why), indent=4, lead="Why it matters: ")
        if latest.remedy:
            self.put(inert(latest.remedy), indent=4, lead="Next: ")
        if many:
            self.put(self.dates(fold, per_practice), indent=4, lead="Dates: ", style="dim")
            self.put(f"{inert(latest.rule)}; latest finding {latest.id}", indent=4, lead="Rule: ", style="dim")
        else:
            found = f"{self.rests_on(latest, per_practice)}; rule {inert(latest.rule)}; finding {latest.id}"
            self.put(found, indent=4, lead=f"{date_in_words(latest.at, self.zone)}: ", style="dim")

    def dates(self, fold: Fold, per_practice: bool) -> str:
        return fold.dates(self.zone, lambda finding: self.trigger(finding, per_practice))

    def trigger(self, finding: Finding, per_practice: bool) -> str:
        event = inert(finding.events[0]) if finding.events else "no event"
        return f"{event}, client {inert(finding.client)}" if per_practice and finding.client else event

    def rests_on(self, finding: Finding, per_practice: bool) -> str:
        events = [self.trigger(finding, per_practice), *(inert(event) for event in finding.events[1:])]
        return f"event {listed(events)}" if len(events) == 1 else f"events {listed(events)}"

    def settled(self) -> None:
        settled = groups(settled_findings(self.report))
        if not settled:
            return
        self.heading("Excused or waived")
        self.put("A documented reason or a waiver stands beside these; they stay in the record.", style="dim")
        for group in settled:
            for fold in group.folds:
                latest = fold.latest
                how = fold.settled_by(self.zone)
                times = f", {fold.often()}" if len(fold.findings) > 1 else ""
                self.put(
                    f"{inert(latest.title or latest.rule)} ({inert(latest.rule)}): {how}{times}; "
                    + self.dates(fold, group.client is None),
                    indent=2,
                    lead=f"{group.heading(self.several)}: ",
                    style="dim",
                )

    def obligations(self) -> None:
        if not self.report.obligations:
            return
        self.heading("Still to do")
        self.put(NONE_MISSED, style="dim")
        soon, later = soon_and_later(self.report)
        for duty in soon:
            self.blank()
            self.put(Text(due_in_words(duty, self.report, self.zone, self.several), style="bold"), indent=2)
            self.put(inert(duty.message), indent=4)
            self.put(rests_on(duty), indent=4, lead="Rule: ", style="dim")
        if later:
            self.blank()
            self.put("Later:", indent=2, style="bold")
        for line in in_lines(later, self.zone, self.several):
            self.put(line, indent=4, lead="- ")

    def unknown(self) -> None:
        told = unknowns(self.report)
        if not told:
            return
        self.heading("What could not be told")
        self.put("Missing information is neither innocence nor guilt. These were not judged.", style="dim")
        for way in told:
            self.blank()
            self.put(way.meaning, indent=2)
            for piece in way.pieces:
                whom = f" ({inert(piece.practitioner)})" if self.several else ""
                rules = "; ".join(rule_and_events(line) for line in piece.rules)
                name = Text(inert(piece.missing), style="bold")
                self.put(name.append(f"{whom}: ").append(Text(rules, style="not bold")), indent=4, lead="- ")
            self.put(way.remedy, indent=2, lead="Next: ")

    def lines(self) -> None:
        rejected, ineffective = self.report.rejected, self.report.ineffective
        self.heading("The lines of the log")
        self.put(account(self.report))
        for line in rejected[:MOST_REJECTED]:
            place = ":".join(inert(str(part)) for part in (line.file, line.line, line.column) if part is not None)
            hint = f" ({inert(line.hint)})" if line.hint else ""
            self.put(f"{inert(line.message)}{hint}", indent=2, lead=f"{place}: ")
        if len(rejected) > MOST_REJECTED:
            self.put(f"… and {len(rejected) - MOST_REJECTED:,} more.", indent=2)
        if rejected:
            where = (
                f"They are all in {inert(self.page.rejects)}." if self.page.rejects else "--rejects FILE keeps them."
            )
            self.put(f"What these lines say was not judged. {where}", indent=2)
        for one in ineffective:
            self.put(without_effect(one), indent=2)

    def corrected(self) -> None:
        if not self.report.corrections:
            return
        self.heading(CORRECTED)
        said, lines = corrections(self.report, self.zone)
        self.put(said, style="dim")
        for line in lines:
            self.put(line, indent=2, lead="- ")

    def cited(self) -> None:
        found = open_findings(self.report)
        by_clauses: dict[str, dict[str, None]] = {}
        for finding in sorted(found, key=lambda finding: finding.rule):
            if finding.cites:
                by_clauses.setdefault(clauses(finding.cites), {})[inert(finding.rule)] = None
        if not by_clauses:
            return
        self.heading("The clauses that these rules rest on")
        for cited, rules in by_clauses.items():
            self.put(cited, indent=2, lead=f"{', '.join(rules)}: ", style="dim")
        if unchecked_clauses(found):
            self.put(UNCHECKED_CLAUSES)

    def about(self) -> None:
        engine, rules = self.report.engine, self.report.rules
        self.heading("How it was judged")
        policies = [f"{inert(one.policy)} {inert(one.version)} ({one.rules})" for one in rules.policies]
        self.put(f"Policies (and rules): {', '.join(policies)}." if policies else "No rules.", style="dim")
        if rules.profile:
            self.put(f"Profile: {inert(rules.profile)}.", style="dim")
        if self.page.settings:
            self.put(f"Settings from {inert(self.page.settings)}.", style="dim")
        for one in rules.overrides:
            self.put(f"{override(one)}.", indent=2, style="dim")
        self.put(f"ethics-engine {inert(engine.version)}, rules {inert(rules.digest)}", style="dim")
