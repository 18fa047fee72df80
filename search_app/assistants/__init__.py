"""The archive as a tool of assistants, by the Model Context Protocol (MCP): read-only, with the rights of the caller.

`protocol` is JSON-RPC and the handshake, without Flask; `tools` describes and runs the tools; `views` is the route.
The protocol: https://modelcontextprotocol.io/specification.
"""
