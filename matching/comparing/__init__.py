"""One company side by side with itself: other places, days, titles and answers, chosen by whoever has not decided. Nothing is stored."""
