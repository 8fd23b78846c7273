"""Teams, inside an organization or on their own, and their members."""
