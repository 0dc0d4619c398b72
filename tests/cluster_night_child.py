"""Reads a night of paper code in a Prefect task, as the refresh does; prints what is on file afterwards.

Arguments: home folder, address of the host of archives, and the address of a Dask scheduler or nothing.
"""

import json
import sys
from pathlib import Path

from paper_code_child import papers

from flows.prefect_server import await_api, prefect_api
from pipeline.settings import Settings

if __name__ == "__main__":
    home, address, cluster = sys.argv[1:]
    settings = Settings(home=Path(home), retries_count=0, source_urls={"paper_code": address})
    with prefect_api(settings, "run") as api:
        from prefect import flow

        from flows.refresh import RefreshReport, read_code
        from pipeline.jobs import collect
        from pipeline.jobs.context import open_job
        from pipeline.sources.paper_code import SERVICE
        from pipeline.warehouse.load import load_source_records

        await_api(api)
        with open_job(settings, "night") as job:
            load_source_records(job.connection, papers(["a/torch", "a/flow", "a/plain", "a/gone"]))
            collection, report = collect.open_collection(job, [SERVICE]), RefreshReport(run_id=job.run_id)
            flow(lambda: report.attempt("code", read_code, job, collection, cluster or None), name="night")()
            rows = [
                job.connection.execute(f"select {columns} from core.{table} order by all").fetchall()
                for columns, table in (
                    ("repository, outcome, reason, own_state", "drawn_repository"),
                    ("repository, tier, framework, path, place", "drawn_code_label"),
                )
            ]
    sys.stdout.write(json.dumps([report.failures, rows]))
