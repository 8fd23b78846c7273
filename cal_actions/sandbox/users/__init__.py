"""The people of the sandbox, their keys, and GET and PATCH /v2/me."""
