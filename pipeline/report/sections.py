"""The sections of the page in their order; a chart names the one it stands in."""

from typing import NamedTuple


class Section(NamedTuple):
    """One heading of the page and the sentence below it."""

    name: str
    title: str
    lead: str
    short: str = ""
    """As it stands in the contents, where the title is too long for them."""
    remedy: str = "No figures are loaded: run `observatory run`."
    """The advice where none of its charts has a row."""


_COLLECT = "Not collected yet: run `observatory run` with a network."
_MEASURE = "Not measured yet: run `observatory bench`."

SECTIONS: tuple[Section, ...] = (
    Section(
        name="papers",
        short="Papers",
        title="Research papers",
        lead="What papers name in their text, and what the code they link to is written with. Two different questions.",
    ),
    Section(
        name="surveys",
        title="Surveys",
        lead="What people say they use. Who takes part differs from survey to survey, and so does the answer.",
    ),
    Section(
        name="jobs",
        title="Job posts",
        lead="What employers ask for by name. The shipped count has ended; the newest months are asked for live.",
    ),
    Section(
        name="github",
        title="GitHub",
        lead="A running total of attention. It favours what has been around for longest.",
    ),
    Section(
        name="developers",
        short="Developers",
        title="Developers by country",
        lead=(
            "Who works on repositories that carry a framework’s topic, by country. Which framework is ahead differs "
            "from country to country: each row says it in words."
        ),
    ),
    Section(
        name="questions",
        short="Questions",
        title="Questions people ask",
        lead="What people cannot find out by themselves. It shows novelty and trouble more than use.",
        remedy=_COLLECT,
    ),
    Section(
        name="downloads",
        short="Downloads",
        title="Package downloads",
        lead="Traffic, mostly by machines. The counting changed several times, and no line crosses such a change.",
    ),
    Section(
        name="tools",
        short="Tools",
        title="Deployment, mobile, visualisation, pretrained models",
        lead="What the debate names beside the frameworks themselves: tools that serve, carry, show and reuse models.",
    ),
    Section(
        name="hub",
        short="Hub",
        title="Models on the Hugging Face Hub",
        lead="What published models say they can be loaded with. Tags and the named library are two measures.",
        remedy=_COLLECT,
    ),
    Section(
        name="mlperf",
        title="MLPerf",
        lead="What hardware vendors choose when they compete on the speed of training and of inference.",
    ),
    Section(
        name="firmness",
        short="How firm",
        title="When the lead changed, and how firm it is",
        lead=(
            "The same evidence asked three ways: since when one framework leads, whether the sources agree, and how "
            "much hangs on the way of counting."
        ),
    ),
    Section(
        name="performance",
        short="Performance",
        title="Performance on this machine",
        lead=(
            "The same arrays, the same work, equal threads; outputs were compared before anything was timed. These "
            "ratios describe one machine and these sizes, nothing else."
        ),
        remedy=_MEASURE,
    ),
    Section(
        name="side-by-side",
        short="Side by side",
        title="Adoption and performance, side by side",
        lead=(
            "An association on one machine, no cause: with a handful of frameworks nothing here can tell whether speed "
            "makes anybody switch."
        ),
        remedy=_MEASURE,
    ),
    Section(
        name="scanned",
        short="Your own scan",
        title="Papers and repositories scanned here",
        lead=(
            "Counted on this machine by `observatory scan`. Subjects that could not be read are listed and counted as "
            "such, never as silent."
        ),
        remedy="Nothing was scanned yet: run `observatory scan PATH… --share`.",
    ),
)
