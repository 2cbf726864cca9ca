"""CloudFormation stacks: network and data keep state, service keeps none."""
