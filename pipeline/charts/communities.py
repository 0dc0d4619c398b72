"""Where frameworks are asked about, hired for, and shared."""

from pipeline.charts.chart import Chart, CountsOverTime, SharesOverTime

HIRING_POSTS = Chart(
    title="Job posts that name the framework",
    section="jobs",
    where={"series_id": "jobs.hiring_posts"},
    draw=SharesOverTime(height=250),
    panel=("population",),
    panels_first=("posts as our detector reads them", "all posts"),
    caption=(
        "Among the posts in the monthly threads “Ask HN: Who is hiring?”, the share that names each framework; a post "
        "may name several, most name none. By month as our detector reads them; by year as a publisher counted them."
    ),
    caveats=("The two were counted by other words: compare within one of them, never across.",),
)
"""Job posts on Hacker News that name a framework: a publisher's closed count, and our own detector's that goes on."""

QUESTIONS_STACKOVERFLOW = Chart(
    title="Questions on Stack Overflow by framework tag, monthly",
    section="questions",
    where={"series_id": "questions.stackoverflow"},
    draw=CountsOverTime(gap_days=40),
    caption=(
        "Questions of a month that are still there and carry the framework’s tag. The dashed rule marks when people "
        "began to ask assistants instead; lines stop there."
    ),
    caveats=("A question shows trouble or novelty, not use.",),
)
"""Stack Overflow: questions of a month under each framework’s tag."""

HUB_MODELS = Chart(
    title="Models on the Hugging Face Hub",
    section="hub",
    where={"series_id": "hub.models"},
    draw=CountsOverTime(gap_days=40, scale="log"),
    panel=("population",),
    caption=(
        "Public models on each day of asking: those tagged with the framework, and those that name it as their "
        "library. Two measures that differ by far, since most models name another library and carry the tag beside it."
    ),
    caveats=("Uploads by scripts count like work by hand, and converted copies carry several tags.",),
)
"""Hugging Face Hub: models that carry a framework’s tag, and those that name it as their library."""
