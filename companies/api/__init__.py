"""The API's door: what all its views share (keys, problems, reading of JSON), and what it says of facts."""
