"""Published copies for the page's tests: the shipped archive, an empty one, and one with hostile words."""

from datetime import UTC, datetime

from pipeline.warehouse.publish import publish

DATABASE = "published/observatory.duckdb"


def publish_emptied(connection, folder):
    """Publish a warehouse that has all views and no row."""
    publish(connection, folder, "empty")


def publish_hostile(connection, folder):
    """Publish one survey whose names try to leave the place where they are shown."""
    bad = "</script><script>alert(1)</script>"
    connection.execute(
        "insert into ref.series values ('survey.stackoverflow', 'A <b>bold</b> title', ?, ?, 'use', "
        "'<img src=x onerror=alert(1)>', ?, 'so')",
        [bad, bad, bad],
    )
    connection.execute("insert into ref.framework values ('pytorch', ?, true, null)", [bad])
    connection.execute(
        "insert into ref.source values ('so', ?, 'https://example.org/', ?, ?, date '2024-01-01')", [bad] * 3
    )
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    connection.executemany(
        "insert into core.survey_count values ('so', ?, ?, 'stackoverflow', ?, 'all respondents', ?, ?, 10, 100, 0.1, "
        "false, ?)",
        [["0" * 64, moment, year, name, name, bad] for year in (2023, 2024) for name in ("pytorch", "tensorflow")],
    )
    publish(connection, folder, "hostile")
