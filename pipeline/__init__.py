"""What the stages share: params, data, tracking, the training engine, the report."""

import os

# Threads that wait for work spin, by GCC's default for milliseconds: beside any other program a
# step then takes ten times as long. A short spin costs nothing alone and is fair in company.
# OpenMP reads it when PyTorch loads, so it is set before.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
