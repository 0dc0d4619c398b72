"""Paper code: the share of a venue's papers that come with a usable link to code."""

import altair as alt
import pandas as pd

from pipeline.charts import marks, theme
from pipeline.charts.chart import Chart


def draw(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw the share by year with its interval, in ink, since it is no framework's figure."""
    x, y = marks.year_axis(frame), marks.share_axis(frame)
    ink = alt.value(theme.INK.light)
    point = marks.encoded(
        marks.rows().mark_point(size=42, strokeWidth=1.6, opacity=1),
        x=x,
        y=y,
        stroke=ink,
        fill=alt.condition(marks.HOLLOW, alt.value(theme.PAPER.light), ink),
        tooltip=list(marks.SHARE_TIPS),
    )
    return marks.picture(
        marks.bound_ranges(x, y),
        *marks.break_rules(frame),
        marks.line(x, y, ink),
        marks.whiskers(x, y, ink),
        point,
        height=125,
    )


CHART = Chart(
    title="Papers with a usable code link, by venue",
    section="papers",
    where={"series_id": "papers.code_availability"},
    frameworks="all",
    draw=draw,
    panel=("population",),
    caption=(
        "Each point is one year of a venue: the share of its papers whose link parses to a repository. Placeholder "
        "links are refused and not counted; the pale bar reaches up to where the share were if they counted. Hollow "
        "marks are preliminary: the newest list could not be read, or was hardly filled in. A year in which nobody "
        "collected links is absent, not zero."
    ),
)
