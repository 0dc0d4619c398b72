"""What of a change in papers' code is another mix: parts that sum to it, and their errors against a bootstrap."""

import numpy as np
import pytest

DRAWS = 1000
CLOSE = {"field": 0.15, "venue": 0.25}
"""A line through small groups leaves out how two errors multiply: a fifth where venues are compared."""
FEWEST = 5
SPANS = ((2022, 2023), (2024, 2025))
ROWS = """
select drawn.edition_year, drawn.outcome = 'with code' as has_code, drawn.state = 'pytorch' as is_hit,
       dense_rank() over (order by {group}) - 1 as place,
       listed.links / count(*) over (partition by drawn.edition_year) as weight
from sampled_paper_code drawn
join core.sampling_frame frame using (source_id, edition_year, venue)
join (select edition_year, sum(entries_count) as links from core.sampling_frame group by 1) listed using (edition_year)
where drawn.series_id = 'papers.code_own_framework' and drawn.population = 'all' and drawn.edition_year >= 2022
order by drawn.edition_year, drawn.position
"""
GROUPS = {"field": "frame.research_field", "venue": "drawn.venue"}


def parts_of(rows, compared):
    """Change, mix, within and the rest, from the definition alone."""
    weights, shares = [], []
    for first, last in SPANS:
        mine = rows[(rows[:, 0] >= first) & (rows[:, 0] <= last) & (rows[:, 1] == 1)]
        sizes = np.bincount(mine[:, 3].astype(int), mine[:, 4], compared.size)
        hits = np.bincount(mine[:, 3].astype(int), mine[:, 4] * mine[:, 2], compared.size)
        weights.append(sizes / sizes.sum())
        shares.append(np.divide(hits, sizes, out=np.zeros_like(hits), where=sizes > 0))
    whole = [float(weight @ share) for weight, share in zip(weights, shares, strict=True)]
    mix = ((weights[1] - weights[0]) * ((shares[0] + shares[1]) / 2 - sum(whole) / 2))[compared].sum()
    within = ((shares[1] - shares[0]) * (weights[0] + weights[1]) / 2)[compared].sum()
    change = whole[1] - whole[0]
    return np.array([change, mix, within, change - mix - within])


@pytest.mark.parametrize("grouping", GROUPS)
def test_parts_and_their_errors_are_those_of_a_bootstrap_within_years(shipped, grouping):
    rows = np.array(shipped.execute(ROWS.format(group=GROUPS[grouping])).fetchall(), dtype=float)
    coded = rows[rows[:, 1] == 1]
    counts = [
        np.bincount(
            coded[(coded[:, 0] >= first) & (coded[:, 0] <= last), 3].astype(int), minlength=int(rows[:, 3].max()) + 1
        )
        for first, last in SPANS
    ]
    compared = np.minimum(*counts) >= FEWEST
    told = shipped.execute(
        "select part, points, standard_error, groups_count from composition_changes where state = 'pytorch'"
        " and grouping = ? and series_id = 'papers.code_own_framework' and first_start = '2022-01-01'",
        [grouping],
    ).fetchall()
    found = {part: (points, error) for part, points, error, _ in told}
    assert {groups for *_, groups in told} == {compared.sum()}
    names = ["change", "mix", "within", "not comparable"]
    assert [found[name][0] for name in names] == pytest.approx(list(parts_of(rows, compared)), abs=1e-9)
    generator = np.random.default_rng(14)
    years = [np.flatnonzero(rows[:, 0] == year) for year in np.unique(rows[:, 0])]
    drawn = np.array(
        [
            parts_of(rows[np.concatenate([generator.choice(year, year.size) for year in years])], compared)
            for _ in range(DRAWS)
        ]
    )
    for place, name in enumerate(names):
        if found[name][1] is not None:
            assert found[name][1] == pytest.approx(drawn[:, place].std(), rel=CLOSE[grouping]), name


def test_every_part_closes_and_every_row_sums_to_its_change(shipped):
    by_row, by_part = (
        shipped.execute(
            f"select count(*), max(abs(left_over)) from (select {total} as left_over from composition_changes"
            f" group by series_id, first_start, grouping, {grain})"
        ).fetchone()
        for total, grain in (("sum(if(part = 'change', -points, points))", "state"), ("sum(points)", "part"))
    )
    assert by_row[0] == 3 * 2 * 2 * 6
    assert by_part[0] == 3 * 2 * 2 * 4
    assert max(by_row[1], by_part[1]) < 1e-12
