"""`observatory report`: write the page anew."""


def report() -> None:
    """Write reports/index.html anew from the published figures."""
    from flows.cli.terminal import say
    from pipeline.report.build import build_page
    from pipeline.settings import Settings

    settings = Settings()
    facts = build_page(settings.published_file, settings.page_file)
    say(f"{facts.page_file} ({facts.size_bytes / 1000:.0f} kB, {facts.charts_count} charts)")
