"""Where tasks are run: in this process and others on this machine, or on a cluster."""
