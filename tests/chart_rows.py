"""Rows that the chart tests draw: the columns of the views, with values made up to show one property each."""

import pandas as pd

ADOPTION_COLUMNS = [
    "series_id",
    "population",
    "period_start",
    "period_end",
    "framework",
    "measure",
    "n",
    "base",
    "share",
    "interval_low",
    "interval_high",
    "interval_method",
    "bound_low",
    "bound_high",
    "wording_id",
    "break_id",
    "as_of",
    "source_id",
    "ruleset_id",
    "is_preliminary",
]


def adoption_row(framework, year, share, **other):
    """Return one yearly row; `other` overrides any column."""
    row = {
        "series_id": "a.series",
        "population": "everybody",
        "period_start": f"{year}-01-01",
        "period_end": f"{year}-12-31",
        "framework": framework,
        "measure": "use",
        "n": 1000 if share is None else round(1000 * share),
        "base": 1000,
        "share": share,
        "interval_low": None if share is None else share - 0.03,
        "interval_high": None if share is None else share + 0.03,
        "interval_method": "Wilson 95 %",
        "bound_low": None,
        "bound_high": None,
        "wording_id": None,
        "break_id": "first",
        "as_of": "2026-01-01",
        "source_id": "a_source",
        "ruleset_id": None,
        "is_preliminary": False,
    }
    return {**row, **other}


def adoption_frame(rows):
    """Return `rows` with the types in which a view is read."""
    frame = pd.DataFrame(rows, columns=ADOPTION_COLUMNS)
    kinds = {"n": "Int64", "base": "Int64", "is_preliminary": "boolean"}
    kinds |= dict.fromkeys(("period_start", "period_end", "as_of"), "datetime64[us]")
    kinds |= dict.fromkeys(("share", "interval_low", "interval_high", "bound_low", "bound_high"), "float64")
    return frame.astype(kinds)


def normal_adoption():
    """Return two frameworks over four years: a break, a preliminary figure, one without interval, worst-case bounds."""
    return adoption_frame(
        [
            adoption_row("pytorch", 2020, 0.2, bound_low=0.1, bound_high=0.9),
            adoption_row("pytorch", 2021, 0.3, bound_low=0.1, bound_high=0.9),
            adoption_row("pytorch", 2022, 0.5, break_id="second", interval_low=None, interval_high=None),
            adoption_row("pytorch", 2023, 0.6, break_id="second", is_preliminary=True),
            adoption_row("tensorflow", 2020, 0.6),
            adoption_row("tensorflow", 2021, 0.5),
            adoption_row("tensorflow", 2022, 0.4, break_id="second"),
            adoption_row("tensorflow", 2023, 0.3, break_id="second", is_preliminary=True),
        ]
    )


def frame_for(chart):
    """Return a small, fixed frame of the columns that `chart` reads."""
    return FRAMES[chart.view]()


def performance_row(framework, case, ratio, **other):
    """Return one measured variant; `other` overrides any column."""
    row = {
        "case_name": case,
        "size": "small",
        "dtype": "float32",
        "device": "cpu",
        "framework": framework,
        "mode": "eager",
        "machine_id": "m1",
        "ratio": ratio,
        "ratio_low": ratio and ratio * 0.9,
        "ratio_high": ratio and ratio * 1.1,
        "verdict": "slower" if ratio else "reference",
        "samples_count": 8,
        "margin_fraction": 0.15,
        "workload": "64 x 64",
    }
    return {**row, **other}


def normal_performance():
    """Return two cases in two modes: one slower, one without a difference, one that is missing in compiled mode."""
    rows = [
        performance_row("pytorch", "mat_mul", None),
        performance_row("tensorflow", "mat_mul", 3.0),
        performance_row("jax", "mat_mul", 0.5, verdict="faster"),
        performance_row("tensorflow", "convolution", 1.05, verdict="no difference shown"),
        performance_row("tensorflow", "mat_mul", 2.0, mode="compiled"),
    ]
    return pd.DataFrame(rows).astype({"ratio": "float64", "ratio_low": "float64", "ratio_high": "float64"})


def normal_pairs():
    """Return two populations beside two cases, every combination once, as the view has it."""
    rows = [
        {
            **adoption_row(framework, 2024, share, population=population, series_id="survey.kaggle"),
            **performance_row(framework, case, ratio if framework == "tensorflow" else None),
        }
        for population in ("everybody", "some")
        for framework, share in (("pytorch", 0.3), ("tensorflow", 0.5))
        for case, ratio in (("mat_mul", 3.0), ("convolution", 0.5))
    ]
    return pd.DataFrame(rows).astype({"ratio": "float64", "ratio_low": "float64", "ratio_high": "float64"})


def normal_scanned():
    """Return what papers name and their code imports, with bounds, the last year not over."""
    tiers = (("papers", "mention"), ("papers with code", "import"))
    frames = [
        normal_adoption().assign(population=population, tier=tier, bound_low=0.05, bound_high=0.95, break_id="rules")
        for population, tier in tiers
    ]
    return pd.concat(frames, ignore_index=True)


def normal_states():
    """Return three states of two spans in one reading, one of which could not be read."""
    rows = [
        adoption_row(
            state, year, share, reading="what it is written in", among="repositories with code", is_pooled=True
        )
        for year in (2022, 2024)
        for state, share in (("pytorch", 0.8), ("tensorflow", 0.1), ("not-obtained", 0.1))
    ]
    return pd.DataFrame(rows)


def normal_developers():
    """Return two economies in which another framework is ahead; in one of them one framework is not published."""
    counts = {"A: PyTorch ahead": (300, None), "B: TensorFlow ahead": (200, 400)}
    rows = [
        {
            "series_id": "a.series",
            "economy": label[0],
            "label": label,
            "framework": framework,
            "n": n,
            "is_newest": True,
        }
        for label, pair in counts.items()
        for framework, n in zip(("pytorch", "tensorflow"), pair, strict=True)
    ]
    return pd.DataFrame(rows).astype({"n": "Int64"})


def normal_crossings():
    """Return a series in which the lead changed hands, and one whose new lead is no longer sure."""
    rows = [
        {
            "series_id": "a.series",
            "series_title": "A series",
            "population": population,
            "framework": "pytorch",
            "crossed_from": "2018-01-01",
            "crossed_until": f"{year}-12-31",
            "other_led_until": "2018-12-31",
            "lead_start": f"{year}-01-01",
            "undecided_count": year - 2019,
            "crossings_count": 1,
            "is_still_sure": year == 2019,
        }
        for population, year in (("everybody", 2019), ("some", 2021))
    ]
    return pd.DataFrame(rows)


def normal_agreement():
    """Return a sample with its interval, and an old complete count that says otherwise."""
    told = {
        "movement": "cannot tell",
        "bias_direction": "unknown",
        "period_end": "2024-12-31",
        "population": "everybody",
    }
    rows = [
        {**told, "series_id": "a.series", "series_title": "A series", "framework": "pytorch", "first_share": 0.8}
        | {"interval_low": 0.7, "interval_high": 0.9, "is_old": False},
        {**told, "series_id": "b.series", "series_title": "B series", "framework": "tensorflow", "first_share": 0.3}
        | {"interval_low": None, "interval_high": None, "is_old": True},
    ]
    return pd.DataFrame(rows)


def normal_multiverse():
    """Return three ways to count in one reading, the last of them the one that was fixed beforehand."""
    way = {
        "series_title": "What code is written in",
        "population": "all",
        "years": "newest year",
        "overlap": "for each",
    }
    way |= {"front_ends": "left out", "weighting": "each the same", "framework": "pytorch"}
    rows = [
        {**way, "place": place, "first_share": share, "interval_low": share - 0.05, "interval_high": share + 0.05}
        | {"is_declared": place == 3}
        for place, share in enumerate((0.7, 0.8, 0.9), start=1)
    ]
    return pd.DataFrame(rows)


FRAMES = {
    "crossings": normal_crossings,
    "source_agreement": normal_agreement,
    "multiverse": normal_multiverse,
    "scanned_shares": normal_scanned,
    "developers_by_economy": normal_developers,
    "paper_code_states": normal_states,
    "adoption": normal_adoption,
    "performance": normal_performance,
    "adoption_vs_performance": normal_pairs,
}
