# There is no archive yet.
