"""The page in a real browser: drawn, silent, alone, readable on a phone, usable by keyboard and screen reader."""

import csv
import io
import json
from itertools import pairwise
from math import exp

import pytest
from browser import chromium

pytestmark = pytest.mark.browser

DRAWN = "[...document.querySelectorAll('.plot')].every((place) => place.querySelector('svg .mark-symbol, svg path'))"


# Every word against the ground below it, as WCAG counts contrast: 4.5, or 3 for large letters.
FAINT = """(() => {
  const channels = (ink) => ink.match(/[\\d.]+/g).map(Number);
  const light = (ink) => channels(ink).slice(0, 3).map((each) => each / 255)
    .map((each) => (each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
    .reduce((sum, each, place) => sum + each * [0.2126, 0.7152, 0.0722][place], 0);
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const ink = getComputedStyle(each).backgroundColor;
      if ((channels(ink)[3] ?? 1) === 1) return ink;
    }
    return "rgb(255, 255, 255)";
  };
  const words = [...document.body.querySelectorAll("*")].filter((each) => !each.closest("svg, script, style")
    && [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()) && each.checkVisibility());
  const found = new Set();
  for (const each of words) {
    const style = getComputedStyle(each);
    const [one, other] = [light(style.color), light(ground(each))];
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < least) found.add(`${each.className || each.tagName} ${style.color} ${ratio.toFixed(2)}`);
  }
  return [words.length > 2000, ...found];
})()"""


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
    assert browser.value(FAINT) == [True]


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


def test_a_phone_says_which_column_a_cell_is_from(browser, report_page):
    browser.device(360, is_phone=True)
    browser.open(report_page)
    label = "getComputedStyle(document.querySelector('#alive td'), '::before').content"
    assert browser.value(label) == '"State: "'
    bare = (
        "[...document.querySelectorAll('.stacked td')]"
        ".filter((each) => each.textContent.trim() && !each.dataset.label).length"
    )
    assert browser.value(bare) == 0


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
    for role in ("combobox", "searchbox", "checkbox"):
        assert names(role), role
        assert "" not in names(role), role


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
    opened.value("document.querySelector('#figure-survey_stackoverflow [data-take=csv]').click()")
    opened.until("saved.length === 1")
    lines = opened.value("saved[0]").splitlines()
    assert opened.value("saved.name") == "survey_stackoverflow.csv"
    assert lines[0].startswith("series_id,population,period_start,period_end,framework,measure,n,base,share")
    assert any(line.startswith("survey.stackoverflow,professional developers,2023-01-01,") for line in lines)


def test_a_formula_in_the_data_is_text_in_the_download(opened):
    formulas = ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1"]
    opened.value(
        "window.saved = [];"
        "URL.createObjectURL = (blob) => { blob.text().then((text) => saved.push(text)); return '#'; };"
        "HTMLAnchorElement.prototype.click = function () {};"
        "var named = observatory.charts.get('survey_stackoverflow').columns.find(({ name }) => name === 'population')"
    )
    for count, formula in enumerate(formulas, 1):
        opened.value(f"(named.of ?? named.each)[0] = {json.dumps(formula)}")
        opened.value("document.querySelector('#figure-survey_stackoverflow [data-take=csv]').click()")
        opened.until(f"saved.length === {count}")
        told = csv.DictReader(io.StringIO(opened.value(f"saved[{count - 1}]"), newline=""))
        populations = {row["population"] for row in told}
        assert f"'{formula}" in populations
        assert formula not in populations


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


@pytest.fixture(scope="module")
def used(browser, report_page):
    """Open the report once for tests that leave it as it is; what it hands out is kept in `taken`."""
    browser.device(1280)
    browser.open(report_page)
    browser.value(
        "window.taken = {};"
        "URL.createObjectURL = ((made) => (blob) => { window.newest = blob; return made.call(URL, blob); })"
        "(URL.createObjectURL);"
        "HTMLAnchorElement.prototype.click = function () { const name = this.download; const blob = newest;"
        " blob.text().then((text) => { taken[name] = [blob.size, blob.type, text]; }); }"
    )
    return browser


def in_door(browser, selector):
    """Open the door that `selector` finds by the keyboard, and return its lines by term."""
    browser.value(f"document.querySelector({selector!r}).focus()")
    press(browser, "Enter", 13)
    browser.until("document.getElementById('door').open")
    lines = browser.value(
        "[...document.querySelectorAll('#door .facts > div')].map((each) =>"
        " [each.querySelector('dt').textContent, each.querySelector('dd').textContent])"
    )
    return dict(lines)


def texts(browser, selector):
    return browser.value(f"[...document.querySelectorAll({selector!r})].map((each) => each.textContent)")


def test_a_number_of_the_first_screen_opens_what_is_behind_it(used):
    behind = in_door(used, ".pictures li:nth-child(3) .door")
    assert behind["Share"] == "10.6 %"
    assert behind["n and base"] == "4,846 of 45,841"
    assert behind["95 % interval"] == "10.3 % to 10.9 %"
    assert behind["When"] == "2024"
    assert behind["Of whom"].startswith("People who filled in the survey")
    assert "days old at the newest run" in behind["Source"]
    assert behind["Licence"].startswith("ODbL 1.0")
    assert "from adoption where " in behind["Ask it yourself"]
    assert "series_id = 'survey.stackoverflow'" in behind["Ask it yourself"]
    assert sum("TensorFlow" in row for row in texts(used, "#door tbody tr")) == 1
    press(used, "Escape", 27)
    used.until("!document.getElementById('door').open")


def test_behind_a_number_are_some_of_the_rows_that_it_counts_and_how_many_there_are(used):
    assert in_door(used, ".pictures li:nth-child(1) .door")["n and base"] == "235 of 265"
    assert texts(used, "#door h3")[-1] == "Rows that it counts, from the view sampled_paper_code: 6 of 235"
    rows = texts(used, "#door .scroll:nth-of-type(2) tbody tr")
    assert len(rows) == 6
    assert all("pytorch" in row and ("2024" in row or "2025" in row) for row in rows)
    asked = texts(used, "#door .query")[-1]
    assert asked.endswith("population = 'all' and 'pytorch' = any(families) and edition_year between 2024 and 2025\"")
    used.value("document.getElementById('door').close()")


def test_a_count_of_millions_is_the_same_in_key_and_door(used):
    door = "#figure-downloads .key .door"
    counted = texts(used, door)[0]
    assert len(counted) > len("1,000,000")
    assert in_door(used, door)["n and base"] == f"{counted}; no honest base exists"
    used.value("document.getElementById('door').close()")


def test_behind_an_entry_of_a_contest_are_its_rounds(used):
    door = "#figure-mlperf_training_entries .key .door"
    counted = in_door(used, door)["n and base"].split(" of ")[0]
    assert "from the view mlperf_label_sets" in texts(used, "#door h3")[-1]
    heads = texts(used, "#door .scroll:nth-of-type(2) thead th")
    rows = used.value(
        "[...document.querySelectorAll('#door .scroll:nth-of-type(2) tbody tr')]"
        ".map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    assert sum(int(row[heads.index("entries_count")]) for row in rows) == int(counted)
    used.value("document.getElementById('door').close()")


def test_answers_keys_the_glance_and_claims_are_doors_too(used):
    for selector, words in (
        (".answers .door", "papers.conference_mentions"),
        (".glance .door", "from adoption where"),
        (".key .door", "from adoption where"),
        ("#claims-table .door", "from claim_evidence where claim_id = 'C"),
    ):
        assert words in in_door(used, selector)["Ask it yourself"]
        used.value("document.getElementById('door').close()")
    assert used.complaints() == []


def test_tables_sort_and_search(used):
    used.value("document.querySelector('#figure-survey_stackoverflow details.rows').open = true")
    table = "#figure-survey_stackoverflow .scroll table"
    used.until(f"document.querySelector('{table}')")
    place = texts(used, f"{table} thead th").index("n") + 1
    used.value(f"document.querySelector('{table} thead th:nth-child({place}) button').click()")
    numbers = [int(text.replace(",", "")) for text in texts(used, f"{table} td:nth-child({place})") if text != "—"]
    assert len(numbers) > 20
    assert numbers == sorted(numbers)
    used.value(
        "(() => { const field = document.querySelector('#figure-survey_stackoverflow .search input');"
        " field.value = 'jax 2023-01-01'; field.dispatchEvent(new Event('input')); })()"
    )
    assert len(texts(used, f"{table} tbody tr:not([hidden])")) == 2


def test_a_figure_can_be_taken_along_in_every_form(used):
    for ending in ("png", "svg", "json", "html"):
        used.value(f"document.querySelector('#figure-survey_stackoverflow [data-take={ending}]').click()")
        used.until(f"taken['survey_stackoverflow.{ending}']")
    (size, kind, start), (_, _, drawing), (_, _, embedded) = (
        used.value(f"taken['survey_stackoverflow.{ending}']") for ending in ("png", "svg", "html")
    )
    assert (start[1:4], kind) == ("PNG", "image/png")
    assert size > 20_000
    for words in ("Stack Overflow Developer Survey", "professional developers", "Framework Observatory, "):
        assert words in drawing
        assert words in embedded
    assert "<script" not in embedded
    assert "ODbL 1.0" in embedded
    again = used.value(
        "(async () => { const kept = JSON.parse(taken['survey_stackoverflow.json'][2]);"
        " const host = document.createElement('div'); const { view } = await vegaEmbed(host, kept.panels[0].vega,"
        " { mode: 'vega', renderer: 'svg', actions: false });"
        " const count = host.querySelectorAll('path').length;"
        " return [kept.rows.length, kept.view, view.data('rows').length, count > 20]; })()"
    )
    assert again == [48, "adoption", 24, True]


def test_lines_carry_their_names_and_the_key_the_shapes_of_the_chart(used):
    assert {"PyTorch", "TensorFlow", "Keras"} <= set(texts(used, "#figure-github_stars .line-name"))
    tops = "[...document.querySelectorAll('#figure-github_stars .line-name')].map((each) => +each.getAttribute('y'))"
    assert all(below - above >= 12 for above, below in pairwise(sorted(used.value(tops))))
    assert (
        used.value("document.querySelector('#figure-github_stars .swatch use').getAttribute('href')") == "#shape-line"
    )
    shape = "document.querySelector('#figure-survey_stackoverflow .swatch use').getAttribute('href')"
    assert used.value(shape) == "#shape-circle"


def test_only_the_scripts_of_the_page_may_run(used):
    used.value(
        "document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = 1' }))"
    )
    assert used.value("window.ran === undefined")


def test_print_keeps_marks_and_leaves_out_what_cannot_be_pressed(used):
    used.ask("Emulation.setEmulatedMedia", media="print")
    style = "getComputedStyle(document.querySelector('{}')).{}"
    assert used.value(style.format(".glance .track b", "printColorAdjust")) == "exact"
    assert used.value(style.format(".figure h3", "breakAfter")) == "avoid"
    assert used.value(style.format(".take", "display")) == "none"
    assert used.value(style.format(".key .door", "display")) != "none"
    used.ask("Emulation.setEmulatedMedia", media="")


def test_the_address_keeps_the_choice_and_the_ledgers_filters(used, report_page):
    for name in ("jax", "pytorch"):
        used.value(f"document.querySelector('#choose [value={name}]').click()")
    put = (
        "(() => {{ const field = document.querySelector('{}'); field.value = '{}';"
        " field.dispatchEvent(new Event('input')); }})()"
    )
    used.value(put.format("#choose [name=from]", 2020))
    used.value(put.format("[data-filter=verdict]", "contradicted"))
    address = used.value("location.href")
    assert address == f"{report_page.resolve().as_uri()}?frameworks=pytorch%2Cjax&from=2020&verdict=contradicted"
    used.ask("Page.navigate", url="about:blank")
    used.events.clear()
    used.ask("Page.navigate", url=address)
    used.until("document.documentElement.dataset.complete === 'true'")
    assert texts(used, "#chosen")[0].startswith("Shown: PyTorch, JAX · 2020 to … · ")
    assert set(texts(used, ".key tbody tr:not([hidden]) th")) == {"PyTorch", "JAX"}
    assert [each.strip() for each in texts(used, ".pictures li:nth-child(4) dl > div:not([hidden]) dt")] == [
        "PyTorch",
        "JAX",
    ]
    assert "sentences and verdicts speak of all" in texts(used, "#chosen")[0]
    assert used.value("document.querySelector('#claims .filters').checkVisibility()")
    assert texts(used, ".compared thead th") == ["Series and population", "Period", "PyTorch", "JAX"]
    drawn = (
        "[...new Set(observatory.drawn.filter((each) => each.view)"
        ".flatMap((each) => each.view.data('rows').map((row) => row.framework)))].sort()"
    )
    assert used.value(drawn) == ["jax", "pytorch"]
    verdicts = (
        "[...document.querySelectorAll('#claims-table tbody tr:not([hidden])')].map((row) => row.dataset.verdict)"
    )
    assert set(used.value(verdicts)) == {"contradicted"}
    assert used.complaints() == []


def test_sources_are_weighed_by_the_reader_and_the_address_keeps_it(used, report_page):
    used.open(report_page)
    told = "document.querySelector('#figure-weights output').textContent"
    rows = json.loads(used.value(
        "JSON.stringify([...document.querySelectorAll('#figure-weights tbody tr')]"
        ".map((row) => [row.dataset.source, Number(row.dataset.logOdds)]))"
    ))  # fmt: skip
    mean = sum(log_odds for _, log_odds in rows) / len(rows)
    assert f"By your weights {100 / (1 + exp(-mean)):.1f} % of the two (log-odds {mean:.2f})" in used.value(told)
    assert f"over {len(rows)} of {len(rows)} sources" in used.value(told)
    put = (
        "for (const row of document.querySelectorAll('#figure-weights tbody tr')) {"
        " const input = row.querySelector('input');"
        " input.value = row.dataset.source === 'stackoverflow_survey' ? 3 : 0;"
        " input.dispatchEvent(new Event('input')); }"
    )
    used.value(put)
    alone = dict(rows)["stackoverflow_survey"]
    assert f"{100 / (1 + exp(-alone)):.1f} % of the two" in used.value(told)
    assert "over 1 of" in used.value(told)
    assert "apart by 0.00" in used.value(told)
    before, address = used.value(told), used.value("location.href")
    assert "weights=" in address
    used.ask("Page.navigate", url="about:blank")
    used.ask("Page.navigate", url=address)
    used.until("document.documentElement.dataset.complete === 'true'")
    assert used.value(told) == before
    used.value("document.querySelector('#figure-weights button').click()")
    assert "weights=" not in used.value("location.href")
    assert used.complaints() == []


def test_a_tap_on_a_phone_tells_the_values(browser, report_page):
    browser.device(390, 844, is_phone=True)
    browser.open(report_page)
    browser.value(
        "document.querySelector('#figure-survey_stackoverflow .plot')"
        ".scrollIntoView({ behavior: 'instant', block: 'center' })"
    )
    browser.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
    place = browser.value(
        "(() => { const mark = [...document.querySelectorAll('#figure-survey_stackoverflow svg path')]"
        ".find((each) => each.__data__?.tooltip); const box = mark.getBoundingClientRect();"
        " return { x: box.left + 9, y: box.top + 9 }; })()"
    )
    browser.ask("Emulation.setTouchEmulationEnabled", enabled=True)
    browser.ask("Input.dispatchTouchEvent", type="touchStart", touchPoints=[place])
    browser.ask("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    browser.until("!document.getElementById('tip').hidden")
    browser.ask("Emulation.setTouchEmulationEnabled", enabled=False)
    assert "Share" in browser.value("document.getElementById('tip').textContent")
