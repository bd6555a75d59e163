"""`ethics-engine reflect`: the self-check questions, whose answers become events of the log."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

import click

from ethics_engine.calendars import Zone
from ethics_engine.cli import asking, clock
from ethics_engine.cli.asking import agreed, ask, say
from ethics_engine.cli.judging import Judging, rules_options
from ethics_engine.cli.log import Desk, open_desk
from ethics_engine.errors import ConfigError, shown
from ethics_engine.reports.wording import inert

if TYPE_CHECKING:
    from ethics_engine.entries.sitting import Answer, Sitting

BACK, LEAVE = ("b", "back"), ("q", "quit")


class Turn(Enum):
    """What an answer may be instead of a rating."""

    NO_ANSWER = auto()
    BACK = auto()
    LEAVE = auto()


@click.command("reflect", short_help="Ask yourself the self-check questions.")
@click.option("--client", metavar="ID", help="Think of one client only.  [default: of all]")
@click.option("--log", "log_file", metavar="FILE", help="The log.  [default: the one that the settings name]")
@click.option("--practitioner", metavar="ID", help="Who keeps the log.  [default: the one that the settings name]")
@rules_options
@click.pass_context
def command(
    ctx: click.Context, /, client: str | None, log_file: str | None, practitioner: str | None, **options: Any
) -> None:
    """Ask yourself one question on each theme of the self-check: a quarter of an hour, for nobody but you.

    Each answer is a number from 0 (never) to 4 (nearly always), and a few words after it where you like; Enter skips a
    question. You can leave at any time and go on later. At the end you see what asks for attention and what to take to
    supervision, and then decide whether the answers become events of the log.

    \b
    Examples: ethics-engine reflect
              ethics-engine reflect --client c7

    \b
    Exit codes: 0  it was done, or left
                2  something is wrong: nothing was asked
    """
    from ethics_engine.entries.questions import QUESTIONS
    from ethics_engine.entries.sitting import open_sitting, sitting_file

    if not asking.on_terminal():
        what = "reflect asks questions, and standard input is no terminal"
        raise ConfigError(f"{what}; a single answer can be written with `ethics-engine log reflection.recorded`")
    desk = open_desk(Judging(**options, as_of=None), log_file, practitioner)
    file = sitting_file(desk.path, desk.practitioner)
    sitting = None
    try:
        sitting = _sitting(desk, open_sitting(file, list(QUESTIONS)), client)
        if sitting is not None:
            _ask_all(desk, sitting)
            _finish(desk, sitting)
    except click.Abort:
        click.echo()
        _leave(sitting)


def _sitting(desk: Desk, kept: Sitting | None, client: str | None) -> Sitting | None:
    """The sitting to go on with, or a new one; None where neither is wanted."""
    from ethics_engine.entries.questions import QUESTIONS
    from ethics_engine.entries.sitting import Sitting, sitting_file

    if kept is not None:
        of = f" about client {shown(kept.client)}" if kept.client is not None else ""
        say(f"You began a self-check{of} and answered {len(kept.given())} of {len(QUESTIONS)} questions.")
        if not agreed("Go on with it?"):
            if not agreed("Throw these answers away and begin anew?", default=False):
                return None
            kept.remove()
            kept = None
    if kept is not None and client is not None and kept.client != client:
        raise ConfigError(f"the self-check that you began is not about client {shown(client)}; finish it first")
    if kept is None:
        day = (desk.zone or Zone()).date(desk.now).isoformat()
        file = sitting_file(desk.path, desk.practitioner)
        kept = Sitting(file, f"{day}-reflection-{secrets.token_hex(3)}", client)
    return kept


def _ask_all(desk: Desk, sitting: Sitting) -> None:
    """Every question that was not answered or skipped yet, with a way back."""
    from ethics_engine.entries.questions import QUESTIONS

    themes = list(QUESTIONS)
    number = next((number for number, theme in enumerate(themes) if theme not in sitting.answers), len(themes))
    if number < len(themes):
        _introduce(sitting)
    while number < len(themes):
        theme = themes[number]
        click.echo()
        say(QUESTIONS[theme], 0, f"{number + 1}/{len(themes)}  ")
        before = sitting.answers.get(theme)
        if before is not None:
            words = f" ({inert(before.words)})" if before.words else ""
            say(f"You answered {before.rating}{words}. Enter keeps it, - takes it back.", 2)
        said = ask("  0 to 4:", _read)
        if said is Turn.LEAVE:
            raise click.Abort
        if said is Turn.BACK:
            number = max(number - 1, 0)
            continue
        sitting.answers[theme] = before if said is None else None if said is Turn.NO_ANSWER else said
        sitting.save()
        number += 1


def _introduce(sitting: Sitting) -> None:
    from ethics_engine.entries.questions import SCALE

    click.echo()
    whom = "all your clients" if sitting.client is None else f"client {shown(sitting.client)}"
    say(f"Think of {whom}, over the last few weeks. How often was it so?")
    say(", ".join(f"{number} {word}" for number, word in enumerate(SCALE)), 2)
    say("None of this is a verdict, and an honest answer is worth more than a good one.")
    say("A few words may follow the number. Enter skips, b goes back, q leaves; your answers are kept for you.")


def _read(said: str) -> Answer | Turn | None:
    """An answer, a way back or out, or None for a question that is skipped."""
    from ethics_engine.entries.sitting import Answer
    from ethics_engine.scalars import format_instant

    if not said:
        return None
    if said.lower() in BACK:
        return Turn.BACK
    if said.lower() in LEAVE:
        return Turn.LEAVE
    if said == "-":
        return Turn.NO_ANSWER
    first, _, words = said.partition(" ")
    if first not in ("0", "1", "2", "3", "4"):
        raise ValueError("a number from 0 (never) to 4 (nearly always); Enter skips, b goes back, q leaves")
    return Answer(int(first), format_instant(clock.now()), words.strip() or None)


def _leave(sitting: Sitting | None) -> None:
    if sitting is None or not sitting.given():
        if sitting is not None:
            sitting.remove()
        say("Nothing was written.")
        return
    say(f"Your answers so far are kept in {shown(str(sitting.file))}, which only you can read.")
    say("`ethics-engine reflect` goes on from there; nothing was written into the log.")


def _finish(desk: Desk, sitting: Sitting) -> None:
    """What the answers speak to, and the answers as events, where that is wanted."""
    from ethics_engine.entries.entry import line_of, read_back
    from ethics_engine.entries.writing import write

    click.echo()
    if not sitting.given():
        sitting.remove()
        say("Every question was skipped: there is nothing to write.")
        return
    records = _records(desk, sitting)
    events = [read_back(line_of(record), desk.rules.vocabulary) for record in records]
    if events:
        _conclude(desk, sitting, events)
        click.echo()
        if not agreed(f"Write the {len(records)} answers into {shown(str(desk.path))}?"):
            if agreed("Keep them for later?", default=True):
                _leave(sitting)
            else:
                sitting.remove()
                say("Nothing was written, and your answers are gone.")
            return
    write(
        desk.path,
        desk.size,
        desk.rules.vocabulary,
        lambda taken: [record for record in records if record["id"] not in taken],
    )
    sitting.remove()
    say(f"Written into {shown(str(desk.path))}. Thank you for taking the time.")


def _records(desk: Desk, sitting: Sitting) -> list[dict[str, Any]]:
    """The answers as events, but for those that the log has already."""
    from ethics_engine.entries.entry import Entry
    from ethics_engine.entries.values import Moment

    vocabulary = desk.rules.vocabulary
    held = {event.id for event in desk.events if event.practitioner == desk.practitioner}
    records = []
    for theme, answer in sitting.given().items():
        if sitting.id(theme) in held:
            continue
        entry = Entry(
            vocabulary.types["reflection.recorded"], vocabulary, desk.practitioner, Moment(clock.now(), desk.zone), ()
        )
        said = {"client": sitting.client, "at": answer.at, "theme": theme, "rating": str(answer.rating)}
        for name, text in {**said, "reflection": answer.words}.items():
            if text is not None:
                entry.put(name, text)
        records.append(entry.record(sitting.id(theme)))
    return records


def _conclude(desk: Desk, sitting: Sitting, events: Sequence[Any]) -> None:
    from ethics_engine.entries.conclusion import concluded

    ratings = {theme: answer.rating for theme, answer in sitting.given().items()}
    for line in concluded(ratings, events, desk.events, desk.rules, clock.now()):
        say(*line)
