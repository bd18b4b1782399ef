"""The API, one file a resource; what an operation asks and answers stands in its signature."""
