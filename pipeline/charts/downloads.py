"""What is downloaded, shared and entered: packages of three indexes, models of the hub, entries of MLPerf."""

import altair as alt
import pandas as pd

from pipeline.charts import marks
from pipeline.charts.chart import Chart, CountsOverTime, SharesOverTime


def _draw_packages(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw one mark per package and month on a logarithmic axis, those of one package joined."""
    x = alt.X("n:Q", scale=alt.Scale(type="log"), axis=alt.Axis(tickCount=5, labelExpr=marks.COUNT_LABEL, grid=True))
    y = alt.Y("population:N", sort=alt.EncodingSortField("n", op="max", order="descending"), axis=marks.NAME_AXIS)
    # Nought has no place on such an axis; the table has it.
    some = marks.rows().transform_filter("datum.n > 0")
    tips = [
        alt.Tooltip("population:N", title="Package"),
        marks.FRAMEWORK_TIP,
        alt.Tooltip("period_end:N", title="Month ends"),
        alt.Tooltip("n:Q", title="Downloads", format=","),
    ]
    points = marks.framework_points(some, frame, marks.is_before_newest(frame), x=x, y=y, tooltip=tips)
    return marks.picture(marks.line(x, y, marks.colour(frame)), points, height=marks.rows_of_height(24))


CHARTS = (
    Chart(
        name="downloads",
        title="Python package downloads in 30 days",
        section="downloads",
        series="downloads.package_index",
        draw=CountsOverTime(gap_days=45, scale="log"),
        caption="""Downloads in the 30 days before each snapshot, all clients, packages of one framework added up. The
            axis is logarithmic: equal steps are equal factors. Dashed rules mark where the counting changed.""",
        caveats=(
            "Build machines and mirrors download far more than people do, and installing TensorFlow installs Keras.",
            "Wheels that come from a framework’s own server, and conda packages, are not in these counts.",
        ),
    ),
    Chart(
        name="downloads_by_month",
        title="Python package downloads by calendar month",
        section="downloads",
        series="downloads.clickpy",
        draw=CountsOverTime(gap_days=40, scale="log"),
        panel=("population",),
        caption="""Downloads of a calendar month, packages of one framework added up, with and without programs that
            copy the whole index. The axis is logarithmic: equal steps are equal factors.""",
        caveats=("Build machines cannot be told from people.",),
    ),
    Chart(
        title="Python package downloads by calendar month, a second count",
        section="downloads",
        series="downloads.pypistats",
        draw=CountsOverTime(gap_days=40, scale="log"),
        panel=("population",),
        caption="""Downloads of a whole calendar month as pypistats counts them, packages of one framework added up,
            with and without programs that copy the whole index. The axis is logarithmic: equal steps are equal
            factors.""",
        caveats=("The service keeps 180 days, so the line begins half a year before the first collection.",),
    ),
    Chart(
        title="Conda downloads so far, by channel",
        section="downloads",
        series="downloads.conda",
        draw=CountsOverTime(gap_days=40, scale="log"),
        panel=("population",),
        caption="""All downloads of the framework’s package in one channel since it began, on each day of asking. A
            running total never falls, and channels began at different times. The axis is logarithmic.""",
        caveats=("Files in the .conda format are counted from March 2024 on.",),
    ),
    Chart(
        title="Python package downloads in 30 days: deployment, mobile, visualisation, pretrained models",
        section="tools",
        series="downloads.tools",
        frameworks="all",
        draw=CountsOverTime(gap_days=45, scale="log"),
        panel=("population",),
        caption="""Downloads in the 30 days before each list, all clients, alternative builds of one tool added up. A
            tool without a line was below the lists’ cut-off. The axis is logarithmic: equal steps are equal
            factors.""",
        caveats=(
            "Most of these are installed by other packages, frameworks among them, and not by choice.",
            "Servers that run from container images and libraries inside mobile apps are hardly in these counts.",
        ),
    ),
    Chart(
        title="Web and mobile: npm downloads in a month, by package",
        section="tools",
        series="downloads.npm",
        frameworks="all",
        order_by=("population", "period_start"),
        draw=_draw_packages,
        caption="""Each row is one package of a framework’s family for browsers, Node.js and React Native: filled marks
            are the newest month, hollow ones those before. The axis is logarithmic: equal steps are equal factors.""",
        caveats=(
            "Packages of one family install one another, so they are never added.",
            "A shipped table counts the month it is named after or the one before; asked for live, months are exact.",
        ),
    ),
    Chart(
        title="Models on the Hugging Face Hub",
        section="hub",
        series="hub.models",
        draw=CountsOverTime(gap_days=40, scale="log"),
        panel=("population",),
        caption="""Public models on each day of asking: those tagged with the framework, and those that name it as their
            library. Two measures that differ by far, since most models name another library and carry the tag beside
            it.""",
        caveats=("Uploads by scripts count like work by hand, and converted copies carry several tags.",),
    ),
    Chart(
        title="MLPerf training entries, by framework",
        section="mlperf",
        series="mlperf.training_entries",
        draw=SharesOverTime(height=280),
        caption="""Among entries whose system names exactly one framework, the share naming each, by the year of the
            rounds. All entries are counted, so there is no interval; those naming several are kept apart, not split
            into votes.""",
        caveats=(
            "Entries come from a handful of hardware vendors who tune for the benchmark: this is not a count of users.",
            "Special-purpose libraries that a few entries name are in the view and not drawn.",
        ),
    ),
    Chart(
        title="MLPerf inference results, by engine",
        section="mlperf",
        series="mlperf.inference_entries",
        frameworks="all",
        draw=SharesOverTime(height=240),
        panel=("population",),
        panels_first=("closed division", "open division", "automated runs"),
        caption="""Among results whose framework field names exactly one engine, the share naming each, by the year of
            the rounds. All results are counted, so there is no interval. Runs that a program made by trying every
            combination stand apart.""",
        caveats=("The engine that runs a model says little of the framework that it was trained in.",),
    ),
)
