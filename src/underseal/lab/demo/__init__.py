"""The demonstration: a story played against real servers, every step of which is checked."""
