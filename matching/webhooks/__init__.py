"""Webhooks: news for partners, sent to addresses of theirs. Where one may send, how it is signed, and the sending itself."""
