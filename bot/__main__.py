"""`python -m bot` is `./signpost`."""

import os

# Before numpy is imported: a second thread doubles the work of so small a product and gains no time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from bot.cli import main

main()
