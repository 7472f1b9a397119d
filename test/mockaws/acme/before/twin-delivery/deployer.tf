# The pipeline has no role yet.
