"""The archive as a tool of assistants, by the Model Context Protocol (MCP): read-only, in the caller's own world.

`protocol` is JSON-RPC and the handshake, without Flask; `tools` describes and runs the tools; `views` is the route.
The protocol: https://modelcontextprotocol.io/specification.
"""
