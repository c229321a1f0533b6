"""Finding pictures by words and facts. The words are cut and folded here, so that both databases find the same."""
