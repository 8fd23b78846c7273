"""What a caller gets of an answer: a selection, the beginning of what is long, page after page."""
