"""The editor of requirements: a tree as indented rows, picked or typed leaves, and the page that shows them."""
