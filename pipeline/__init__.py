"""What the stages share: params, data, tracking, the training engine, the report."""

import os

# Threads that wait for work must sleep: spinning ones make two stages side by side, or a stage
# on a busy machine, many times slower. Read once, when PyTorch loads, so it is set before.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
