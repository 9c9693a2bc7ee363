"""A process beside the web server that does what no reader should wait for."""
