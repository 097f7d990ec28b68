"""Loading: the projection as of one position, as the world that the evaluator reads. One module a
part of the world. It writes nothing, and asks nothing of the rules."""
