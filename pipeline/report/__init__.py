"""The report: tables, figures and one page from what the other stages left on disk."""
