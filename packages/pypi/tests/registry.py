"""A registry of packages on this machine. Prints its port, and serves until it is killed."""

import sys
from wsgiref.simple_server import make_server

import pypiserver

app = pypiserver.app(roots=[sys.argv[1]], disable_fallback=True, authenticate=[], password_file=".")
server = make_server("127.0.0.1", 0, app)
print(server.server_port, flush=True)
server.serve_forever()
