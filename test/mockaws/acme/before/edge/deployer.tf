# The pipeline of the edge team has no role yet.
