"""What Prometheus reads at `/metrics`: requests as the web processes count them, all else from the database when it is asked for."""
