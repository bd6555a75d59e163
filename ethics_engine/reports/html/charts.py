"""Charts as SVG, drawn by Vega (through vl-convert, with no browser) when the report is written.

Their colours are the page's own (`var(--…)`), so that they follow light and dark; positions are laid out here and not
measured from fonts, so that two machines draw the same bytes. What a chart shows stands in words beside it: the picture
is one image to a screen reader.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from ethics_engine.calendars import Zone
from ethics_engine.errors import ConfigError
from ethics_engine.findings import LEVELS
from ethics_engine.reports.html.funnel import ABOVE, BELOW, FAR_ABOVE, FAR_BELOW, WITHIN, Funnel
from ethics_engine.reports.html.timelines import LANE_OF_LEVEL, LANES, Timeline
from ethics_engine.reports.wording import inert
from ethics_engine.scalars import DAY

SHAPES = {"violation": "diamond", "risk": "triangle-up", "notice": "circle"}
_SCHEMA = "https://vega.github.io/schema/vega/v5.json"
_WIDTH, _LEFT, _RIGHT, _TOP, _LANE = 860, 130, 20, 14, 24
_ROOT = re.compile(r"<svg [^>]*>")
_HIDDEN = re.compile(r' (?:aria-hidden|role|aria-roledescription|aria-label|pointer-events)="[^"]*"')
_BARE = re.compile(r' (?:opacity="1"|stroke-opacity="1"|font-family="sans-serif")')


def drawn(spec: dict[str, Any], label: str) -> Markup:
    """A Vega specification as inline SVG that is one labelled image.

    Raises:
        ConfigError: vl-convert is not installed.
    """
    try:
        import vl_convert
    except ImportError:
        raise ConfigError("the format html draws with vl-convert: pip install 'ethics-engine[html]'") from None
    svg = vl_convert.vega_to_svg(spec)
    head = Markup('<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{}" viewBox="0 0 {} {}" width="{}">')
    opened = head.format(label, spec["width"], spec["height"], spec["width"])
    inside = _BARE.sub("", _HIDDEN.sub("", _ROOT.sub("", svg, count=1)))
    return opened + Markup(inside)


def timeline_chart(timeline: Timeline, zone: Zone, first: int, last: int, as_of: int | None) -> Markup:
    """One relationship on the axis `first` to `last` (instants), the same for all charts of a page.

    The marks named `findings` stand in the order of `timeline.found`.
    """
    last = max(last, first + DAY)
    below = _TOP + len(LANES) * _LANE
    signs = timeline.gathering
    height = below + 26 + (18 + 13 * len(signs) if signs else 0)
    y = {lane: _TOP + (number + 0.5) * _LANE for number, lane in enumerate(LANES)}
    top_of_signs = below + 32

    def x(at: int) -> float:
        return round(_LEFT + (min(max(at, first), last) - first) / (last - first) * (_WIDTH - _LEFT - _RIGHT), 1)

    events = [{"x": x(one.at), "y": y[timeline.lane(one)]} for one in timeline.happenings]
    found = [
        {
            "x": x(finding.at),
            "y": y[LANE_OF_LEVEL[finding.level]],
            "shape": SHAPES[finding.level],
            "fill": f"var(--{finding.level})" if finding.status == "open" else "var(--paper)",
            "stroke": f"var(--{finding.level})",
        }
        for _, finding in timeline.found
        if finding.level in LEVELS[:3]
    ]
    duties = [{"x": x(duty.due), "y": y["Duties due"]} for duty in timeline.duties]
    steps = [
        {"x": x(one.at), "y": top_of_signs + 13 * (one.number - 1), "t": f"{one.number}: {one.kind} {one.words}"}
        for one in signs
    ]
    for step in steps:
        right = float(str(step["x"])) > _WIDTH * 0.68
        step |= {"side": "right" if right else "left", "near": -7 if right else 7}
    lanes = [{"y": y[lane], "t": lane} for lane in LANES]
    if signs:
        lanes.append({"y": top_of_signs, "t": "Early signs so far"})
    months = [{"x": x(at), "t": label} for at, label in _months(zone, first, last)]
    ends = [] if as_of is None or not first <= as_of <= last else [{"x": x(as_of)}]
    ruled = {"stroke": _v("var(--line)"), "strokeWidth": _v(1)}
    marks = [
        _mark("rule", "lanes", {"x": _v(_LEFT), "x2": _v(_WIDTH - _RIGHT), "y": _f("y"), **ruled}),
        _mark("rule", "months", {"x": _f("x"), "y": _v(_TOP), "y2": _v(below), **ruled}),
        _text("lanes", {"x": _v(_LEFT - 12), "y": _f("y"), "align": _v("right"), "baseline": _v("middle")}),
        _text("months", {"x": _f("x"), "y": _v(below + 14), "align": _v("left")}),
        _mark("rule", "ends", {"x": _f("x"), "y": _v(_TOP - 8), "y2": _v(below), "stroke": _v("var(--ink)"),
                               "strokeDash": _v([4, 3])}),
        _mark("rule", "events", {"x": _f("x"), "y": _f("y", -7), "y2": _f("y", 7), "stroke": _v("var(--event)"),
                                 "strokeWidth": _v(2)}),
        _mark("symbol", "duties", {"x": _f("x"), "y": _f("y"), "shape": _v("square"), "size": _v(80),
                                   "stroke": _v("var(--ink)"), "fill": _v("var(--paper)")}),
        _mark("symbol", "findings", {"x": _f("x"), "y": _f("y"), "shape": _f("shape"), "size": _v(110),
                                     "stroke": _f("stroke"), "strokeWidth": _v(1.5), "fill": _f("fill")}),
        _mark("line", "signs", {"x": _f("x"), "y": _f("y"), "interpolate": _v("step-before"),
                                "stroke": _v("var(--ink)"), "strokeWidth": _v(1.5)}),
        _mark("symbol", "signs", {"x": _f("x"), "y": _f("y"), "size": _v(40), "fill": _v("var(--ink)")}),
        _text("signs", {"x": _f("x", field_offset="near"), "y": _f("y"), "align": _f("side"),
                        "baseline": _v("middle")}),
    ]  # fmt: skip
    data: dict[str, list[dict[str, Any]]] = {"signs": steps}
    data |= {"lanes": lanes, "months": months, "ends": ends, "events": events, "duties": duties, "findings": found}
    return drawn(_spec(height, data, marks), inert(timeline.in_words(zone)))


def funnel_chart(funnel: Funnel) -> Markup:
    """Findings per 100 sessions beside sessions, with the limits of 95 % and 99.8 %."""
    most = max(one.sessions for one in funnel.practices)
    start = max(1.0, min(one.sessions for one in funnel.practices) * 0.6)
    places = [start + (most * 1.05 - start) * (step / 70) ** 2 for step in range(71)]
    curves: list[dict[str, Any]] = [
        {"n": n, "r": 100 * limit, "which": which}
        for n in places
        for which, limit in zip(("o0", "i0", "i1", "o1"), funnel.limits(n), strict=True)
    ]
    shapes = {
        FAR_ABOVE: "diamond",
        ABOVE: "triangle-up",
        WITHIN: "circle",
        BELOW: "triangle-down",
        FAR_BELOW: "diamond",
    }
    points = [
        {
            "n": one.sessions,
            "r": 100 * one.rate,
            "shape": shapes[one.place],
            "fill": "var(--paper)" if one.place == WITHIN else "var(--violation)" if one.place == FAR_ABOVE
            else "var(--risk)" if one.place == ABOVE else "var(--notice)",
            "name": inert(one.practitioner)[:14] if one.place in (FAR_ABOVE, FAR_BELOW) else "",
        }
        for one in reversed(funnel.practices)
    ]  # fmt: skip
    highest = max([100 * one.rate for one in funnel.practices] + [100 * funnel.limits(most)[3]]) * 1.1 or 1
    width, height = 700, 380
    scales = [
        {"name": "x", "type": "linear", "domain": [start, most * 1.08], "range": [60, width - 20], "nice": False},
        {"name": "y", "type": "linear", "domain": [0, highest], "range": [height - 44, 12], "clamp": True},
    ]
    at = {"x": {"scale": "x", "field": "n"}, "y": {"scale": "y", "field": "r"}}
    axis = {"aria": False, "labelColor": "var(--ink)", "titleColor": "var(--ink)", "tickColor": "var(--muted)",
            "domainColor": "var(--muted)", "gridColor": "var(--line)", "labelFontSize": 12, "titleFontSize": 13,
            "titleFontWeight": "normal", "labelOverlap": False}  # fmt: skip
    axes = [
        {**axis, "orient": "bottom", "scale": "x", "title": "Sessions held", "titleX": width / 2 - 20, "titleY": 28,
         "offset": -44, "tickCount": 7},
        {**axis, "orient": "left", "scale": "y", "title": "Open findings per 100 sessions", "titleX": -44,
         "titleY": height / 2, "offset": -60, "grid": True, "tickCount": 6},
    ]  # fmt: skip
    middle = [{"n": start, "r": 100 * funnel.rate}, {"n": most * 1.05, "r": 100 * funnel.rate}]
    marks = [
        _mark("line", "middle", {**at, "stroke": _v("var(--ink)"), "strokeWidth": _v(1.2)}),
        *(
            _mark("line", which, {**at, "stroke": _v("var(--ink)"), "strokeWidth": _v(1.5), "strokeDash": _v(dash)})
            for which, dash in (("o0", [8, 3]), ("i0", [2, 3]), ("i1", [2, 3]), ("o1", [8, 3]))
        ),
        _mark("symbol", "points", {**at, "shape": _f("shape"), "size": _v(64), "fill": _f("fill"),
                                   "stroke": _v("var(--ink)")}),
        _text("points", {"x": {"scale": "x", "field": "n", "offset": 8}, "y": at["y"], "baseline": _v("middle")},
              "name"),
    ]  # fmt: skip
    data: dict[str, list[dict[str, Any]]] = {"middle": middle, "points": points}
    data |= {which: [one for one in curves if one["which"] == which] for which in ("o0", "i0", "i1", "o1")}
    spec = _spec(height, data, marks) | {"width": width, "scales": scales, "axes": axes}
    above = sum(one.place in (FAR_ABOVE, ABOVE) for one in funnel.practices)
    label = f"Funnel plot of {len(funnel.practices)} practitioners: {above} above a limit, {len(funnel.inside)} within."
    return drawn(spec, f"{label} The tables below hold the numbers.")


def _months(zone: Zone, first: int, last: int) -> list[tuple[int, str]]:
    """Where months begin, at most twelve of them, with their names; the year stands at the first and at January."""
    found: list[tuple[int, str]] = []
    at = zone.period(first, "month")[1]
    while at < last and len(found) < 1200:
        day = zone.date(at)
        found.append((at, day.strftime("%b %Y") if day.month == 1 or not found else day.strftime("%b")))
        at = zone.period(at, "month")[1]
    every = -(-len(found) // 12) or 1
    if every > 1:
        found = [(at, f"{zone.date(at):%b %Y}") for at, _ in found[:: max(every, len(found) // 8)]]
    return found


def _spec(height: int, data: dict[str, list[dict[str, Any]]], marks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    sources = [{"name": name, "values": values} for name, values in data.items()]
    head = {"$schema": _SCHEMA, "width": _WIDTH, "height": height, "autosize": "none", "padding": 0}
    return {**head, "background": None, "data": sources, "marks": list(marks)}


def _v(value: Any) -> dict[str, Any]:
    return {"value": value}


def _f(field: str, offset: float = 0, field_offset: str = "") -> dict[str, Any]:
    if field_offset:
        return {"field": field, "offset": {"field": field_offset}}
    return {"field": field, "offset": offset} if offset else {"field": field}


def _mark(kind: str, data: str, encode: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "name": f"{kind}-{data}", "aria": False, "from": {"data": data}, "encode": {"enter": encode}}


def _text(data: str, encode: dict[str, Any], field: str = "t") -> dict[str, Any]:
    written = {"text": {"field": field}, "fill": _v("var(--ink)"), "fontSize": _v(12)}
    return _mark("text", data, written | encode)
