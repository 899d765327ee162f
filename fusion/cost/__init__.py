"""What a fusion method costs: parameters, arithmetic, time and memory."""
