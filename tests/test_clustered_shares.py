"""Shares of paper code where whole clusters vary: against a bootstrap of whole clusters over the shipped sample."""

import numpy as np
import pytest

DRAWS = 2000
ROWS = """
select {cluster} as cluster_name, drawn.edition_year,
       list_contains(list_concat(drawn.frameworks, drawn.families), 'pytorch') as is_hit,
       frame.links / count(*) over (partition by drawn.edition_year) as weight, drawn.outcome
from sampled_paper_code drawn
join (select edition_year, sum(entries_count) as links from core.sampling_frame group by 1) frame
  on frame.edition_year = drawn.edition_year
where drawn.series_id = 'papers.code_own_framework' and drawn.population = 'all' and drawn.edition_year >= 2024
qualify outcome = 'with code'
"""
CLUSTERS = {"venue": "drawn.venue", "owner": "lower(split_part(drawn.repository, '/', 1))"}


@pytest.mark.parametrize("cluster_by", CLUSTERS)
def test_the_standard_error_is_that_of_a_bootstrap_of_whole_clusters(shipped, cluster_by):
    rows = shipped.execute(ROWS.format(cluster=CLUSTERS[cluster_by])).fetchall()
    names = sorted({row[0] for row in rows})
    sums = {name: [0.0, 0.0] for name in names}
    for name, _, is_hit, weight, _ in rows:
        sums[name][0] += weight * is_hit
        sums[name][1] += weight
    totals = np.array([sums[name] for name in names])
    picked = np.random.default_rng(7).integers(len(names), size=(DRAWS, len(names)))
    drawn = totals[picked].sum(axis=1)
    share, error, count, low, high, row_low, row_high = shipped.execute(
        "select share, standard_error, clusters_count, interval_low, interval_high, row_interval_low, row_interval_high"
        " from clustered_shares where series_id = 'papers.code_own_framework' and framework = 'pytorch'"
        " and period_start = '2024-01-01' and cluster_by = ?",
        [cluster_by],
    ).fetchone()
    assert count == len(names)
    assert share == pytest.approx(totals[:, 0].sum() / totals[:, 1].sum())
    assert error == pytest.approx((drawn[:, 0] / drawn[:, 1]).std(), rel=0.15)
    assert low <= row_low < share < row_high <= high
