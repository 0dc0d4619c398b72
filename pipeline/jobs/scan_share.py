"""The shares that one scan gives, as a table for the terminal; the view `scanned_shares` counts in the same way."""

from collections.abc import Mapping

from duckdb import DuckDBPyConnection

NUMERIC_COLUMNS = ("year", "share", "95 %", "n of base", "bounds", "silent", "unread")
COLUMNS = ("population", "tier", "role", "framework", *NUMERIC_COLUMNS)
_SHARES = """
    select
        population, tier, role, framework,
        case when is_all_years then 'all' else coalesce(year::varchar, 'unknown') end,
        coalesce(format('{:.1f} %', 100 * share), ''),
        coalesce(format('{:.1f} to {:.1f}', 100 * interval_low, 100 * interval_high), ''),
        format('{} of {}', n, base),
        format('{:.1f} to {:.1f}', 100 * bound_low, 100 * bound_high),
        silent_count::varchar, unread_count::varchar
    from scanned_shares_since($scanned_at)
    where list_contains($rulesets, ruleset_id)
    order by ruleset_id, population, tier, role,
        max(n) filter (where is_all_years) over (partition by ruleset_id, population, tier, role, framework) desc,
        framework, is_all_years, year nulls last
"""


def shares_of_scan(connection: DuckDBPyConnection, scan: Mapping[str, object]) -> list[tuple[str, ...]]:
    """Return rows of `COLUMNS` for the subjects of one scan, whose rulesets and moment `scan` holds.

    The frameworks of a population and tier come in the order of their number, each year by year and then all together.
    """
    return connection.execute(_SHARES, dict(scan)).fetchall()
