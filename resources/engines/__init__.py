"""The engines that run the work of a step."""
