"""The ablations of LKC-FUNet's paper, run by one command: `python -m fusion.ablations`."""
