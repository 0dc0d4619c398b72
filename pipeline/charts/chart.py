"""A chart: the rows that it shows, and what draws them without calculating anything; and the section it stands in.

Adding one: a `[[chart]]` in the file of its section in `data/reference/page`, a new form also in `drawings.py`; and its
golden spec in `tests/golden`.
"""

from typing import Annotated, Any, Final, Literal, Self

import altair as alt
import pandas as pd
from pydantic import BeforeValidator, Field, StrictBool, StrictInt, model_validator

from pipeline.charts import theme
from pipeline.charts.drawings import Draw, drawing_of
from pipeline.charts.over_time import CountsOverTime, Form
from pipeline.charts.performance import NewestShares
from pipeline.records.record import Closed
from pipeline.reference import COMPARED, Frameworks
from pipeline.reference.toml_file import Text, Words

Spec = dict[str, Any]

WIDTH: Final = 360
"""Pixels, axes included, where nobody says otherwise; the page sets the width of the element a chart stands in."""


class Chart(Closed):
    """One figure of the page.

    `panel` names the columns whose values split the figure into small multiples; each of them is drawn by the same
    spec from its own rows, on axes that span all of them. A chart without any is one panel.
    """

    name: str = ""
    """That of its series unless given."""
    title: Text
    """Here and in `caption`, `{first}` and `{second}` stand for the titles of the two frameworks that are compared, and
    the name of a parameter of the drawing for its value."""
    view: Text = "adoption"
    series: str = ""
    """The one series whose figures it shows; empty where it shows several, or none."""
    where: dict[str, StrictBool | Text | Words] = Field(default={})
    """The value of each column, or its values; `{first}` and `{second}` stand for ids of frameworks."""
    frameworks: Literal["placed", "first six", "all"] = "placed"
    """Which frameworks are shown: those with a place in the registry, the first six of them, or all in the view."""
    order_by: Words = ("framework", "population", "period_start")
    draw: Annotated[Draw, BeforeValidator(drawing_of)]
    caption: Text
    """How to read it, in one or two sentences whose lines are joined; a screen reader says it before the table."""
    marked_if: Text | None = None
    """The column without whose value a row has no mark; a framework with none is not in the key."""
    panel: Words = ()
    panels_first: Words = ()
    """Values of the first panel column that come before all others, in this order, by default those of `where`; the
    others follow by name."""
    is_over_time: StrictBool = True
    """Whether rows are figures of adoption in periods, with breaks and a newest one; else the key names colours."""
    caveats: Words = ()
    """Limits of the picture that a reader might overlook."""

    @model_validator(mode="after")
    def _has_name_and_known_placeholders(self) -> Self:
        if not (self.name or self.series):
            raise ValueError("a chart of no one series needs a name")
        try:
            for text in (self.title, self.caption):
                text.format(first="", second="", **self._parameters)
            for each in self.where.values():
                str(each).format(first="", second="")
        except (LookupError, ValueError) as error:
            raise ValueError(f"the placeholder {error} of {self.title!r} stands for nothing") from error
        return self

    @property
    def is_dense(self) -> bool:
        """Whether no row is marked, being too many: the page then shows the values at the pointer's place in time."""
        return isinstance(self.draw, CountsOverTime)

    @property
    def _parameters(self) -> dict[str, object]:
        return dict(self.draw) if isinstance(self.draw, Form) else {}

    def of(self, known: Frameworks) -> Self:
        """Return the chart with its name, and with the rows and the words that the registry of frameworks gives it."""
        ids = dict(zip(("first", "second"), COMPARED, strict=True))
        words = {name: known.title(framework) for name, framework in ids.items()} | self._parameters
        where = {name: each.format(**ids) if isinstance(each, str) else each for name, each in self.where.items()}
        several = tuple(self.draw.series) if isinstance(self.draw, NewestShares) else ()
        chosen = {"placed": known.placed, "first six": known.placed[:6]}.get(self.frameworks)
        given = {"series_id": self.series or several, "framework": chosen}
        first = where.get(self.panel[0]) if self.panel else ()
        return self.model_copy(
            update={
                "name": self.name or self.series.replace(".", "_"),
                "where": where | {column: wanted for column, wanted in given.items() if wanted},
                "title": self.title.format_map(words),
                "caption": " ".join(self.caption.split()).format_map(words),
                "panels_first": self.panels_first or (first if isinstance(first, tuple) else ()),
            }
        )


class Section(Closed):
    """One heading of the page, the sentence below it, and its charts."""

    name: Text
    """That of its file."""
    order: StrictInt
    """Its place on the page."""
    title: Text
    lead: Text
    short: str = ""
    """As it stands in the contents, where the title is too long for them."""
    remedy: Text = "No figures are loaded: run `observatory run`."
    """The advice where none of its charts has a row."""
    charts: Annotated[tuple[Chart, ...], Field(alias="chart")] = ()


def spec_of(chart: Chart, frame: pd.DataFrame, *, is_checked: bool = True) -> Spec:
    """Return the Vega-Lite spec of `chart` for the axes and colours of `frame`, without the rows themselves.

    It is `WIDTH` wide, axes included, carries its own description, and is equal for equal frames. With
    `is_checked` it was checked against Vega-Lite's schema, which costs more than drawing: tests do, the page does not.
    """
    drawing = chart.draw(frame).properties(
        width=WIDTH,
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        description=f"{chart.title}. {chart.caption}",
    )
    spec: Spec = drawing.to_dict(validate=is_checked)
    spec["config"] = theme.vega_config()
    return spec
