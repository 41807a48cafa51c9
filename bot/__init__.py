"""Signpost. Nothing happens when it is imported but this one thing, which has to come before anything else."""

import os

# onnxruntime reports to its maker and leaves a number for the machine in the home folder, unless it is told before it loads.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
