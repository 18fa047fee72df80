"""OAI-PMH 2.0: harvesters of libraries and portals read the public resources as Dublin Core, and learn what changed.

`arguments` reads a request, `tokens` makes the signed tokens that continue a list, `records` describes a resource,
`views` answers.
The protocol: http://www.openarchives.org/OAI/openarchivesprotocol.html.
"""
