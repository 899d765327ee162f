"""MLflow: one run a stage; a server that does not answer costs a warning, never a result."""

from pipeline.tracking.client import Run
from pipeline.tracking.context import run
from pipeline.tracking.store import uri

__all__ = ["Run", "run", "uri"]
