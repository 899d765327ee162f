"""How a fusion network is trained: crops of the train pairs, the loss, the job."""
