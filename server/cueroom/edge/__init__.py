"""The edge: what every handler needs of HTTP and sockets: who may come in, bodies, answers, problems."""
