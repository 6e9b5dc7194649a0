"""Where executions are kept: one package for each backend, all held to the ports by one contract suite."""
