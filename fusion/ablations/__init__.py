"""The ablations of the methods' papers, run by one command: `python -m fusion.ablations`."""
