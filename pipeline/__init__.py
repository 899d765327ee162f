"""What the stages share: params, data, tracking, the training engine, the report."""
