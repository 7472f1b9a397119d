# The pictures are not copied yet.
