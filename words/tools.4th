\ Tools: what remains of the TOOLS word set with its extensions.
