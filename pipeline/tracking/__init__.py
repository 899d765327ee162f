"""MLflow: one run a stage; a server that does not answer costs a warning, never a result."""

from pipeline.tracking.client import Run, uri
from pipeline.tracking.context import run

__all__ = ["Run", "run", "uri"]
