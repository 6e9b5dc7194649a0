"""Where executions are kept: a package for each backend, all held to the ports by one suite."""
