"""How fast the project is, always as a ratio measured in one process; never part of the tests."""
