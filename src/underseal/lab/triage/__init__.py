"""The queue by itself: much is published, few can look, and only the order in which they do differs.

All orders see the same at every full hour: what machines say, and the views until then.
"""
