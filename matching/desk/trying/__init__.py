"""Trying a version of a policy: on a company, an example, a case or answers made up for it. Nothing is stored."""
