"""The HTML page: its numbers, and how it behaves in a real browser."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from math import exp, factorial
from pathlib import Path
from typing import Any

import pytest
from browser import chromium, grave_violations
from sample_report import EMPTY, GIFT, OVERRUNS, REPORT, TOUCH, finding, rejected_line
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from ethics_engine.api import check, load_rules
from ethics_engine.errors import ConfigError
from ethics_engine.findings import CannotTell, Finding, Happening, Obligation, Override, Report
from ethics_engine.reports import render
from ethics_engine.reports.html import _template
from ethics_engine.reports.html.funnel import ABOVE, FAR_ABOVE, WITHIN, funnel, poisson_limit
from ethics_engine.reports.html.timelines import gathered, timelines
from ethics_engine.scalars import parse_instant

ROOT = Path(__file__).parent.parent
VIEWS = {"drifting": [(1280, False), (390, True)], "audit": [(390, False), (1280, True)]}
"""Widths, and whether dark."""
EVIL = '</script><script>document.title="taken"</script><img src=x onerror=alert(1)>"\'{{7*7}}=1+1\x1b[31m\u202eabc'


def happened(number: int, practitioner: str, client: str | None = "c7", type: str = "session.held") -> Happening:
    return Happening(f"e{number}", parse_instant("2026-01-05T09:00:00Z") + number * 10**10, type, practitioner, client)


def practices(*counts: tuple[int, int]) -> Report:
    """Practitioners p0, p1, … with so many sessions and findings."""
    sessions = [happened(n, f"p{who}") for who, (held, _) in enumerate(counts) for n in range(held)]
    found = [
        finding("a.b", "notice", "2026-03-02T09:00:00Z", f"e{n}", practitioner=f"p{who}")
        for who, (_, many) in enumerate(counts)
        for n in range(many)
    ]
    return replace(EMPTY, happenings=tuple(sessions), findings=tuple(found))


class TestFunnel:
    @pytest.mark.parametrize("mean", [0.4, 2.0, 10.0, 37.5])
    @pytest.mark.parametrize("p", [0.001, 0.025, 0.975, 0.999])
    def test_limits_are_the_exact_interpolated_ones_of_poisson(self, mean: float, p: float) -> None:
        chances = [exp(-mean) * mean**k / factorial(k) for k in range(120)]
        r = next(k for k in range(120) if sum(chances[: k + 1]) > p)
        expected = r - (sum(chances[: r + 1]) - p) / chances[r]

        assert poisson_limit(mean, p) == pytest.approx(expected)

    def test_a_large_mean_meets_the_normal_law(self) -> None:
        assert poisson_limit(10_000, 0.975) == pytest.approx(10_000 + 1.96 * 100, abs=1)

    def test_a_busy_practice_is_not_mistaken_for_a_bad_one(self) -> None:
        found = funnel(practices((1000, 52), (40, 9), *[(100, 5)] * 20))
        assert found is not None
        places = {one.practitioner: one.place for one in found.practices}

        assert (places["p0"], places["p1"]) == (WITHIN, FAR_ABOVE)

    def test_ranks_only_beyond_the_limits_and_names_the_rest_in_order_of_name(self) -> None:
        found = funnel(practices((100, 6), (100, 11), (100, 30), (100, 4), *[(100, 5)] * 30))
        assert found is not None

        assert [(one.practitioner, one.place) for one in found.outside] == [("p2", FAR_ABOVE), ("p1", ABOVE)]
        assert [one.practitioner for one in found.inside] == sorted(one.practitioner for one in found.inside)

    def test_limits_widen_where_counts_spread_more_than_chance_explains(self) -> None:
        even, uneven = funnel(practices(*[(100, 5)] * 20)), funnel(practices(*[(100, 0), (100, 10)] * 10))
        assert even is not None
        assert uneven is not None

        assert (even.widened, uneven.widened) == (False, True)
        assert uneven.limits(100)[3] > even.limits(100)[3]

    def test_there_is_none_without_sessions_of_two(self) -> None:
        assert funnel(practices((100, 5))) is None

    def test_whoever_has_no_session_has_no_rate(self) -> None:
        found = funnel(practices((10, 1), (10, 1), (0, 2)))
        assert found is not None

        assert [one.practitioner for one in found.without] == ["p2"]


class TestTimelines:
    def test_early_signs_gather_at_the_first_finding_of_each_kind(self) -> None:
        signs = gathered(
            finding("a.b", "notice", f"2026-03-{day:02}T09:00:00Z", "e1", families=(kind,), status=status)
            for day, kind, status in [(3, "P2", "open"), (1, "P3", "open"), (2, "P9", "excused"), (4, "P3", "open")]
        )

        assert [(one.number, one.kind) for one in signs] == [(1, "P3"), (2, "P2")]

    def test_the_gravest_relationships_come_first(self) -> None:
        report = replace(REPORT, findings=(TOUCH, GIFT), happenings=(happened(1, "p1", "c1"), happened(2, "p1")))
        drawn, left_out = timelines(report)

        assert [(one.client, len(one.happenings)) for one in drawn] == [("c7", 1), (GIFT.client, 0), ("c1", 0 + 1)]
        assert left_out == 0

    def test_none_is_drawn_for_an_audit_of_many(self) -> None:
        drawn, left_out = timelines(practices(*[(1, 1)] * 10))

        assert (list(drawn), left_out) == ([], 10)


def test_a_check_keeps_events_only_where_it_is_asked_to() -> None:
    log = [{"id": "e1", "at": "2026-03-02T09:00:00Z", "type": "session.held", "practitioner": "p1", "client": "c7",
            "minutes": 50}]  # fmt: skip

    assert check(log).happenings == ()
    assert [one.type for one in check(log, happenings=True).happenings] == ["session.held"]


def test_a_filter_keeps_the_events_of_whom_it_shows() -> None:
    report = replace(REPORT, happenings=(happened(1, "p1", "c1"), happened(2, "p1")))

    assert [one.client for one in report.filtered(client="c7").happenings] == ["c7"]


def test_the_policy_of_the_page_allows_nothing_from_elsewhere() -> None:
    page = render(REPORT, "html")

    assert "default-src &#39;none&#39;; style-src &#39;sha256-" in page
    assert "unsafe" not in page.split("<style>")[0]


@pytest.mark.parametrize("module", ["jinja2", "vl_convert"])
def test_what_is_not_installed_is_said_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    _template.cache_clear()
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(ConfigError, match=r"pip install 'ethics-engine\[html\]'"):
        render(replace(REPORT, happenings=(happened(1, "p1"),)), "html")


def many_findings() -> Report:
    """10,000 findings that say as much as shipped rules do, with their events, of one practitioner."""
    start = parse_instant("2025-01-06T09:00:00Z")
    found: list[Finding] = []
    for n in range(10_000):
        sample = (TOUCH, *OVERRUNS)[n % 4]
        client = f"c{n % 200}"
        found.append(
            replace(sample, id=f"{n:020x}", at=start + n * 3 * 10**9, client=client, events=(f"k{n}-1", f"k{n}-2"))
        )
    events = tuple(
        Happening(name, one.at, "session.held", one.practitioner, one.client) for one in found for name in one.events
    )
    return replace(REPORT, findings=tuple(found), happenings=events)


def hostile() -> Report:
    """A report in which every text tries to be markup."""
    found = replace(
        TOUCH, rule=EVIL, policy=EVIL, practitioner=EVIL, client=EVIL, message=EVIL, title=EVIL, remedy=EVIL, why=EVIL,
        cites=(EVIL,), events=(EVIL,), values={EVIL: EVIL, "list": [EVIL]}, families=("P3", EVIL),
    )  # fmt: skip
    return replace(
        REPORT,
        findings=(found, TOUCH),
        obligations=(Obligation(EVIL, found.at, EVIL, EVIL, (EVIL,), EVIL, EVIL),),
        cannot_tell=(CannotTell(EVIL, EVIL, f"attribute {EVIL}", 1, EVIL, EVIL),),
        rejected=(replace(rejected_line(), file=EVIL, message=EVIL, hint=EVIL),),
        rules=replace(REPORT.rules, profile=EVIL, overrides=(Override(EVIL, EVIL, EVIL, EVIL),)),
        happenings=(happened(1, EVIL, EVIL), replace(happened(2, EVIL, EVIL), id=EVIL, type=EVIL), happened(3, "p1")),
    )


def audit() -> Report:
    """200 practitioners, judged: a generated year of one to three clients each."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        from generate import Practice
    finally:
        sys.path.pop(0)
    log = [
        record
        for number in range(1, 201)
        for record in Practice(f"p{number:03}", f"1 {number}", 1 + number % 3).in_order()
        if record["at"] < "2025-04"
    ]
    return check(log, load_rules(), happenings=True)


def drifting() -> Report:
    rules = load_rules(timezone="Europe/Berlin", currency="EUR")
    return check(ROOT / "fixtures/years/drifting-year.ndjson", rules, happenings=True)


REPORTS = {"drifting": drifting, "audit": audit, "many": many_findings, "hostile": hostile}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The reports, written as pages."""
    folder = tmp_path_factory.mktemp("pages")
    paths = {name: folder / f"{name}.html" for name in REPORTS}
    for name, path in paths.items():
        path.write_text(render(REPORTS[name](), "html"), encoding="utf-8")
    return paths


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


def opened(browser: Any, path: Path, width: int = 1280, dark: bool = False) -> None:
    """Open a page afresh, at a width, light or dark; what was logged before is forgotten."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get("about:blank")
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(path.as_uri())


def requests(browser: Any) -> list[str]:
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]
    return [url for url in urls if not url.startswith("data:image/svg+xml;base64,")]  # the browser's own icons


def counted(browser: Any) -> str:
    return str(browser.find_element("id", "count").text)


@pytest.mark.parametrize("name", REPORTS)
class TestInABrowser:
    def test_opens_without_an_error_and_asks_nobody_for_anything(
        self, browser: Any, pages: dict[str, Path], name: str
    ) -> None:
        opened(browser, pages[name])

        assert browser.get_log("browser") == []
        assert requests(browser) == [pages[name].as_uri()]
        assert "finding" in counted(browser)

    def test_does_not_scroll_sideways_on_a_phone(self, browser: Any, pages: dict[str, Path], name: str) -> None:
        opened(browser, pages[name], 390)

        assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", ["drifting", "audit", "hostile"])
def test_axe_finds_nothing_serious_at_any_width_light_or_dark(browser: Any, pages: dict[str, Path], name: str) -> None:
    for width, dark in VIEWS.get(name, [(1280, False)]):
        opened(browser, pages[name], width, dark)
        browser.execute_script("document.querySelector('#list summary').click()")

        assert grave_violations(browser) == []


def test_filters_work_by_keyboard(browser: Any, pages: dict[str, Path]) -> None:
    opened(browser, pages["drifting"])
    before = counted(browser)
    reached = []
    for _ in range(60):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(browser.switch_to.active_element.get_attribute("value"))
        if reached[-1] == "risk":
            break
    browser.switch_to.active_element.send_keys(Keys.SPACE)
    without_risks = counted(browser)
    shown = {one.text for one in browser.find_elements("css selector", "#list .level")}
    browser.find_element("name", "policy").send_keys("touch")
    of_touch = counted(browser)

    assert (before, without_risks, shown) == (
        "344 of 346 findings shown.",
        "129 of 346 findings shown.",
        {"violation", "notice"},
    )
    assert of_touch == "4 of 346 findings shown."


def test_a_finding_opens_by_keyboard_with_its_evidence_clauses_and_remedy(browser: Any, pages: dict[str, Path]) -> None:
    opened(browser, pages["drifting"])
    browser.find_element("css selector", "#list summary").send_keys(Keys.ENTER)
    told = WebDriverWait(browser, 5).until(lambda here: here.find_element("css selector", "#list .body")).text

    assert [part for part in ("Why it matters", "What to do next", "Evidence", "Clauses", "Rule") if part in told] == [
        "Why it matters",
        "What to do next",
        "Evidence",
        "Clauses",
        "Rule",
    ]


def test_choosing_a_client_or_days_hides_other_findings_and_timelines(browser: Any, pages: dict[str, Path]) -> None:
    opened(browser, pages["drifting"])
    browser.find_element("css selector", "input[value=excused]").click()
    Select(browser.find_element("name", "client")).select_by_visible_text("k03")
    filtered = counted(browser)
    drawn = [
        one.get_attribute("data-client") for one in browser.find_elements("css selector", ".timeline:not([hidden])")
    ]
    browser.find_element("css selector", "button[type=reset]").click()
    browser.execute_script(
        "const to = document.querySelector('[name=to]'); to.value = '2025-04-10';"
        "to.dispatchEvent(new Event('change', {bubbles: true}))"
    )
    dates = [one.text for one in browser.find_elements("css selector", "#list .when")]
    faded = browser.execute_script("return document.querySelectorAll('path.off').length")

    assert (filtered, drawn) == ("1 of 346 findings shown.", ["k03"])
    assert [one for one in dates if one.split(" ")[1] not in ("March", "April")] == []
    assert faded > 300


def test_hostile_texts_come_out_as_text(browser: Any, pages: dict[str, Path]) -> None:
    opened(browser, pages["hostile"])
    browser.execute_script("document.querySelectorAll('#list summary').forEach((one) => one.click())")
    shown = browser.find_element("id", "list").text
    strangers = browser.execute_script("return document.querySelectorAll('img, script:not([id]), iframe').length")

    assert browser.title == "Ethics check"
    assert strangers == 1
    assert '<script>document.title="taken"</script>' in shown
    assert browser.get_log("browser") == []


def test_ten_thousand_findings_open_and_filter_within_a_second(browser: Any, pages: dict[str, Path]) -> None:
    times = []
    for _ in range(3):  # the least of three, for a machine that does other things too
        opened(browser, pages["many"])
        times.append(browser.execute_script("return performance.getEntriesByType('navigation')[0].loadEventEnd"))
    filtering = browser.execute_script(
        "const box = document.querySelector('input[value=risk]'), start = performance.now();"
        "box.click(); document.body.offsetHeight; return performance.now() - start"
    )

    assert pages["many"].stat().st_size < 5_000_000
    assert min(times) < 1000
    assert filtering < 1000


def test_a_printed_page_holds_all_findings_with_their_evidence(browser: Any, pages: dict[str, Path]) -> None:
    opened(browser, pages["drifting"])
    browser.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    told = browser.execute_script("return document.querySelectorAll('#list details[open] .body').length")
    browser.execute_script("window.dispatchEvent(new Event('afterprint'))")
    after = browser.execute_script("return document.querySelectorAll('#list > li').length")

    assert (told, after) == (344, 50)
