"""The public side: pages for reporters, creators and everybody."""
