"""The data plane: connections to the upstream, one exchange per request, upgrade tunnels.

    Pool ── lends ──▶ UpstreamConnection ── tells ──▶ Exchange ── writes to ──▶ ClientSide
                                                        ▲                          │
                                                        └── request body, pauses ──┘

Everything here is a callback of the event loop: no task and no future per request. The proxy
decides nothing about who may pass and knows nothing of the store; `front/` calls it once the
gate has said Allow. HTTP is parsed by aiohttp's llhttp parsers only.
"""
