"""The pages on which a policy and its offers are written by inputs: the document, an offer, what it gives, with whom, when."""
