"""Training that can be killed: the loop, one job, its checkpoints, devices and seeds."""
