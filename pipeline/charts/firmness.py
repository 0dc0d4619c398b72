"""How firm the answers are: when the lead changed hands, whether sources agree, how much hangs on how it is counted."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart


def _draw_crossings(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one row per series and population, the earliest first: a span, with the first sure lead at its end."""
    crossed = (
        marks.rows()
        .transform_filter("isValid(datum.other_led_until)")
        .transform_calculate(label="datum.series_title + ': ' + datum.population")
    )
    scale, years = alt.Scale(type="utc", padding=14), alt.Axis(title=None, format="%Y", tickCount="year", grid=True)
    x = alt.X("lead_start:T", scale=scale, axis=years)
    y = alt.Y("label:N", axis=marks.TWO_LINES_AXIS, sort=alt.EncodingSortField("lead_start", op="min"))
    span = marks.encoded(
        crossed.mark_rule(strokeWidth=3, opacity=0.6),
        x=alt.X("other_led_until:T", scale=scale, axis=years),
        x2="lead_start:T",
        y=y,
        color=marks.colour(frame),
    )
    tooltip = [
        alt.Tooltip("framework:N", title="Leads now"),
        alt.Tooltip("other_led_until:T", title="The other led until"),
        alt.Tooltip("lead_start:T", title="Leads surely since"),
        alt.Tooltip("undecided_count:Q", title="Periods undecided between"),
        alt.Tooltip("crossings_count:Q", title="Changes of the lead"),
    ]
    point = marks.framework_points(crossed, frame, "!datum.is_still_sure", x=x, y=y, tooltip=tooltip)
    return marks.picture(span, point, height=marks.rows_of_height(30))


def _draw_agreement(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one row per series, the greatest share first, with its interval, on the share of the two together."""
    told = marks.rows().transform_calculate(label="datum.series_title + ': ' + datum.population")
    parts = alt.Axis(format=".0%", values=[0, 0.5, 1], grid=True)
    x = alt.X("first_share:Q", scale=alt.Scale(domain=[0, 1]), axis=parts)
    greatest_first = alt.EncodingSortField("first_share", op="max", order="descending")
    y = alt.Y("label:N", axis=marks.TWO_LINES_AXIS, sort=greatest_first)
    interval = marks.encoded(
        told.transform_filter("isValid(datum.interval_low)").mark_rule(strokeWidth=1.4),
        x=marks.on_axis(x, "interval_low"),
        x2="interval_high:Q",
        y=y,
        color=marks.colour(frame),
    )
    tooltip = [
        alt.Tooltip("framework:N", title="Leads"),
        alt.Tooltip("period_end:N", title="Period ends"),
        alt.Tooltip("first_share:Q", title="Share of the two", format=".1%"),
        *marks.SHARE_TIPS[3:5],
        alt.Tooltip("movement:N", title="Movement"),
        alt.Tooltip("bias_direction:N", title="Its bias"),
    ]
    point = marks.framework_points(told, frame, "datum.is_old", x=x, y=y, tooltip=tooltip)
    return marks.picture(marks.reference(0.5, x), interval, point, height=marks.rows_of_height(30))


def _draw_ways(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one mark per way to count, from the least share to the greatest, with its interval."""
    x = alt.X("place:Q", axis=alt.Axis(title=None, labels=False, ticks=False, grid=False))
    y = marks.on_axis(marks.WHOLE_AXIS, "first_share")
    tooltip = [
        alt.Tooltip("series_title:N", title="Use is"),
        alt.Tooltip("population:N", title="Population"),
        alt.Tooltip("years:N", title="Years"),
        alt.Tooltip("front_ends:N", title="Front-ends"),
        alt.Tooltip("overlap:N", title="Both counts"),
        alt.Tooltip("weighting:N", title="Weights"),
        alt.Tooltip("first_share:Q", title="Share of the two", format=".1%"),
    ]
    point = marks.framework_points(marks.rows(), frame, "!datum.is_declared", x=x, y=y, tooltip=tooltip)
    color = marks.colour(frame)
    return marks.picture(marks.reference(0.5, y), marks.whiskers(x, y, color), point, height=150)


CHARTS = (
    Chart(
        name="crossings",
        title="When {first} and {second} changed places",
        section="firmness",
        view="crossings",
        where={"is_compared_pair": True, "has_crossing": True},
        frameworks="all",
        order_by=("lead_start", "series_id", "population"),
        draw=_draw_crossings,
        is_over_time=False,
        caption="""Each line spans the days between which the lead changed hands for the last time in that series: from
            the end of the last period in which the other surely led to the mark, the first period with a sure lead of
            the one in colour. Hollow: the newest period of the series gives no sure lead any more.""",
        caveats=(
            "Only within one segment: where a series was cut, a change of places across the cut is not told.",
            "Series without a line either never changed places while they were counted, or have no sure lead.",
        ),
    ),
    Chart(
        name="source_agreement",
        title="{first}’s part of the two, source by source",
        section="firmness",
        view="source_agreement",
        frameworks="all",
        order_by=("series_id",),
        draw=_draw_agreement,
        is_over_time=False,
        caption="""Each mark is the newest figure of one series in its largest population: {first} as a part of {first}
            and {second} together, with its 95 % interval where it is a sample. Colour: who surely leads. Hollow: older
            than two years. The table says which way each moves, which way its bias points, and who leads in the other
            sources if this one is left out.""",
        caveats=("The series count different things, so no average of them is made.",),
    ),
    Chart(
        name="multiverse",
        title="{first}’s part of the two in papers’ code, counted in every way that can be defended",
        section="firmness",
        view="multiverse",
        frameworks="all",
        order_by=("place",),
        draw=_draw_ways,
        panel=("series_title",),
        is_over_time=False,
        caption="""Each mark is one way to count the same sampled repositories: by what their own code is written in,
            what any of it imports or what it declares; a repository with both for each, by halves or not at all;
            front-ends as what they run on or left out; one year or two; weighted or not. Filled: the way of the page’s
            figure, which was fixed beforehand.""",
        caveats=("One sample in many counts: the marks are no independent evidence of each other.",),
    ),
)
