"""The page in a real browser: drawn, silent, alone, readable on a phone, usable by keyboard and screen reader."""

import pytest
from browser import chromium

pytestmark = pytest.mark.browser

DRAWN = "[...document.querySelectorAll('.plot')].every((place) => place.querySelector('svg .mark-symbol, svg path'))"


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture
def opened(browser, report_page):
    """Open the report on a desktop in the light scheme."""
    browser.device(1280)
    browser.open(report_page)
    return browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "is_phone"), [(1280, False), (360, True)])
def test_everything_is_drawn_in_silence_and_alone(browser, report_page, scheme, width, is_phone):
    browser.device(width, scheme=scheme, is_phone=is_phone)
    browser.open(report_page)
    assert browser.value(DRAWN)
    assert browser.complaints() == []
    assert browser.requests() == [report_page.resolve().as_uri()]


def test_the_first_screen_holds_the_sentence_and_all_small_pictures(browser, report_page):
    browser.device(1280, 800)
    browser.open(report_page)
    assert browser.value("document.querySelectorAll('.pictures > li').length") == 5
    assert browser.value("document.querySelector('.pictures').getBoundingClientRect().bottom") <= 800
    assert browser.value("document.querySelector('.over-all').innerText").startswith("PyTorch leads in paper code")
    dead = "[...document.querySelectorAll('.pictures a')].filter((each) => !document.querySelector(each.hash)).length"
    assert browser.value(dead) == 0
    browser.device(390, 844, is_phone=True)
    browser.open(report_page)
    assert browser.value("document.querySelector('.pictures').getBoundingClientRect().bottom") <= 3 * 844


def test_a_phone_never_scrolls_sideways(browser, report_page):
    browser.device(360, is_phone=True)
    browser.open(report_page)
    browser.value("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert browser.value("document.documentElement.scrollWidth") == 360
    widest = "Math.max(...[...document.querySelectorAll('.plot svg')].map((svg) => svg.getBoundingClientRect().right))"
    assert browser.value(widest) <= 360
    too_small = (
        "[...document.querySelectorAll('.key, .legend, .newest')]"
        ".filter((each) => parseFloat(getComputedStyle(each).fontSize) < 13).length"
    )
    assert browser.value(too_small) == 0


def test_the_dark_scheme_has_dark_charts(browser, report_page):
    inks = (
        "[...new Set([...document.querySelectorAll('.plot svg text')].map((each) => each.getAttribute('fill')))].sort()"
    )
    seen = {}
    for scheme in ("light", "dark"):
        browser.device(1280, scheme=scheme)
        browser.open(report_page)
        seen[scheme] = browser.value(inks)
    assert not set(seen["light"]) & set(seen["dark"])


def test_charts_follow_a_changed_scheme(opened):
    ink = "document.querySelector('.plot svg text').getAttribute('fill')"
    before = opened.value(ink)
    opened.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    opened.until(f"{ink} !== '{before}'")
    assert opened.complaints() == []


def test_charts_follow_a_changed_width(opened):
    opened.ask("Emulation.setDeviceMetricsOverride", width=420, height=900, deviceScaleFactor=1, mobile=False)
    opened.until(
        "[...document.querySelectorAll('.plot')].every((place) => "
        "Math.abs(place.querySelector('svg').getBoundingClientRect().width - place.clientWidth) <= 2)"
    )


def test_names_for_those_who_listen(opened):
    nodes = opened.ask("Accessibility.getFullAXTree")["nodes"]

    def names(role):
        found = [node for node in nodes if node.get("role", {}).get("value") == role and not node.get("ignored")]
        return [node.get("name", {}).get("value", "") for node in found]

    for role in ("main", "navigation", "banner", "contentinfo"):
        assert len(names(role)) == 1
    charts = opened.value(
        "[...document.querySelectorAll('.plot > div')].map((each) => each.getAttribute('aria-label'))"
    )
    assert charts
    assert all(len(label) > 60 for label in charts)
    assert len(names("figure")) >= 8
    assert "" not in names("figure")
    assert "" not in names("button")
    assert "" not in names("link")
    assert "" not in names("heading")


def press(browser, key, code):
    for kind in ("keyDown", "keyUp"):
        browser.ask(
            "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, text="\r" * (code == 13)
        )


def test_the_keyboard_reaches_everything(opened):
    press(opened, "Tab", 9)
    assert opened.value("document.activeElement.className") == "skip"
    outline = opened.value("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    press(opened, "Enter", 13)
    opened.until("location.hash === '#answer'")
    opened.value("document.querySelector('details.rows > summary').focus()")
    press(opened, "Enter", 13)
    opened.until("document.querySelector('details.rows').open && document.querySelector('details.rows table')")


def test_the_table_holds_every_row(opened):
    opened.value("document.querySelectorAll('details.rows').forEach((each) => { each.open = true; })")
    opened.until(
        "document.querySelectorAll('details.rows table').length === document.querySelectorAll('details.rows').length"
    )
    counts = opened.value(
        "[...document.querySelectorAll('details.rows')].map((each) => "
        "[each.querySelector('summary').textContent, each.querySelectorAll('tbody tr').length])"
    )
    assert counts
    assert all(summary == f"All {rows} rows as a table" for summary, rows in counts)


def test_the_download_is_the_data(opened):
    opened.value(
        "window.saved = [];"
        "URL.createObjectURL = (blob) => { blob.text().then((text) => saved.push(text)); return '#'; };"
        "HTMLAnchorElement.prototype.click = function () { saved.name = this.download; }"
    )
    opened.value("document.querySelector('button[data-csv=survey_stackoverflow]').click()")
    opened.until("saved.length === 1")
    lines = opened.value("saved[0]").splitlines()
    assert opened.value("saved.name") == "survey_stackoverflow.csv"
    assert lines[0].startswith("series_id,population,period_start,period_end,framework,measure,n,base,share")
    assert any(line.startswith("survey.stackoverflow,professional developers,2023-01-01,") for line in lines)


def test_measurements_are_drawn(browser, measured_page):
    browser.device(360, is_phone=True)
    browser.open(measured_page)
    assert browser.value(DRAWN)
    assert browser.complaints() == []
    assert browser.value("document.documentElement.scrollWidth") == 360


def test_hovering_tells_the_values(opened):
    opened.value("document.getElementById('figure-github_stars').scrollIntoView({ behavior: 'instant' })")
    box = opened.value(
        "(() => { const box = document.querySelector('#figure-github_stars .plot').getBoundingClientRect();"
        " return [box.left + box.width * 0.6, box.top + 60]; })()"
    )
    opened.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
    opened.ask("Input.dispatchMouseEvent", type="mouseMoved", x=box[0], y=box[1])
    opened.until("!document.getElementById('tip').hidden")
    told = opened.value("document.getElementById('tip').textContent")
    assert "PyTorch" in told
    assert "Period ends" in told
