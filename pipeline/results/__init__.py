"""What stages leave for each other and for the report: where it lies, and what it scores."""
