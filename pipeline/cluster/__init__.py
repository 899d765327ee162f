"""Stages of DVC's graph, many at a time: on this machine, or on any Dask cluster."""
