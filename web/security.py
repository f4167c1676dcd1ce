"""What every answer carries and every request passes first: its number, the host, the headers."""

import secrets

from flask import Flask, Response, g, request
from werkzeug import Response as BaseResponse
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "magnetometer",
        "microphone", "midi", "payment", "publickey-credentials-get", "serial", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TWO_YEARS_SECONDS = 63_072_000


def init_app(app: Flask) -> None:
    """Number requests, believe a proxy only where one was set up, refuse foreign hosts, add the headers."""
    settings: Settings = app.config["SETTINGS"]
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    app.config["TRUSTED_HOSTS"] = list(settings.trusted_hosts) or None
    app.config["SESSION_COOKIE_NAME"] = cookie_name(settings, "form")

    @app.before_request
    def _number() -> Response | None:
        g.request_id = secrets.token_hex(8)
        if isinstance(request.routing_exception, SecurityError):  # a foreign host: no page, it has no addresses
            return Response("This address is not served here.\n", status=400, mimetype="text/plain")
        return None

    @app.after_request
    def _add_headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if settings.is_https:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={TWO_YEARS_SECONDS}; includeSubDomains")
        if request.endpoint != "static" and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response


def cookie_name(settings: Settings, purpose: str = "") -> str:
    """Return the name of one of our cookies; over HTTPS its prefix has browsers refuse one set by another host."""
    name = f"motcua-{purpose}" if purpose else "motcua"
    return f"__Host-{name}" if settings.is_https else name


def set_cookie(
    response: BaseResponse, settings: Settings, purpose: str, value: str, *, days: int | None = None
) -> None:
    """Set a cookie of ours: no script reads it, no other site sends it; without ``days`` it ends with the browser."""
    response.set_cookie(
        cookie_name(settings, purpose),
        value,
        max_age=days * 86_400 if days is not None else None,
        secure=settings.is_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )
