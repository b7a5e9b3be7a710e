"""The same rules in the engines we are measured against. Each peer answers 0 false, 1 open, 2 true per company."""
