"""Scans a folder into a warehouse and prints the most memory that this process held, in MiB."""

import resource
import sys
from pathlib import Path

from pipeline.jobs.scan import chosen_rulesets, local_scanner, scan_into
from pipeline.jobs.scan_subjects import WhatToScan
from pipeline.settings import Settings
from pipeline.warehouse.connect import open_warehouse
from pipeline.warehouse.views import prepare

if __name__ == "__main__":
    settings, folder = Settings(), Path(sys.argv[1])
    with open_warehouse(settings.warehouse_file) as connection:
        prepare(connection, settings.reference_folder)
        summary = scan_into(
            connection,
            lambda: WhatToScan(paths=(folder,)).units(settings),
            chosen_rulesets(settings.reference_folder, "today"),
            local_scanner(2, 60),
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"{summary.files_count} {peak}\n")
