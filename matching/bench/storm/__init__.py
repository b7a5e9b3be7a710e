"""A storm: a whole service of its own, requests through its real API, faults drawn from a seed, and a count of what is left.

    with served(folder) as stage:           # or embedded(folder)
        outcome = run_storm(stage, Plan(jobs=1000, faults=30, seed=1))

The same code makes the short storms of the tests and the long ones of `./run bench storm`.
"""
