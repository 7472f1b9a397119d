# The firewall log group is not managed yet.
