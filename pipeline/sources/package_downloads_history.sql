WITH counted AS (SELECT toStartOfMonth(date) AS month, uniqExact(date) AS days, sum(count) AS downloads,
        sumIf(count, installer IN ('bandersnatch', 'z3c.pypimirror', 'Artifactory', 'devpi', 'Nexus')) AS mirrored
    FROM pypi.pypi_downloads_per_day_by_version_by_installer_by_type
    WHERE project = '$package' AND date >= '2016-01-01' AND date < toStartOfMonth(today()) GROUP BY month),
whole AS (SELECT toStartOfMonth(date) AS month, sum(count) AS downloads
    FROM pypi.pypi_downloads_per_day
    WHERE project = '$package' AND date >= '2016-01-01' AND date < toStartOfMonth(today()) GROUP BY month)
SELECT toString(counted.month) AS month, toString(counted.days) AS days_count,
    toString(counted.downloads) AS all_count, toString(counted.mirrored) AS mirrors_count,
    toString(whole.downloads) AS whole_count
FROM counted LEFT JOIN whole ON whole.month = counted.month ORDER BY counted.month FORMAT JSON
